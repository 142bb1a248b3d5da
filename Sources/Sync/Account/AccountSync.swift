import Logging
import MailClient
import Model
import Store

/// What the parts of one account's sync share.
struct AccountSync: Sendable {
    let lease: AccountLease
    let store: MailStore
    let sessions: AccountSessions
    let board: SyncBoard
    /// Whether NOTIFY is used where the server has it.
    let usesNotify: Bool
    /// How often mailboxes that nothing tells us of are asked about.
    let pollInterval: Duration
    let logger: Logger
    /// When the account was made: what came to it since is news, whether or not we had looked already.
    let createdAt: Timestamp
    let rules: AccountSyncRules

    var account: AccountID { lease.account }

    /// How long a server may take to end an IDLE: with the interval, how long a dead connection goes unnoticed.
    var patience: Duration { min(Limits.patience, max(Limits.shortestPatience, pollInterval)) }

    /// From when on a message that was there at the first look is news all the same.
    ///
    /// INTERNALDATE has whole seconds. In a mailbox that appeared after the account was read, all that arrived since then counts; in one
    /// that the user wants only now, what arrived after he said so: what came in that very second may have been announced before.
    func newsSince(_ mailbox: MailboxRecord, firstSynced: Timestamp?) -> Timestamp {
        guard let firstSynced, mailbox.seenAt > firstSynced else { return newsSince }
        let wanted = rules.since.wholeSecond.advanced(by: .seconds(1))
        return mailbox.seenAt > rules.since ? max(firstSynced.wholeSecond, wanted) : firstSynced.wholeSecond
    }

    /// The same for what was there when the account was added.
    var newsSince: Timestamp { min(createdAt, rules.rules.announceSince ?? createdAt).wholeSecond }

    /// Stores what was found, and the events that tell of it.
    func commit(_ changes: [MailboxChange], deleted: [MailboxRecord] = [], resets: [MailboxRecord] = []) async throws {
        guard !changes.isEmpty || !deleted.isEmpty else { return }
        let account = account
        let outcome = try await store.sync.commit(changes, deleted: deleted, lease) { transitions in
            resets.map { EventPlan.reset($0, of: account) } + EventPlan.events(for: transitions, of: account)
                + deleted.map { EventPlan.deleted($0, of: account) }
        }
        if !outcome.events.isEmpty { board.update(account) { $0.lastEventAt = .now() } }
    }
}

extension Timestamp {
    fileprivate var wholeSecond: Timestamp { Timestamp(milliseconds: milliseconds / 1000 * 1000) }
}
