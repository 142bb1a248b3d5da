import HTTP
import HTTPServer
import Model

/// `/v1/accounts`, `/v1/verify` and `/v1/discover`.
enum AccountOperations {
    static let all = [
        Operation(
            "createAccount", .post, "/v1/accounts", .admin, query: ["verify"], accepts: ["application/json"],
            waits: true, handler: create),
        Operation("listAccounts", .get, "/v1/accounts", .read, query: ["limit", "cursor"], handler: list),
        Operation("getAccount", .get, "/v1/accounts/{account}", .read, handler: show),
        Operation(
            "updateAccount", .patch, "/v1/accounts/{account}", .admin, query: ["verify"],
            accepts: ["application/merge-patch+json", "application/json"], waits: true, handler: update),
        Operation("deleteAccount", .delete, "/v1/accounts/{account}", .admin, handler: remove),
        Operation("getAccountHealth", .get, "/v1/accounts/{account}/health", .read, handler: health),
        Operation(
            "reconnectAccount", .post, "/v1/accounts/{account}/reconnect", .write, waits: true, handler: reconnect),
        Operation(
            "verifySettings", .post, "/v1/verify", .admin, accepts: ["application/json"], waits: true, handler: verify),
        Operation(
            "discoverSettings", .post, "/v1/discover", .admin, accepts: ["application/json"], waits: true,
            handler: discover),
    ]

    private static func create(_ call: Call) async throws -> HTTPResponse {
        let faults = FaultCollector()
        let verify = call.query.bool("verify", faults) ?? true
        let draft = try call.json().read(faults, AccountDraft.read)
        let account = try await call.dependencies.accounts.create(draft, verify: verify, deadline: call.deadline)
        return .json(account, .created, tag: account.tag).located(at: ResourcePath.account(account.id))
    }

    private static func list(_ call: Call) async throws -> HTTPResponse {
        try await call.page { limit, cursor in
            try await call.dependencies.accounts.list(limit: limit, cursor: cursor, visible: call.principal.accounts)
        }
    }

    private static func show(_ call: Call) async throws -> HTTPResponse {
        let account = try await call.dependencies.accounts.account(call.account())
        if try call.alreadyHas(account.tag) { return .notModified(account.tag) }
        return .json(account, tag: account.tag)
    }

    private static func update(_ call: Call) async throws -> HTTPResponse {
        let faults = FaultCollector()
        let verify = call.query.bool("verify", faults) ?? true
        let patch = try call.json().read(faults, AccountPatch.read)
        if call.principal.accounts != nil, patch.wantsApplicationAccess {
            throw Problem(
                .accountForbidden, "The application's own access opens any mailbox; the token is bound to some.")
        }
        let account = try await call.dependencies.accounts.update(
            call.account(), with: patch, ifRevision: ifRevision(call), verify: verify, deadline: call.deadline)
        return .json(account, tag: account.tag)
    }

    private static func remove(_ call: Call) async throws -> HTTPResponse {
        try await call.dependencies.accounts.delete(call.account(), ifRevision: ifRevision(call))
        return HTTPResponse(.noContent)
    }

    private static func health(_ call: Call) async throws -> HTTPResponse {
        .json(try await call.dependencies.health.health(of: call.account()))
    }

    private static func reconnect(_ call: Call) async throws -> HTTPResponse {
        let account = try await call.dependencies.accounts.reconnect(call.account(), deadline: call.deadline)
        return .json(account, tag: account.tag)
    }

    private static func verify(_ call: Call) async throws -> HTTPResponse {
        let draft = try call.json().read(FaultCollector(), AccountDraft.read)
        return .json(Verification(results: try await call.dependencies.accounts.verify(draft, deadline: call.deadline)))
    }

    private static func discover(_ call: Call) async throws -> HTTPResponse {
        let email = try call.json().read(FaultCollector()) { reader in reader.required("email").flatMap { $0.line() } }
        return .json(try await call.dependencies.discovery.discover(email, deadline: call.deadline))
    }

    /// The revision that `If-Match` asks for.
    ///
    /// A tag also changes with `state`, which nobody edits; so what counts of it is the revision, and the store
    /// compares it in the transaction that changes the account. Of several tags the current one is looked up first.
    private static func ifRevision(_ call: Call) async throws -> Int64? {
        guard case .tags(let tags) = try call.condition(.ifMatch) else { return nil }
        let revisions = tags.filter { !$0.isWeak }.compactMap(Account.revision(of:))
        if revisions.count == 1 { return revisions[0] }
        let current = try await call.dependencies.accounts.account(call.account()).revision
        guard revisions.contains(current) else {
            throw Problem(.preconditionFailed, "The account has none of these entity tags.")
        }
        return current
    }
}

extension Account {
    /// `<revision>.<what the rest shows>`.
    var tag: EntityTag {
        let fault = lastError.map { [$0.mailProtocol.rawValue, $0.code, $0.text, $0.at.description] } ?? []
        return EntityTag("\(revision).\(EntityTag.of([state.rawValue, updatedAt.description] + fault).value)")
    }

    static func revision(of tag: EntityTag) -> Int64? { tag.value.split(separator: ".").first.flatMap { Int64($0) } }
}
