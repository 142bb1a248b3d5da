import FoundationEssentials
import JWTKit
package import Model
import Representation
import Wire

/// Why a signed token is not believed.
package enum JWTFault: Error, Sendable, Equatable {
    /// Expired, forged, for somebody else, of an algorithm or an issuer that the settings do not name.
    case invalid
    /// The issuer's keys cannot be had now: nobody can tell.
    case keysUnavailable
}

/// Makes principals of tokens that identity providers of the settings have signed (RFC 7519, 8725, 9068).
package final class JWTVerifier: Sendable {
    private struct Source: Sendable {
        let issuer: JWTIssuer
        let keys: SigningKeys
    }

    private let sources: [String: Source]
    /// What clients of the providers are called: an audience of tokens that are not meant for services.
    private let clients: Set<String>
    private let now: @Sendable () -> Timestamp

    package init(
        _ issuers: [JWTIssuer], clients: Set<String> = [], send: @escaping WebSender,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.clients = clients
        var sources: [String: Source] = [:]
        for issuer in issuers {
            sources[issuer.issuer] = Source(issuer: issuer, keys: SigningKeys(issuer, send: send, now: now))
        }
        self.sources = sources
        self.now = now
    }

    /// Whether a bearer has the shape of a signed token; ours have no dots.
    package static func looksSigned(_ bearer: String) -> Bool {
        bearer.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2
    }

    package func principal(_ token: String) async throws(JWTFault) -> Principal {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let name = claims["iss"]?.text, let source = sources[name]
        else { throw .invalid }
        // The header is the attacker's to write: the algorithm is one of the settings', and extensions are none of ours.
        guard let algorithm = header["alg"]?.text, source.issuer.algorithms.contains(algorithm),
            header["crit"] == nil, Self.types.contains(header["typ"]?.text?.lowercased() ?? "jwt")
        else { throw .invalid }
        // An ID token tells a client who somebody is, and may lie in many places; it opens nothing (RFC 9068, 4 and RFC 8725, 3.11).
        let isForAccess = Self.accessTypes.contains(header["typ"]?.text?.lowercased() ?? "")
        guard isForAccess || !clients.contains(source.issuer.audience) else { throw .invalid }
        guard let key = try await source.keys.key(header["kid"]?.text), Self.fits(key, algorithm) else {
            throw .invalid
        }
        do {
            var named = key
            named.keyIdentifier = JWKIdentifier(string: "key")
            named.algorithm = JWK.Algorithm(rawValue: algorithm)
            // A collection of this one key: no other can be meant.
            let keys = try await JWTKeyCollection().add(jwk: named)
            _ = try await keys.verify(token, as: Empty.self)
        } catch {
            throw .invalid
        }
        return try principal(claims, source.issuer)
    }

    private struct Empty: JWTPayload {
        func verify(using algorithm: some JWTAlgorithm) {}
    }

    private static let accessTypes: Set<String> = ["at+jwt", "application/at+jwt"]
    private static let types = accessTypes.union(["jwt"])

    /// A key is used with the algorithm that it says, and never with one of another family.
    private static func fits(_ key: JWK, _ algorithm: String) -> Bool {
        if let own = key.algorithm, own.rawValue != algorithm { return false }
        switch algorithm.prefix(2) {
        case "RS", "PS": return key.keyType == .rsa
        case "ES": return key.keyType == .ecdsa
        default: return key.keyType == .octetKeyPair
        }
    }

    private func principal(_ claims: JSONValue, _ issuer: JWTIssuer) throws(JWTFault) -> Principal {
        let seconds = Int(now().milliseconds / 1000)
        let leeway = Limits.clockLeeway
        guard let subject = claims["sub"]?.text, let expiry = claims["exp"]?.time, expiry + leeway > seconds,
            (claims["nbf"]?.time ?? 0) <= seconds + leeway, (claims["iat"]?.time ?? 0) <= seconds + leeway,
            claims["aud"]?.texts.contains(issuer.audience) == true
        else { throw .invalid }
        var scopes = Set(
            (claims[issuer.scopesClaim]?.texts ?? []).compactMap { text -> Scope? in
                guard text.hasPrefix(issuer.scopePrefix) else { return nil }
                return Scope(rawValue: String(text.dropFirst(issuer.scopePrefix.count)))
            })
        if !issuer.mayAdminister { scopes.remove(.admin) }
        let accounts = claims[issuer.accountsClaim]?.texts ?? []
        return Principal(
            id: "\(Principal.foreignPrefix)\(issuer.issuer)#\(subject)", name: subject, scopes: scopes,
            accounts: accounts.contains("*") ? nil : Set(accounts.map(AccountID.init(rawValue:))),
            expiresAt: Timestamp(milliseconds: Int64(expiry) * 1000))
    }

    private static func object(_ part: String) -> JSONValue? {
        guard let octets = Base64.decodeURLSafe(part), let value = try? JSONParser.parse(octets),
            case .object = value
        else { return nil }
        return value
    }
}

extension JSONValue {
    /// A list of strings, or one string of words.
    fileprivate var texts: [String] {
        switch self {
        case .string(let text): text.split(separator: " ").map(String.init)
        case .array(let elements): elements.compactMap(\.text)
        default: []
        }
    }

    /// NumericDate (RFC 7519 section 2), never a string, within reason.
    fileprivate var time: Int? {
        guard case .number = self, let seconds = wholeNumber, (0...99_999_999_999).contains(seconds) else { return nil }
        return seconds
    }
}
