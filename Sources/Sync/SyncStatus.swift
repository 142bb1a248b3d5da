package import IMAP
package import Model
package import POP3
import Synchronization

/// What the sync of one account is doing: for its health document, and summed up for metrics.
package struct SyncStatus: Sendable {
    /// Where it stands.
    package enum Phase: String, Sendable, CaseIterable {
        /// No node has taken it yet, or it has no server that keeps mail.
        case waiting
        case connecting
        /// The first pass, or one after a reconnect.
        case syncing
        /// Connected, and told of what happens.
        case watching
        /// The last attempt failed; there will be another.
        case backingOff = "backing-off"
    }

    /// How news come.
    package enum Watching: String, Sendable {
        /// RFC 5465: of all mailboxes.
        case notify
        /// RFC 2177: of one mailbox; the others are asked about.
        case idle
        /// Everything is asked about.
        case polling
    }

    package var phase = Phase.waiting
    package var phaseSince = Timestamp.now()
    package var watching: Watching?
    package var tier: SyncTier?
    package var capabilities: CapabilitySet?
    /// What a POP3 server says it can do.
    package var maildrop: POP3Capabilities?
    package var serverName: String?
    /// When the server last answered.
    package var lastContactAt: Timestamp?
    /// When all mailboxes were last found to be, or brought, up to date.
    package var lastCheckedAt: Timestamp?
    package var lastEventAt: Timestamp?
    package var lastError: AccountFault?
    package var nextAttemptAt: Timestamp?
    package var mailboxes = 0
    /// Messages that the first sync has still to read, as far as it knows.
    package var remaining = 0

    package init() {}
}

/// The status of every account that this node works on.
package final class SyncBoard: Sendable {
    private let statuses = Mutex<[AccountID: SyncStatus]>([:])

    package init() {}

    package subscript(account: AccountID) -> SyncStatus? { statuses.withLock { $0[account] } }

    /// How many accounts are in each phase.
    package var phases: [SyncStatus.Phase: Int] {
        statuses.withLock { statuses in statuses.values.reduce(into: [:]) { $0[$1.phase, default: 0] += 1 } }
    }

    /// Messages that first syncs have still to read, over all accounts.
    package var remaining: Int { statuses.withLock { $0.values.reduce(0) { $0 + $1.remaining } } }

    /// The longest time since an account that is watched was found up to date.
    package func longestLag(now: Timestamp = .now()) -> Duration {
        let oldest = statuses.withLock { statuses in
            statuses.values.filter { $0.phase == .watching }.compactMap(\.lastCheckedAt).min()
        }
        return oldest.map { .milliseconds(max(0, now.milliseconds - $0.milliseconds)) } ?? .zero
    }

    func update(_ account: AccountID, _ change: (inout SyncStatus) -> Void) {
        statuses.withLock { change(&$0[account, default: SyncStatus()]) }
    }

    func enter(_ phase: SyncStatus.Phase, _ account: AccountID) {
        update(account) { status in
            if status.phase != phase { status.phaseSince = .now() }
            status.phase = phase
        }
    }

    func remove(_ account: AccountID) { _ = statuses.withLock { $0.removeValue(forKey: account) } }
}
