package import Logging
package import MailClient
package import Model
package import Store
import Synchronization

/// Sends what is due, each account in a lane of its own, and files the copies in Sent.
///
/// It works in turns: one transaction writes what became of attempts, which messages are about to be sent, and takes what is next.
/// A crash at any moment is answered by the phase in the store: before the final dot the attempt did not happen, after it
/// the outcome is unknown and is never repeated blindly.
package final class DeliveryWorker: Sendable {
    /// Where an account's mail goes, as `host:port`; nil where it is gone or cannot send.
    package typealias ServerName = @Sendable (AccountID) async -> String?

    let store: MailStore
    let sessions: AccountSessions
    let sentMail: any SentMail
    let logger: Logger
    let plan = DeliveryPlan()
    let copyPlan: SentCopyPlan
    let ledger: Ledger
    let table = Mutex(QueueTable())
    let serverName: ServerName
    let owner: String
    let mustRecover = Reminder()
    let mustLook = Reminder()
    let wakeUp: WakeUp
    private let cancelling = Atomic(false)

    package init(
        store: MailStore, sessions: AccountSessions, node: String, sentMail: any SentMail,
        serverName: @escaping ServerName, copyPlan: SentCopyPlan = SentCopyPlan(), logger: Logger
    ) {
        self.store = store
        self.sessions = sessions
        self.sentMail = sentMail
        self.serverName = serverName
        self.copyPlan = copyPlan
        self.logger = logger
        owner = node
        let wakeUp = WakeUp()
        self.wakeUp = wakeUp
        ledger = Ledger { wakeUp.ring() }
    }

    /// Says that a submission of this account is due then; `isUrgent`: a person asked for it.
    package func ring(_ account: AccountID, at time: Timestamp, isUrgent: Bool = false) {
        // What is due later is found by the next look at the queue.
        guard time <= Timestamp.now().advanced(by: Limits.pollInterval) else { return }
        table.withLock { table in
            for track in isUrgent ? QueueTrack.allCases : [.delivery] {
                table.noteDue(QueueKey(account, track), at: time, isUrgent: isUrgent)
            }
        }
        wakeUp.ring()
    }

    /// Forgets what was learned of an account's server, because its settings changed.
    package func forget(_ account: AccountID) {
        table.withLock { $0.forget(account) }
        wakeUp.ring()
    }

    /// Another process has stored something that may be due.
    package func look() {
        mustLook.set()
        wakeUp.ring()
    }

    /// Takes no more; `run` returns when what is on the wire has its answer.
    package func stop() {
        table.withLock { $0.isStopping = true }
        wakeUp.ring()
    }

    var isStopping: Bool { table.withLock { $0.isStopping } }
    /// Whether deliveries under way were told to end now.
    var isCancelling: Bool { cancelling.load(ordering: .acquiring) }

    /// Works until it is told to stop.
    ///
    /// Cancellation ends deliveries under way; the turns go on until all of them are written down.
    package func run() async throws {
        try await recover()
        let turns = Task(name: "delivery turns") { await self.takeTurns() }
        await withTaskCancellationHandler {
            await turns.value
        } onCancel: {
            cancelling.store(true, ordering: .releasing)
            stop()
        }
        ledger.close()
    }

    private func takeTurns() async {
        await withDiscardingTaskGroup { group in
            var lookAt = ContinuousClock.now
            var recoverAt = ContinuousClock.now + Limits.recoveryInterval
            var hasCancelled = false
            while true {
                if isCancelling, !hasCancelled {
                    hasCancelled = true
                    group.cancelAll()
                }
                if isStopping {
                    releaseWaiting()
                    if table.withLock({ $0.isQuiet }), ledger.isEmpty { return }
                } else if table.withLock({ $0.isSuspended }) {
                    releaseWaiting()
                    lookAt = .now + Limits.pollInterval
                } else {
                    if mustRecover.take() || recoverAt < .now {
                        recoverAt = .now + Limits.recoveryInterval
                        try? await recover()
                    }
                    if mustLook.take() || lookAt <= .now {
                        lookAt = .now + Limits.pollInterval
                        await look()
                    }
                    releaseResting()
                }
                if await !takeTurn() { await wakeUp.wait(until: nextWake(lookAt)) }
                for key in table.withLock({ $0.starts(.now()) }) { group.addTask { await self.work(on: key) } }
            }
        }
    }

    /// Writes what is to be written and takes what is due; false where there was nothing to do.
    private func takeTurn() async -> Bool {
        await meetStrangers()
        let page = ledger.takePage()
        let claims = table.withLock { $0.claims(.now()) }
        var turn = page.turn
        turn.claims = claims
        guard !turn.isEmpty else { return false }
        do {
            let outcome = try await store.submissions.take(
                turn, by: owner, until: Timestamp.now().advanced(by: Limits.lease))
            page.finish(lost: outcome.lost)
            for id in outcome.lost { logger.error("a claim was lost", metadata: ["submission": "\(id)"]) }
            for (id, error) in outcome.unopened {
                logger.error(
                    "a submission cannot be opened", metadata: ["submission": "\(id)", "error": "\(error)"])
            }
            note(page.results)
            let taken = Dictionary(grouping: outcome.claimed) { QueueKey($0.submission.accountID, $0.track) }
            let now = Timestamp.now()
            table.withLock { table in
                for claim in claims { table.claimed(taken[claim.key] ?? [], by: claim, now: now) }
            }
        } catch {
            logger.error("the queue cannot be written", metadata: ["error": "\(error)"])
            page.fail(error)
            table.withLock { table in for claim in claims { table.unclaimed(claim) } }
            await writeOneByOne(page.results)
        }
        return true
    }

    /// One result that cannot be written must not keep the others from it; without a store all of them wait.
    private func writeOneByOne(_ results: [SubmissionResult]) async {
        var left: [SubmissionResult] = []
        for result in results {
            var turn = SubmissionTurn()
            turn.results = [result]
            do {
                _ = try await store.submissions.take(turn, by: owner, until: .now())
                note([result])
            } catch let error as StoreError {
                // The lease is left to expire; the recovery that follows knows the phase.
                logger.error(
                    "a result cannot be written",
                    metadata: ["submission": "\(result.item.lease.id)", "error": "\(error)"])
            } catch {
                left.append(result)
            }
        }
        ledger.putBack(left)
        // Sound: the store is away, and nothing tells when it is back.
        try? await Task.sleep(for: .seconds(left.isEmpty ? 0.1 : 1))
    }

    /// What results make due soon.
    private func note(_ results: [SubmissionResult]) {
        let horizon = Timestamp.now().advanced(by: Limits.pollInterval)
        table.withLock { table in
            for result in results {
                let account = result.item.submission.accountID
                let (track, time): (QueueTrack, Timestamp) =
                    switch result.ending {
                    case .settled:
                        (.sentCopy, result.item.submission.sentCopy.state == .pending ? .now() : .distantFuture)
                    case .queued(let time, _): (.delivery, time)
                    case .released(let time): (result.item.track, time)
                    case .undecided(let time): (.question, time ?? .distantFuture)
                    case .copying(let time): (.sentCopy, time)
                    case .closed: (.sentCopy, .distantFuture)
                    }
                if time <= horizon { table.noteDue(QueueKey(account, track), at: time) }
            }
        }
    }

    private func look() async {
        do {
            let horizon = Timestamp.now().advanced(by: Limits.pollInterval)
            let heads = try await store.submissions.queueHeads()
            table.withLock { table in
                for (key, time) in heads where time <= horizon { table.noteDue(key, at: time) }
            }
        } catch {
            logger.error("the queue cannot be read", metadata: ["error": "\(error)"])
        }
    }

    private func meetStrangers() async {
        for key in table.withLock({ $0.strangers }) {
            let name = await serverName(key.account)
            table.withLock { $0.setServer(name ?? "", of: key) }
        }
    }

    private func nextWake(_ lookAt: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let now = Timestamp.now()
        guard let due = table.withLock({ $0.nextWake(now) }) else { return lookAt }
        return min(lookAt, .now + .milliseconds(max(due.milliseconds - now.milliseconds, 1)))
    }

    private func work(on key: QueueKey) async {
        switch key.track {
        case .delivery: await deliver(key)
        case .sentCopy: await makeCopies(key)
        case .question: await lookIntoQuestions(key)
        }
        table.withLock { $0.ended(key) }
        wakeUp.ring()
    }
}

extension ClaimedSubmission {
    var track: QueueTrack { QueueTrack(phase) ?? .delivery }
}
