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
    let rules: SyncRules

    var account: AccountID { lease.account }

    /// How long a server may take to end an IDLE: with the interval, how long a dead connection goes unnoticed.
    var patience: Duration { min(Limits.patience, max(Limits.shortestPatience, pollInterval)) }

    /// From when on a message that was there at the first look is news all the same.
    ///
    /// INTERNALDATE has whole seconds. In a mailbox that appeared after the account was read, all that arrived since then counts; in one
    /// that was left out what arrived later than that: what came in the very second may have been announced before.
    func newsSince(_ mailbox: MailboxRecord, firstSynced: Timestamp?) -> Timestamp {
        if case .since(let time) = mailbox.standing { return time.wholeSecond.advanced(by: .seconds(1)) }
        guard let firstSynced, mailbox.seenAt > firstSynced else { return newsSince }
        return firstSynced.wholeSecond
    }

    /// Whether the mailbox appeared after the account was read: then what is in it was put there.
    func isLate(_ mailbox: MailboxRecord, firstSynced: Timestamp?) -> Bool {
        guard let firstSynced, mailbox.standing == .always else { return false }
        return mailbox.seenAt > firstSynced
    }

    /// The same as `newsSince(_:firstSynced:)` for what was there when the account was added.
    var newsSince: Timestamp { min(createdAt, rules.announceSince ?? createdAt).wholeSecond }

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
