package import Model
package import Wire

/// The verbs on API tokens: make, show, revoke, and tell who a bearer is.
package struct TokenService: Sendable {
    /// Makes a token; its secret is in the answer and never again anywhere.
    package func create(
        name: String, scopes: Set<Scope>, accounts: Set<AccountID>?, expiresIn: Duration?
    ) async throws -> (token: Token, secret: Secret) { fatalError("being written") }

    package func list(limit: Int, cursor: String?) async throws -> Page<Token> { fatalError("being written") }

    package func revoke(_ id: TokenID) async throws { fatalError("being written") }

    /// Who presents this bearer token; nil where it is unknown, revoked or expired.
    package func principal(bearer: String) async throws -> Principal? { fatalError("being written") }
}
