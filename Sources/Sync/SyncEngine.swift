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
        /// Of the settings that it was begun with.
        let revision: Int64?
        let task: Task<Void, Never>
    }

    private let store: MailStore
    private let sessions: AccountSessions
    private let usesNotify: Bool
    private let pollInterval: Duration
    private let maildropInterval: Duration
    private let noteSyncing: SyncingObserver
    private let logger: Logger
    private let standing: NodeStanding
    private let pokes = Pokes()
    private let backfills = Turnstile(Limits.concurrentBackfills)
    private let workers = Mutex<[AccountID: Worker]>([:])
    private let bell = EventSignal()
    /// What each account's sync is doing.
    package let board = SyncBoard()

    package init(
        store: MailStore, sessions: AccountSessions, standing: NodeStanding, usesNotify: Bool,
        pollInterval: Duration = .seconds(60), maildropInterval: Duration = .seconds(300),
        noteSyncing: @escaping SyncingObserver, logger: Logger
    ) {
        self.pollInterval = pollInterval
        self.maildropInterval = maildropInterval
        self.store = store
        self.sessions = sessions
        self.standing = standing
        self.usesNotify = usesNotify
        self.noteSyncing = noteSyncing
        self.logger = logger
    }

    /// Works until the task is cancelled; then stops all accounts, which whoever keeps the node hands over.
    package func run() async {
        var compareAt = ContinuousClock.now
        while !Task.isCancelled {
            let rings = bell.rings
            if standing.isCertain {
                do {
                    let isDue = compareAt <= .now
                    if isDue { compareAt = .now + Limits.comparison }
                    try await takeShare(comparing: isDue)
                } catch {
                    logger.warning("accounts cannot be taken", metadata: ["error": "\(error)"])
                }
            }
            await bell.wait(after: rings, until: .now + Limits.lookInterval)
        }
        await stopAll()
    }

    /// Accounts may be free, or the node counts as alive again: it need not wait for the next look.
    package func look() { bell.ring() }

    /// The node must not believe any more that its accounts are its own: all stop, and begin anew where they still are.
    package func suspend() async {
        await stopAll()
        bell.ring()
    }

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
    ///
    /// False where another node watches it.
    @discardableResult
    package func poke(_ account: AccountID) -> Bool {
        pokes.poke(account)
        return workers.withLock { $0[account] != nil }
    }

    // MARK: Leases

    /// Takes what is free and gives back what is too much, so that each node has the same part.
    private func takeShare(comparing: Bool) async throws {
        let share = try await store.leases.share(of: standing.id)
        let count = workers.withLock { $0.count }
        if comparing || share.own != count { try await compare() }
        let surplus = share.own - share.target
        if surplus > 0 { try await giveBack(min(surplus, Limits.accountsInClaim)) }
        var missing = min(share.target - share.own, share.free)
        while missing > 0, standing.isCertain, !Task.isCancelled {
            let leases = try await store.leases.claim(standing.id, limit: min(missing, Limits.accountsInClaim))
            for lease in leases { start(lease) }
            missing = leases.isEmpty ? 0 : missing - leases.count
        }
    }

    /// Makes the workers be what the store says that this node has.
    private func compare() async throws {
        let held = try await store.leases.held(by: standing.id)
        let leases = Dictionary(held.map { ($0.lease.account, $0) }, uniquingKeysWith: { first, _ in first })
        for (account, worker) in workers.withLock({ $0 }) where leases[account]?.lease != worker.lease {
            await stop(account)
            if leases[account] == nil { board.remove(account) }
        }
        for (lease, revision) in held {
            let known = workers.withLock { $0[lease.account] }
            if known == nil { start(lease) }
            // Nobody told us of the change.
            if let known, let old = known.revision, old != revision { await accountChanged(lease.account) }
        }
    }

    private func giveBack(_ count: Int) async throws {
        let surplus = workers.withLock { workers in
            workers.values.map(\.lease).sorted { $0.number < $1.number }.suffix(count)
        }
        for lease in surplus {
            await stop(lease.account)
            board.remove(lease.account)
        }
        try await store.leases.release(Array(surplus))
        store.tell(.leases)
    }

    // MARK: Workers

    private func start(_ lease: AccountLease) {
        board.enter(.waiting, lease.account)
        workers.withLock { workers in
            let task = Task(name: "sync \(lease.account)") { await self.work(on: lease) }
            let worker = Worker(lease: lease, revision: nil, task: task)
            workers.updateValue(worker, forKey: lease.account)?.task.cancel()
        }
    }

    /// An account without a server that keeps mail, or that is disabled, waits for its settings to change.
    private func work(on lease: AccountLease) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                guard let account = try await store.accounts.account(lease.account) else { return }
                note(account.revision, of: lease)
                guard let keeper = account.keeper, account.state != .disabled else {
                    return board.enter(.waiting, lease.account)
                }
                let sync = AccountSync(
                    lease: lease, store: store, sessions: sessions, board: board, usesNotify: usesNotify,
                    pollInterval: keeper == .pop3 ? maildropInterval : pollInterval, logger: logger,
                    createdAt: account.createdAt, rules: account.sync)
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

    /// With which settings a worker works.
    private func note(_ revision: Int64, of lease: AccountLease) {
        workers.withLock { workers in
            guard let worker = workers[lease.account], worker.lease == lease else { return }
            workers[lease.account] = Worker(lease: lease, revision: revision, task: worker.task)
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
