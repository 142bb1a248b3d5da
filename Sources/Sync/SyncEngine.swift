package import Logging
package import MailClient
package import Model
package import Store
import Synchronization

/// Keeps the accounts that this node has leased in step with their servers.
///
/// One task an account; none of them has a thread or a timer of its own while its session idles. Every write is fenced by the lease,
/// so a node that was paused can write nothing once another has taken over.
package final class SyncEngine: Sendable {
    /// Told when the first reading of an account begins and ends.
    package typealias SyncingObserver = @Sendable (AccountID, Bool) async -> Void

    private struct Worker {
        let lease: AccountLease
        let task: Task<Void, Never>
    }

    private let store: MailStore
    private let sessions: AccountSessions
    private let usesNotify: Bool
    private let pollInterval: Duration
    private let maildropInterval: Duration
    private let noteSyncing: SyncingObserver
    private let logger: Logger
    private let node = IdentifierGenerator.make(prefix: "node")
    private let pokes = Pokes()
    private let backfills = Turnstile(Limits.concurrentBackfills)
    private let workers = Mutex<[AccountID: Worker]>([:])
    private let bell = EventSignal()
    /// What each account's sync is doing.
    package let board = SyncBoard()

    package init(
        store: MailStore, sessions: AccountSessions, usesNotify: Bool, pollInterval: Duration = .seconds(60),
        maildropInterval: Duration = .seconds(300), noteSyncing: @escaping SyncingObserver, logger: Logger
    ) {
        self.pollInterval = pollInterval
        self.maildropInterval = maildropInterval
        self.store = store
        self.sessions = sessions
        self.usesNotify = usesNotify
        self.noteSyncing = noteSyncing
        self.logger = logger
    }

    /// Works until the task is cancelled; then hands all accounts over.
    package func run() async throws {
        // SQLite has one process: whoever held a lease before this start is gone.
        try await store.leases.freeAll()
        while !Task.isCancelled {
            let rings = bell.rings
            do {
                try await store.leases.beat(node, for: Limits.nodeLife)
                try await claim()
            } catch {
                // The leases run out in the same time as our certainty to have them.
                logger.warning("leases cannot be renewed", metadata: ["error": "\(error)"])
            }
            await bell.wait(after: rings, until: .now + Limits.heartbeat)
        }
        await stopAll()
        try? await store.leases.leave(node)
    }

    /// An account is new: it need not wait for the next look.
    package func accountCreated() { bell.ring() }

    /// Settings changed, or a reconnect was asked for: its session begins anew.
    package func accountChanged(_ account: AccountID) async {
        guard let lease = await stop(account) else { return bell.ring() }
        start(lease)
    }

    package func accountDeleted(_ account: AccountID) async {
        await stop(account)
        board.remove(account)
    }

    /// Somebody changed mail of the account through us: look now, not at the next poll.
    package func poke(_ account: AccountID) { pokes.poke(account) }

    private func claim() async throws {
        while !Task.isCancelled {
            let leases = try await store.leases.claim(node, limit: Limits.accountsInClaim)
            for lease in leases { start(lease) }
            if leases.count < Limits.accountsInClaim { return }
        }
    }

    private func start(_ lease: AccountLease) {
        board.enter(.waiting, lease.account)
        workers.withLock { workers in
            let task = Task(name: "sync \(lease.account)") { await self.work(on: lease) }
            workers.updateValue(Worker(lease: lease, task: task), forKey: lease.account)?.task.cancel()
        }
    }

    /// An account without a server that keeps mail, or that is disabled, waits for its settings to change.
    private func work(on lease: AccountLease) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                guard let account = try await store.accounts.account(lease.account) else { return }
                guard let keeper = account.keeper, account.state != .disabled else {
                    return board.enter(.waiting, lease.account)
                }
                let sync = AccountSync(
                    lease: lease, store: store, sessions: sessions, board: board, usesNotify: usesNotify,
                    pollInterval: keeper == .pop3 ? maildropInterval : pollInterval, logger: logger,
                    createdAt: account.createdAt)
                if keeper == .pop3 {
                    let retention = account.retention ?? Retention(.keep, since: account.createdAt)
                    return await MaildropWorker(
                        sync: sync, retention: retention, pokes: pokes, noteSyncing: noteSyncing
                    ).run()
                }
                return await AccountWorker(
                    sync: sync, backfills: backfills, pokes: pokes, noteSyncing: noteSyncing
                ).run()
            } catch {
                logger.warning("an account cannot be read", metadata: ["error": "\(error)"])
                try? await ContinuousClock().sleep(for: backoff.fail(isRefusal: false, jitter: .random(in: 0...1)))
            }
        }
    }

    /// Waits until the account's task has ended, so that two never work on one account.
    @discardableResult
    private func stop(_ account: AccountID) async -> AccountLease? {
        let worker = workers.withLock { $0.removeValue(forKey: account) }
        worker?.task.cancel()
        await worker?.task.value
        return worker?.lease
    }

    private func stopAll() async {
        let all = workers.withLock { workers in
            defer { workers = [:] }
            return Array(workers.values)
        }
        for worker in all { worker.task.cancel() }
        for worker in all { await worker.task.value }
    }
}
