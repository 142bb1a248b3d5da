import API
import Model
import Wire

extension StubEngines: HealthVerbs {
    func health(of account: AccountID) async throws -> AccountHealth {
        try note("health \(account)")
        return Sample.health
    }
}

extension StubEngines: TokenVerbs {
    func create(
        name: String, scopes: Set<Scope>, accounts: Set<AccountID>?, expiresIn: Duration?
    ) async throws -> (token: Token, secret: Secret) {
        try note("token \(name)")
        return (Sample.token, Secret("mb_secret"))
    }

    func list(limit: Int, cursor: String?) async throws -> Page<Token> {
        try note("tokens limit \(limit)")
        return Page(data: [Sample.token], nextCursor: nil)
    }

    func revoke(_ id: TokenID) async throws { try note("revoke \(id)") }

    /// The bearer says what it may: `admin`, `read.write`, `read@acc_1`; anything else is unknown.
    func principal(bearer: String) async throws -> Principal? {
        let parts = bearer.split(separator: "~")
        let scopes = parts[0].split(separator: ".").compactMap { Scope(rawValue: String($0)) }
        guard !scopes.isEmpty else { return nil }
        let accounts = parts.count > 1 ? Set([AccountID(rawValue: String(parts[1]))]) : nil
        return Principal(id: bearer, name: bearer, scopes: Set(scopes), accounts: accounts)
    }
}
