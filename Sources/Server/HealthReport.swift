import API
import Accounts
import IMAP
import MailClient
import Mapping
import Model
import POP3
import Sync

/// An account's health document: what accounts, sessions and sync know of it, put together.
struct HealthReport: HealthVerbs {
    let accounts: AccountService
    let sessions: AccountSessions
    let board: SyncBoard
    let usesNotify: Bool

    func health(of id: AccountID) async throws -> AccountHealth {
        let account = try await accounts.account(id)
        var health = AccountHealth(account: id, state: account.state, at: .now())
        for name in account.servers.keys {
            health.servers[name] = server(name, of: account, sessions.contact(id, name))
        }
        guard let keeper = account.keeper else { return health }
        let status = board[id]
        if keeper == .pop3 {
            health.features = status?.maildrop.map { ServerFeatures.maildrop($0.names.sorted()) } ?? []
        } else if let capabilities = status?.capabilities {
            health.features = ServerFeatures.all(
                capabilities, usesNotify: usesNotify, resyncs: status?.tier == .qresync)
        }
        health.sync =
            status.map(SyncHealth.init) ?? SyncHealth(phase: SyncStatus.Phase.waiting.rawValue, since: health.at)
        return health
    }

    private func server(_ name: MailProtocol, of account: Account, _ contact: ServerContact) -> ServerHealth {
        var health = ServerHealth(
            state: .unused, lastContactAt: contact.lastContactAt, sessions: contact.sessions,
            capabilities: contact.capabilities)
        if let fault = account.lastError, fault.mailProtocol == name { health.lastError = fault }
        var isConnecting = contact.sessions.connecting > 0
        if name == .pop3, let status = board[account.id] {
            health.lastContactAt = [contact.lastContactAt, status.lastContactAt].compactMap(\.self).max()
            health.lastError = status.lastError ?? health.lastError
            health.serverName = status.serverName
            let capabilities = status.maildrop ?? contact.maildrop
            health.capabilities = capabilities?.names.sorted() ?? []
            health.expireDays = capabilities?.expiry?.days
            health.loginDelaySeconds = capabilities?.loginDelay
        }
        if name == .imap, let status = board[account.id] {
            health.lastContactAt = [contact.lastContactAt, status.lastContactAt].compactMap(\.self).max()
            health.lastError = status.lastError ?? health.lastError
            health.serverName = status.serverName
            health.capabilities = status.capabilities?.names ?? []
            health.sessions.watching = [.syncing, .watching].contains(status.phase) ? 1 : 0
            isConnecting = isConnecting || status.phase == .connecting
        }
        let use = health.sessions
        if use.lent + use.idle + use.watching > 0 {
            health.state = .connected
        } else if health.lastError != nil {
            // Also while it is tried again: that it works is known when it did.
            health.state = .failing
        } else if isConnecting {
            health.state = .connecting
        }
        return health
    }
}

extension SyncHealth {
    fileprivate init(_ status: SyncStatus) {
        self.init(
            phase: status.phase.rawValue, since: status.phaseSince,
            watching: status.phase == .watching ? status.watching?.rawValue : nil, tier: status.tier?.word,
            lastContactAt: status.lastContactAt, lastCheckedAt: status.lastCheckedAt, lastEventAt: status.lastEventAt,
            nextAttemptAt: status.phase == .backingOff ? status.nextAttemptAt : nil, lastError: status.lastError,
            mailboxes: status.mailboxes, remaining: status.remaining)
    }
}

extension SyncTier {
    fileprivate var word: String {
        switch self {
        case .qresync: "qresync"
        case .condStore: "condstore"
        case .plain: "compare"
        }
    }
}
