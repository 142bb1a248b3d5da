package import Logging
package import MailClient
package import Model
package import Store

/// Sends what is due, many accounts at once, and files the copies in Sent.
///
/// A crash at any moment is answered by the phase in the store: before the final dot the attempt did not happen, after it
/// the outcome is unknown and is never repeated blindly.
package struct DeliveryWorker: Sendable {
    /// Files a sent message in the account's Sent mailbox, once: nil where the account keeps no mail on a server.
    package typealias SentFiling =
        @Sendable (AccountID, _ message: [UInt8], _ messageID: String, ContinuousClock.Instant) async throws -> EmailID?

    let store: MailStore
    let sessions: AccountSessions
    let fileSent: SentFiling
    let logger: Logger
    let plan = DeliveryPlan()
    private let owner: String
    private let stopping = StopFlag()
    private let mustRecover = Reminder()
    /// Rung when a submission was stored.
    package let wakeUp = WakeUp()

    package init(
        store: MailStore, sessions: AccountSessions, node: String, fileSent: @escaping SentFiling, logger: Logger
    ) {
        self.store = store
        self.sessions = sessions
        self.fileSent = fileSent
        self.logger = logger
        owner = node
    }

    /// Takes no more; `run` returns when what is on the wire has its answer.
    package func stop() {
        stopping.raise()
        wakeUp.ring()
    }

    /// Other nodes have died: what they had claimed is looked for now.
    package func nodesDied() {
        mustRecover.set()
        wakeUp.ring()
    }

    /// Works until it is told to stop.
    ///
    /// Cancellation ends deliveries under way; they are recovered at the next start.
    package func run() async throws {
        try await recover()
        let running = RunningDeliveries()
        await withDiscardingTaskGroup { group in
            var recoverAt = ContinuousClock.now + Limits.recoveryInterval
            while !stopping.isRaised, !Task.isCancelled {
                if recoverAt < .now || mustRecover.take() {
                    recoverAt = .now + Limits.recoveryInterval
                    try? await recover()
                }
                let free = Limits.concurrentDeliveries - running.count
                let claimed = free > 0 ? await claim(free, busy: running.busyAccounts) : []
                for item in claimed {
                    running.begin(item)
                    group.addTask {
                        await work(on: item)
                        running.end(item)
                        wakeUp.ring()
                    }
                }
                if claimed.isEmpty { await wakeUp.wait(until: await nextLook()) }
            }
            if Task.isCancelled { group.cancelAll() }
        }
    }

    /// Puts back what was claimed and never finished, because its process died or the store did not answer.
    private func recover() async throws {
        for recovered in [
            try await store.submissions.recoverDead(besides: owner),
            try await store.submissions.recover(expiredBy: .now()),
        ] where !recovered.requeued.isEmpty || !recovered.unknown.isEmpty {
            logger.notice(
                "recovered interrupted submissions",
                metadata: ["requeued": "\(recovered.requeued.count)", "unknown": "\(recovered.unknown.count)"])
        }
    }

    private func claim(_ limit: Int, busy: Set<AccountID>) async -> [ClaimedSubmission] {
        do {
            return try await store.submissions.claim(
                by: owner, limit: limit, until: Timestamp.now().advanced(by: Limits.lease), busy: busy)
        } catch {
            logger.error("the queue cannot be read", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// When to look again if nobody rings: at the next due time, and every few seconds as the net below it.
    private func nextLook() async -> ContinuousClock.Instant {
        let net = ContinuousClock.now + Limits.pollInterval
        guard let due = try? await store.submissions.nextDue() else { return net }
        let wait = Duration.milliseconds(max(due.milliseconds - Timestamp.now().milliseconds, 250))
        return min(net, .now + wait)
    }

    private func work(on item: ClaimedSubmission) async {
        do {
            if item.phase == .sentCopy {
                try await copyToSent(item)
            } else {
                try await deliver(item)
            }
        } catch {
            // The lease is left to expire; the recovery that follows knows the phase.
            logger.error(
                "a submission could not be worked on",
                metadata: ["submission": "\(item.lease.id)", "error": "\(error)"])
        }
    }
}
