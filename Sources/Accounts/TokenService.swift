package import Model
package import Store
import Synchronization
package import Wire

/// The verbs on API tokens: make, show, revoke, and tell who a bearer is.
package struct TokenService: Sendable {
    private let store: MailStore
    private let adminToken: Secret?
    private let known = KnownTokens()
    private let uses = TokenUses()
    private let signed: JWTVerifier?
    private let now: @Sendable () -> Timestamp

    /// The token of the settings may do everything and is stored nowhere.
    ///
    /// `signed` checks the tokens of identity providers, where there are some.
    package init(
        store: MailStore, adminToken: Secret?, signed: JWTVerifier? = nil,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.store = store
        self.adminToken = adminToken
        self.signed = signed
        self.now = now
    }

    /// Makes a token; its secret is in the answer and never again anywhere.
    package func create(_ draft: TokenDraft) async throws -> (token: Token, secret: Secret) {
        let faults = Self.faults(draft)
        guard faults.isEmpty else { throw AccountError.invalid(faults) }
        let created = now()
        let token = Token(
            id: TokenID(rawValue: IdentifierGenerator.make(prefix: "tok")), name: draft.name, scopes: draft.scopes,
            accounts: draft.accounts, addresses: draft.addresses, rateLimit: draft.rateLimit, createdAt: created,
            expiresAt: draft.expiresIn.map { created.advanced(by: $0) })
        let secret = TokenSecret.make()
        try await store.tokens.insert(token, secret: secret)
        return (token, secret)
    }

    /// Oldest first.
    package func list(limit: Int, cursor: String?) async throws -> Page<Token> {
        try await store.tokens.list(after: try pageCursor(cursor), limit: limit)
    }

    /// Ends a token at once.
    package func revoke(_ id: TokenID) async throws {
        let existed = try await store.tokens.delete(id)
        known.forget(id)
        store.tell(.tokens)
        guard existed else { throw AccountError.tokenNotFound(id) }
    }

    /// Another process has revoked some: all are looked up again.
    package func forgetAll() { known.forgetAll() }

    /// Who presents this bearer token; nil where it is unknown, revoked or expired.
    package func principal(bearer: String) async throws -> Principal? {
        let secret = Secret(bearer)
        if let adminToken, !adminToken.isEmpty, adminToken == secret {
            return Principal(id: Principal.settingsID, name: "admin", scopes: [.admin], accounts: nil)
        }
        if let signed, JWTVerifier.looksSigned(bearer) {
            do throws(JWTFault) {
                return try await signed.principal(bearer)
            } catch {
                guard case .keysUnavailable = error else { return nil }
                throw AccountError.identityProviderUnavailable
            }
        }
        // What cannot be a token does not reach the database.
        guard TokenSecret.isWellFormed(bearer) else { return nil }
        let now = now()
        let remembered = known.token(for: secret, now: now)
        let token: Token
        if let found = remembered.token {
            token = found
        } else {
            guard let found = try await store.tokens.token(secret: secret) else { return nil }
            known.remember(found, for: secret, now: now, generation: remembered.generation)
            token = found
        }
        if let expiresAt = token.expiresAt, expiresAt <= now { return nil }
        if uses.isNews(token.id, now) {
            // That it cannot be noted is no reason to refuse.
            try? await store.tokens.noteUse(token.id, at: now)
        }
        return Principal(
            id: token.id.rawValue, name: token.name, scopes: token.scopes, accounts: token.accounts,
            addresses: token.addresses, rateLimit: token.rateLimit)
    }

    private static func faults(_ draft: TokenDraft) -> [FieldFault] {
        let (name, scopes, accounts, expiresIn) = (draft.name, draft.scopes, draft.accounts, draft.expiresIn)
        var faults: [FieldFault] = []
        if let addresses = draft.addresses, addresses.isEmpty {
            faults.append(FieldFault(pointer: "/addresses", detail: "names no address; leave it out for all"))
        }
        if let rate = draft.rateLimit, !Limits.rateLimit.contains(rate) {
            faults.append(FieldFault(pointer: "/rateLimit", detail: "must be from 1 to 1000000 requests a minute"))
        }
        if name.isEmpty || name.count > Limits.nameLength || name.utf8.contains(where: isControl) {
            faults.append(FieldFault(pointer: "/name", detail: "takes 1 to \(Limits.nameLength) printable characters"))
        }
        if scopes.isEmpty { faults.append(FieldFault(pointer: "/scopes", detail: "names no scope")) }
        if let accounts, accounts.isEmpty {
            faults.append(FieldFault(pointer: "/accounts", detail: "names no account; leave it out for all"))
        }
        if let expiresIn, expiresIn <= .zero || expiresIn > Limits.tokenLifetime {
            faults.append(FieldFault(pointer: "/expiresIn", detail: "must be positive and at most ten years"))
        }
        return faults
    }
}

/// How a token's secret is written: `mb_` and 256 random bits in base64url.
enum TokenSecret {
    static func make() -> Secret { Secret("mb_" + Base64.encodeURLSafe(RandomOctets.make(32))) }

    static func isWellFormed(_ text: String) -> Bool { text.utf8.count == 46 && text.hasPrefix("mb_") }
}
