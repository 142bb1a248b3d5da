import Representation

/// An identity provider of the user's own, whose signed tokens are bearer tokens here.
package struct JWTIssuer: Sendable, Equatable {
    /// The exact `iss`.
    package var issuer: String
    /// What must be among `aud`: a token made for somebody else is none for us.
    package var audience: String
    /// Where its keys are; nil: its metadata says.
    package var keysURL: String?
    /// `alg` of tokens that are believed; never `none`, never one with a shared secret.
    package var algorithms: Set<String>
    /// The claim with the ids of accounts; `*` in it means all of them.
    package var accountsClaim: String
    /// The claim with scopes, separated by spaces or as a list.
    package var scopesClaim: String
    /// What our scopes begin with there, for providers that share one list of scopes among services.
    package var scopePrefix: String
    /// Whether `admin` may come from there.
    package var mayAdminister: Bool

    package init(
        issuer: String, audience: String, keysURL: String? = nil, algorithms: Set<String> = ["RS256", "ES256"],
        accountsClaim: String = "accounts", scopesClaim: String = "scope", scopePrefix: String = "",
        mayAdminister: Bool = false
    ) {
        self.issuer = issuer
        self.audience = audience
        self.keysURL = keysURL
        self.algorithms = algorithms
        self.accountsClaim = accountsClaim
        self.scopesClaim = scopesClaim
        self.scopePrefix = scopePrefix
        self.mayAdminister = mayAdminister
    }

    static let knownAlgorithms: Set<String> = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]
}

/// Reads the setting with identity providers: one object, or a list of them.
package enum JWTSettings {
    package static func read(_ text: String) throws(OAuthProviderSettings.Fault) -> [JWTIssuer] {
        let value: JSONValue
        do {
            value = try JSONParser.parse(Array(text.utf8))
        } catch {
            throw OAuthProviderSettings.Fault(text: "it is not JSON: \(error)")
        }
        if case .array(let elements) = value {
            var issuers: [JWTIssuer] = []
            for element in elements { issuers.append(try issuer(element)) }
            return issuers
        }
        return [try issuer(value)]
    }

    private static let known: Set<String> = [
        "issuer", "audience", "jwksUrl", "algorithms", "accountsClaim", "scopesClaim", "scopePrefix", "allowAdmin",
    ]

    private static func issuer(_ value: JSONValue) throws(OAuthProviderSettings.Fault) -> JWTIssuer {
        guard case .object(let members) = value else { throw .init(text: "an issuer is not an object") }
        if let stray = members.first(where: { !known.contains($0.name) }) {
            throw .init(text: "an issuer has an unknown member \(stray.name)")
        }
        guard let name = value["issuer"]?.text, let audience = value["audience"]?.text else {
            throw .init(text: "issuer and audience are required")
        }
        var issuer = JWTIssuer(issuer: name, audience: audience, keysURL: value["jwksUrl"]?.text)
        if case .array(let elements)? = value["algorithms"] {
            issuer.algorithms = Set(elements.compactMap(\.text))
            guard !issuer.algorithms.isEmpty, issuer.algorithms.isSubset(of: JWTIssuer.knownAlgorithms) else {
                throw .init(text: "algorithms may be " + JWTIssuer.knownAlgorithms.sorted().joined(separator: ", "))
            }
        }
        if let claim = value["accountsClaim"]?.text { issuer.accountsClaim = claim }
        if let claim = value["scopesClaim"]?.text { issuer.scopesClaim = claim }
        if let prefix = value["scopePrefix"]?.text { issuer.scopePrefix = prefix }
        if case .bool(let flag)? = value["allowAdmin"] { issuer.mayAdminister = flag }
        return issuer
    }
}
