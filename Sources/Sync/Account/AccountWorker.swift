import IMAP
import Logging
import MailClient
import Model
import Store

/// Keeps one account up to date for as long as its task is not cancelled: connects, reads, watches, and begins anew.
struct AccountWorker {
    let sync: AccountSync
    /// Shared by all accounts of this node.
    let backfills: Turnstile
    let pokes: Pokes
    /// Told when the first reading begins and ends.
    let noteSyncing: @Sendable (AccountID, Bool) async -> Void

    /// Returns when the task is cancelled or the lease is lost.
    func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            // Nil until it watches: time spent on a server that does not answer proves nothing.
            var watchedSince: ContinuousClock.Instant?
            do {
                try await live(&watchedSince)
            } catch {
                if Task.isCancelled { return }
                if case .accountLeaseLost? = error as? StoreError { return }
                if let watchedSince { backoff.stood(for: watchedSince.duration(to: .now)) }
                await wait(&backoff, after: error)
            }
        }
    }

    private func wait(_ backoff: inout Backoff, after error: any Error) async {
        let (fault, own) = (error as? MailClientError, error as? SyncError)
        let pause = backoff.fail(isRefusal: fault?.isAuthentication ?? false, jitter: .random(in: 0...1))
        sync.logger.debug(
            "sync interrupted",
            metadata: ["account": "\(sync.account)", "error": "\(error)", "pause": "\(pause)"])
        sync.board.enter(.backingOff, sync.account)
        sync.board.update(sync.account) { status in
            status.nextAttemptAt = Timestamp.now().advanced(by: pause)
            status.lastError = AccountFault(
                mailProtocol: .imap, code: fault?.code ?? own?.code ?? "internal",
                text: fault.map { "\($0)" } ?? own?.text ?? "\(type(of: error))",
                at: .now())
        }
        // A store that does not answer, or a bug of ours: an operator must be able to see it.
        if fault == nil, own == nil {
            sync.logger.warning("sync failed", metadata: ["account": "\(sync.account)", "error": "\(error)"])
        }
        try? await ContinuousClock().sleep(for: pause)
    }

    /// One connection, from its beginning to its end.
    private func live(_ watchedSince: inout ContinuousClock.Instant?) async throws {
        sync.board.enter(.connecting, sync.account)
        let watch = try await sync.sessions.watch(sync.account, deadline: .now + Limits.connectTime)
        do {
            try await follow(watch, &watchedSince)
        } catch {
            await watch.close()
            throw error
        }
        await watch.close()
    }

    private func follow(_ watch: IMAPWatch, _ watchedSince: inout ContinuousClock.Instant?) async throws {
        sync.board.enter(.syncing, sync.account)
        let tier = try await SyncTier.enabled(on: watch)
        let (capabilities, server) = (await watch.capabilities, await watch.serverID["name"])
        sync.board.update(sync.account) { status in
            status.tier = tier
            status.capabilities = capabilities
            status.serverName = server
            status.lastError = nil
            status.nextAttemptAt = nil
        }
        let pass = AccountPass(
            sync: sync, session: watch.lease(until: .now + Limits.lookTime * 10), tier: tier)
        // HIGHESTMODSEQ with the two counts tells whether anything happened meanwhile (RFC 7162, 3.1); without it nothing does.
        let first = try await pass.run(isThorough: tier == .plain)
        watchedSince = .now
        try await withThrowingTaskGroup(of: Void.self) { group in
            let loop = WatchLoop(sync: sync, watch: watch, tier: tier, pokes: pokes)
            let needsBackfill = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
            if first.needsBackfill { needsBackfill.continuation.yield() }
            group.addTask {
                try await loop.run(first.watched) { needsBackfill.continuation.yield() }
            }
            group.addTask {
                for await _ in needsBackfill.stream { try await read(first.watched) }
            }
            // Whichever ends first ends the other: the watch by a fault, the backfill too.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func read(_ watched: AccountPass.Target) async throws {
        await noteSyncing(sync.account, true)
        do {
            try await backfills.pass {
                let listed = try await sync.sessions.withIMAP(
                    sync.account, mailbox: nil, readOnly: true, isRepeatable: true, deadline: .now + Limits.lookTime
                ) { session in
                    try await session.listing(of: sync.account, sync.sessions.listingHabits, status: []).listings
                }
                let records = try await sync.store.sync.mailboxes(of: sync.account)
                let byPath = Dictionary(records.map { ($0.path, $0.number) }, uniquingKeysWith: { first, _ in first })
                let names = Dictionary(
                    listed.compactMap { listing in byPath[listing.name.text].map { ($0, listing.name) } },
                    uniquingKeysWith: { first, _ in first })
                try await Backfill(sync: sync, names: names).run(first: watched.record.number)
            }
        } catch {
            await noteSyncing(sync.account, false)
            throw error
        }
        await noteSyncing(sync.account, false)
    }
}
