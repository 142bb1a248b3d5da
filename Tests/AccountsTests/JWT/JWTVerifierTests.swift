import Accounts
import Crypto
import Model
import Synchronization
import Testing
import Wire

@Suite struct JWTVerifierTests {
    private let server = KeyServer()
    private let key = SigningKey("k1")

    private func refusal(_ verifier: JWTVerifier, _ token: String) async -> JWTFault? {
        do throws(JWTFault) {
            _ = try await verifier.principal(token)
            return nil
        } catch {
            return error
        }
    }

    @Test func `claims become a principal`() async throws {
        server.show(key)
        let principal = try await server.verifier().principal(try key.sign(server.claims()))
        #expect(
            principal
                == Principal(
                    id: "jwt:https://id.test#ann", name: "ann", scopes: [.read, .send],
                    accounts: [AccountID(rawValue: "acc_1")],
                    expiresAt: server.now.advanced(by: .seconds(300))))
    }

    @Test func `the settings say which claims, and what admin is worth`() async throws {
        server.show(key)
        let claims = server.claims([
            "scope": nil, "scp": #"["mb:admin","mb:read","read","mb:nonsense"]"#, "accounts": nil, "boxes": #""*""#,
        ])
        func principal(_ mayAdminister: Bool) async throws -> Principal {
            try await server.verifier {
                $0.scopesClaim = "scp"
                $0.scopePrefix = "mb:"
                $0.accountsClaim = "boxes"
                $0.mayAdminister = mayAdminister
            }.principal(try key.sign(claims))
        }
        #expect(try await principal(false).scopes == [.read])
        #expect(try await principal(true).scopes == [.read, .admin])
        #expect(try await principal(true).accounts == nil)
    }

    @Test func `no claim about accounts means none`() async throws {
        server.show(key)
        let principal = try await server.verifier().principal(try key.sign(server.claims(["accounts": nil])))
        #expect(principal.accounts == [])
    }

    @Test(
        arguments: [
            ["aud": "\"somebody\""], ["aud": nil], ["aud": "[\"a\",\"b\"]"], ["iss": "\"https://evil.test\""],
            ["iss": nil], ["sub": nil], ["exp": nil], ["exp": "\"1900000000\""], ["exp": "1799999000"],
            ["exp": "1e300"], ["nbf": "1800000100"], ["iat": "1800000100"],
        ] as [[String: String?]]) func `a claim that is wrong`(changes: [String: String?]) async throws
    {
        server.show(key)
        #expect(await refusal(server.verifier(), try key.sign(server.claims(changes))) == .invalid)
    }

    /// An ID token lies with every client that somebody signed in to, and has its name as audience.
    @Test func `a token for a client of a provider is none for us, unless it says that it is for access`() async throws
    {
        server.show(key)
        let verifier = server.verifier(clients: ["mailbridge"])
        #expect(await refusal(verifier, try key.sign(server.claims())) == .invalid)
        let header = #"{"alg":"ES256","typ":"at+jwt","kid":"k1"}"#
        #expect(await refusal(verifier, try key.sign(server.claims(), header: header)) == nil)
    }

    @Test func `a token that has expired since`() async throws {
        server.show(key)
        let (verifier, token) = (server.verifier(), try key.sign(server.claims()))
        server.advance(.seconds(320))
        #expect(await refusal(verifier, token) == nil, "clocks differ a little")
        server.advance(.seconds(11))
        #expect(await refusal(verifier, token) == .invalid)
    }

    @Test func `alg none, the public key as a shared secret, and other headers of an attacker`() async throws {
        server.show(key)
        let claims = SigningKey.encode(server.claims())
        let none = SigningKey.encode(#"{"alg":"none","typ":"JWT","kid":"k1"}"#)
        let shared = SigningKey.encode(#"{"alg":"HS256","typ":"JWT","kid":"k1"}"#) + "." + claims
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(shared.utf8), using: SymmetricKey(data: key.publicOctets))
        let good = try key.sign(server.claims())
        let parts = good.split(separator: ".").map(String.init)
        let forged = [
            "\(none).\(claims).", "\(none).\(claims).\(parts[2])", "\(shared).\(Base64.encodeURLSafe(Array(code)))",
            // Other claims under the same signature, a cut one, another key's, and an ID token that is a logout token.
            "\(parts[0]).\(SigningKey.encode(server.claims(["sub": "\"eve\""]))).\(parts[2])",
            String(good.dropLast(4)), try SigningKey("k1").sign(server.claims()),
            try key.sign(server.claims(), header: #"{"alg":"ES256","typ":"logout+jwt","kid":"k1"}"#),
            try key.sign(server.claims(), header: #"{"alg":"ES256","crit":["x"],"x":1,"kid":"k1"}"#),
            try key.sign(server.claims(), header: #"{"alg":"RS256","kid":"k1"}"#),
            try key.sign(server.claims(), header: #"{"alg":"ES256","kid":"unknown"}"#),
            try key.sign(server.claims(), header: #"{"alg":"ES256","jku":"https://evil.test","kid":"e"}"#),
            "..", "a.b.c", "\(parts[0]).\(parts[1])",
        ]
        let verifier = server.verifier()
        for token in forged { #expect(await refusal(verifier, token) == .invalid, "\(token)") }
        #expect(await refusal(verifier, good) == nil)
    }

    @Test func `a key that is new is fetched, a made-up one not again and again`() async throws {
        let next = SigningKey("k2")
        server.show(key)
        let verifier = server.verifier()
        #expect(await refusal(verifier, try key.sign(server.claims())) == nil)
        server.show(key, next)
        server.advance(.seconds(31))
        #expect(await refusal(verifier, try next.sign(server.claims())) == nil)
        #expect(await refusal(verifier, try key.sign(server.claims())) == nil)
        #expect(server.state.withLock { $0.fetches } == 2)
        for number in 0..<20 {
            #expect(await refusal(verifier, try SigningKey("made-up-\(number)").sign(server.claims())) == .invalid)
        }
        #expect(server.state.withLock { $0.fetches } == 2)
        // Withdrawn: after ten minutes the set is read anew, and the old key is none any more.
        server.show(next)
        server.advance(.seconds(601))
        #expect(await refusal(verifier, try next.sign(server.claims())) == nil)
        #expect(await refusal(verifier, try key.sign(server.claims())) == .invalid)
    }

    @Test func `the server of the keys may be down for a day, not longer`() async throws {
        server.show(key)
        let verifier = server.verifier()
        server.state.withLock { $0.isDown = true }
        #expect(await refusal(verifier, try key.sign(server.claims())) == .keysUnavailable)
        server.state.withLock { $0.isDown = false }
        server.advance(.seconds(31))
        #expect(await refusal(verifier, try key.sign(server.claims())) == nil)
        server.state.withLock { $0.isDown = true }
        server.advance(.seconds(86_000))
        #expect(await refusal(verifier, try key.sign(server.claims())) == nil)
        server.advance(.seconds(401))
        #expect(await refusal(verifier, try key.sign(server.claims())) == .invalid)
    }
}
