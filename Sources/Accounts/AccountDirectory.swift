package import MailClient
package import Model
package import Store
import Synchronization

/// What happened to an account that somebody holds sessions for.
package enum AccountChange: Sendable, Equatable {
    case created
    /// Other settings, disabled, or a reconnect was asked for: close its sessions, and ask for its login again.
    case changed
    case deleted
}

/// Answers, many times a second and from memory, how to log in to an account's servers; and tells who has to know when that changes.
package final class AccountDirectory: Sendable {
    package typealias ChangeHandler = @Sendable (AccountID, AccountChange) async -> Void

    private struct Entry {
        var account: Account
        var credentials: AccountCredentials
    }

    private struct State {
        var entries: [AccountID: Entry] = [:]
        /// Grows with every invalidation, so that what was read before one is not remembered after it.
        var generation = 0
        var handlers: [ChangeHandler] = []
    }

    private let store: MailStore
    private let state = Mutex(State())
    private let contacts: AccountContacts
    private let accessTokens: AccessTokens?

    package init(store: MailStore, accessTokens: AccessTokens? = nil) {
        self.store = store
        self.accessTokens = accessTokens
        contacts = AccountContacts(store: store)
    }

    /// Endpoint and credentials, and the revision they belong to: a session made with an older one is to be closed.
    ///
    /// Throws `AccountError.notFound` and `.disabled`, and `MailClientError.notConfigured` where there is no such server.
    package func login(
        for id: AccountID, _ mailProtocol: MailProtocol
    ) async throws -> (login: ServerLogin, revision: Int64) {
        let entry = try await entry(for: id)
        guard entry.account.state != .disabled else { throw AccountError.disabled(id) }
        guard let server = entry.account.servers[mailProtocol],
            let credentials = entry.credentials.credentials(for: mailProtocol)
        else { throw MailClientError.notConfigured(mailProtocol) }
        var login = ServerLogin(endpoint: server.endpoint, credentials: credentials)
        if case .oauth2(let grant) = credentials.authentication {
            login.tokens = tokens(grant, of: id, entry.credentials.own[mailProtocol] == nil ? nil : mailProtocol)
        }
        return (login, entry.account.revision)
    }

    /// Where the tokens of a stored account's grant come from; nil holder for its common credentials.
    func tokens(_ grant: OAuthGrant, of id: AccountID, _ holder: MailProtocol?) -> AccessTokenSource? {
        accessTokens?.source(OAuthHolder(account: id, mailProtocol: holder), grant)
    }

    /// Renews tokens that nobody has needed for so long that their refresh tokens might end of it.
    package func renewIdleTokens(now: Timestamp = .now()) async throws {
        let since = now.advanced(by: .zero - Limits.idleTokens)
        for holder in try await store.oauthTokens.idle(since: since, limit: Limits.idleTokensAtOnce) {
            // One account's trouble is told where it is used.
            guard let entry = try? await entry(for: holder.account),
                let credentials = holder.mailProtocol.map({ entry.credentials.own[$0] }) ?? entry.credentials.shared,
                case .oauth2(let grant) = credentials.authentication
            else { continue }
            _ = try? await accessTokens?.token(holder, grant)
        }
    }

    /// The account's settings, from memory; its `state` and `lastError` may lag behind `AccountService.account`.
    package func settings(of id: AccountID) async throws -> Account { try await entry(for: id).account }

    /// What the account's mail is signed with, from memory.
    package func signingSecrets(of id: AccountID) async throws -> [SigningSecret] {
        try await entry(for: id).credentials.signing
    }

    /// Calls `handler` after each change is stored, and waits for it: pools close the sessions of the account there.
    package func onChange(_ handler: @escaping ChangeHandler) {
        state.withLock { $0.handlers.append(handler) }
    }

    /// Tells how an attempt to use a server ended: `nil` where it let us in.
    ///
    /// The store hears of it only when that is news.
    package func noteContact(_ id: AccountID, _ mailProtocol: MailProtocol, error: MailClientError?) async {
        await contacts.note(id, mailProtocol, error: error)
    }

    /// Tells that the account's mail begins, or ends, to be read for the first time.
    package func noteSyncing(_ id: AccountID, _ isSyncing: Bool) async {
        await contacts.noteSyncing(id, isSyncing)
    }

    /// Forgets what is known about the account and tells all who hold sessions for it, in other processes too where it is news.
    package func announce(_ change: AccountChange, of id: AccountID, isNews: Bool = true) async {
        let handlers = state.withLock { state in
            state.entries[id] = nil
            state.generation += 1
            return state.handlers
        }
        contacts.forget(id)
        await accessTokens?.forget(id)
        for handler in handlers { await handler(id, change) }
        guard isNews else { return }
        switch change {
        case .created: store.tell(.leases)
        case .changed: store.tell(.accountChanged(id))
        case .deleted: store.tell(.accountDeleted(id))
        }
    }

    /// Something may have changed that nobody told us of: everything is read again when it is asked for.
    package func forgetAll() {
        state.withLock { state in
            state.entries = [:]
            state.generation += 1
        }
    }

    private func entry(for id: AccountID) async throws -> Entry {
        let (known, generation) = state.withLock { ($0.entries[id], $0.generation) }
        if let known { return known }
        guard let (account, credentials) = try await store.accounts.opened(id) else { throw AccountError.notFound(id) }
        let entry = Entry(account: account, credentials: credentials)
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= Limits.cachedAccounts, let victim = state.entries.keys.randomElement() {
                state.entries[victim] = nil
            }
            state.entries[id] = entry
        }
        return entry
    }
}
