import Accounts
import Crypto
import CryptoExtras
import JWTKit
import Model
import Synchronization
import Wire

/// An identity provider: its keys, the server that shows them, and the clock of the test.
final class KeyServer: Sendable {
    struct State {
        var now = Timestamp(milliseconds: 1_800_000_000_000)
        var shown: [String] = []
        var fetches = 0
        var isDown = false
    }

    let state = Mutex(State())
    static let issuer = "https://id.test"

    var now: Timestamp { state.withLock { $0.now } }

    func advance(_ duration: Duration) { state.withLock { $0.now = $0.now.advanced(by: duration) } }

    func show(_ keys: SigningKey...) { state.withLock { $0.shown = keys.map(\.jwk) } }

    func verifier(clients: Set<String> = [], _ change: (inout JWTIssuer) -> Void = { _ in }) -> JWTVerifier {
        var issuer = JWTIssuer(issuer: Self.issuer, audience: "mailbridge")
        change(&issuer)
        let send: WebSender = { request throws(WebFault) in
            guard let answer = self.answer(request.url) else { throw WebFault("down") }
            return answer
        }
        return JWTVerifier([issuer], clients: clients, send: send) { self.now }
    }

    private func answer(_ url: String) -> WebAnswer? {
        state.withLock { state in
            guard !state.isDown else { return nil }
            if url.hasSuffix("/.well-known/openid-configuration") {
                return Self.json("{\"issuer\":\"\(Self.issuer)\",\"jwks_uri\":\"\(Self.issuer)/keys\"}")
            }
            state.fetches += 1
            // A key of a kind that nobody knows, one for encryption, and one with rubbish stand beside.
            let strange = [
                #"{"kty":"XYZ","kid":"z"}"#, #"{"kty":"RSA","use":"enc","kid":"e","n":"AQAB","e":"AQAB"}"#, "5",
            ]
            return Self.json("{\"keys\":[\((strange + state.shown).joined(separator: ","))]}")
        }
    }

    private static func json(_ text: String) -> WebAnswer { WebAnswer(status: 200, body: Array(text.utf8)) }

    /// Claims that are good, with changes; a nil value leaves one out.
    func claims(_ changes: [String: String?] = [:]) -> String {
        let seconds = now.milliseconds / 1000
        var claims: [String: String?] = [
            "iss": "\"\(Self.issuer)\"", "sub": "\"ann\"", "aud": "\"mailbridge\"", "exp": "\(seconds + 300)",
            "iat": "\(seconds)", "scope": "\"read send\"", "accounts": "[\"acc_1\"]",
        ]
        for (name, value) in changes { claims[name] = value }
        return "{" + claims.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",") + "}"
    }
}

/// A key that signs, and how its public half is shown.
struct SigningKey: Sendable {
    let name: String
    private let key: P256.Signing.PrivateKey

    init(_ name: String) {
        self.name = name
        key = P256.Signing.PrivateKey()
    }

    var jwk: String {
        let point = Array(key.publicKey.rawRepresentation)
        let (x, y) = (Base64.encodeURLSafe(Array(point[..<32])), Base64.encodeURLSafe(Array(point[32...])))
        return "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"kid\":\"\(name)\",\"x\":\"\(x)\",\"y\":\"\(y)\"}"
    }

    /// The public key as an attacker would use it for a shared secret.
    var publicOctets: [UInt8] { Array(key.publicKey.pemRepresentation.utf8) }

    func sign(_ claims: String, header: String? = nil) throws -> String {
        let header = header ?? "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"\(name)\"}"
        let input = Self.encode(header) + "." + Self.encode(claims)
        let signature = try key.signature(for: Array(input.utf8))
        return input + "." + Base64.encodeURLSafe(Array(signature.rawRepresentation))
    }

    static func encode(_ text: String) -> String { Base64.encodeURLSafe(Array(text.utf8)) }
}
