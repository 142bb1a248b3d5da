import API
import Accounts
import Model
import Synchronization
import Wire

extension StubEngines: HealthVerbs {
    func health(of account: AccountID) async throws -> AccountHealth {
        try note("health \(account)")
        return Sample.health
    }
}

extension StubEngines: TokenVerbs {
    func create(_ draft: TokenDraft) async throws -> (token: Token, secret: Secret) {
        try note("token \(draft.name)")
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

extension StubEngines: AuditVerbs {
    func note(_ entry: AuditEntry) { audited.withLock { $0.append(entry) } }

    func list(account: AccountID?, principal: String?, limit: Int, cursor: String?) async throws -> Page<AuditEntry> {
        try note("audit of \(account?.rawValue ?? "-") by \(principal ?? "-") limit \(limit)")
        return Page(
            data: [
                AuditEntry(
                    id: "aud_1", at: Timestamp(milliseconds: 1_800_000_000_000), principal: "tok_1",
                    operation: "deleteAccount", account: Sample.account.id, status: 204, address: "192.0.2.1",
                    requestID: "req_1")
            ], nextCursor: nil)
    }
}

extension StubEngines: AuthorizationVerbs {
    static let authorization = Authorization(
        id: "auth_1", email: "ann@example.org", provider: "acme", account: nil, name: nil,
        returnURL: "https://app.example/done", createdAt: Timestamp(milliseconds: 1_800_000_000_000),
        expiresAt: Timestamp(milliseconds: 1_800_003_600_000))

    var providerOrigins: [(name: String, origin: String)] { [("acme", "https://acme.test")] }

    func create(_ draft: AuthorizationDraft) async throws -> (authorization: Authorization, url: String?) {
        try note("authorization of \(draft.email ?? "-") device \(draft.usesDevice)")
        return (Self.authorization, "https://mail.example/connect/link")
    }

    func authorization(_ id: String) async throws -> Authorization {
        try note("authorization \(id)")
        return Self.authorization
    }

    func redeem(_ result: String) async throws -> Authorization {
        try note("redeem")
        return Self.authorization
    }

    func page(_ link: String) async throws -> Authorization {
        try note("page")
        guard link == "link" else { throw AuthorizationError.over }
        var authorization = Self.authorization
        authorization.email = "<ann>@example.org"
        authorization.provider = nil
        return authorization
    }

    func reopened(_ link: String) async throws -> String {
        guard link == "again.x.y" else { throw AuthorizationError.over }
        return "https://mail.example/connect/link"
    }

    func begin(_ link: String, cookie: Secret, email: String?, provider: String) async throws -> String {
        try note("begin \(provider)")
        return "https://acme.test/authorize?state=x"
    }

    func complete(
        _ answer: AuthorizationService.ProviderAnswer, cookie: Secret?
    ) async throws -> AuthorizationService.Ending {
        try note("complete \(answer.state) \(answer.issuer ?? "-") cookie \(cookie != nil)")
        guard cookie != nil else { throw AuthorizationError.over }
        return AuthorizationService.Ending(authorization: Self.authorization, url: "https://app.example/done?result=r")
    }

    func connect(
        _ link: String, email: String, password: Secret, servers: [MailProtocol: ServerEndpoint]
    ) async throws -> AuthorizationService.Ending {
        try note("connect \(email) \(servers[.imap]?.host ?? "-")")
        throw AuthorizationError.failed("imap: the server refused \"it\" <b>")
    }
}
