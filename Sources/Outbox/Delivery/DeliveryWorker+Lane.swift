import Logging
import MailClient
import Model
import SMTP
import Store
import Synchronization

/// One connection's work in a lane: message after message, until nothing waits or something breaks.
extension DeliveryWorker {
    func deliver(_ key: QueueKey) async {
        do {
            try await sessions.withSMTP(key.account, deadline: .now + Limits.openingTime) { connection in
                await self.drive(connection, key)
            }
        } catch {
            noConnection(key, error)
        }
    }

    /// Nobody could be reached: all that wait in this lane are put off with the same reason.
    private func noConnection(_ key: QueueKey, _ error: any Error) {
        let now = Timestamp.now()
        let fault = error as? MailClientError ?? .notConfigured(.smtp)
        if case .cancelled = fault { return giveBack(key) }
        let isDead =
            if case .unavailable = fault {
                table.withLock { $0.refused(key, now: now, pause: fault.suggestedPause) }
            } else {
                table.withLock { $0.unreachable(key, now: now, isServerAtFault: fault.isAboutServer) }
            }
        guard isDead else { return }
        for item in table.withLock({ $0.drain(key) }) {
            var item = item
            item.submission = plan.applying(fault, to: plan.beginning(item.submission, now: now), now: now)
            finish(item)
        }
    }

    private func giveBack(_ key: QueueKey) {
        for item in table.withLock({ $0.drain(key) }) { ledger.record(SubmissionResult(item, .released(at: .now()))) }
    }

    private func drive(_ connection: SMTPLease, _ key: QueueKey) async {
        var held: [OutgoingDelivery] = []
        var streak = 0
        while true {
            let ahead = streak < Limits.steadyMessages ? 2 : Limits.messagesInDoubt + 1
            if held.count < 2 { held += take(key, atMost: ahead - held.count) }
            guard !held.isEmpty else { return }
            var current = held.removeFirst()
            guard let wait = table.withLock({ $0.reserve(key, now: .now()) }) else {
                held.insert(current, at: 0)
                break
            }
            if wait > .zero, (try? await Task.sleep(for: wait)) == nil {
                held.insert(current, at: 0)
                break
            }
            let isKept = await connection.messageCount > 0
            let mayGoOn =
                await connection.messageCount + 1 < Limits.messagesPerConnection && wait == .zero && !isStopping
            let burst = Burst(current, held, atMost: streak < Limits.steadyMessages ? 1 : Limits.messagesInDoubt)
            let following = mayGoOn ? held.first?.envelope : nil
            let outcome = await attempt(current, over: connection, burst, following: following)
            let marked = burst.marked
            current.isMarked = marked.contains(current.item.lease.id)
            for index in held.indices where marked.contains(held[index].item.lease.id) { held[index].isMarked = true }
            if let outcome {
                if isKept, outcome.heardNothing, !current.wasRepeated, !isCancelling {
                    current.wasRepeated = true
                    held.insert(current, at: 0)
                    break
                }
                conclude(current, outcome, key)
                streak = outcome.disposition == .delivered ? streak + 1 : 0
            }
            guard mayGoOn, await connection.isUsable else { break }
        }
        putBack(held, key)
    }

    /// Hands one message over; nil where it could not be read here, and is settled by that.
    private func attempt(
        _ current: OutgoingDelivery, over connection: SMTPLease, _ burst: Burst, following: SMTPEnvelope?
    ) async -> SubmissionOutcome? {
        let note: @Sendable () async throws -> Void = { [ledger] in
            let items = burst.unmarked
            guard !items.isEmpty else { return }
            try await ledger.mark(items)
            burst.noteMarked(items)
        }
        let content: OutgoingContent
        do {
            if let held = current.item.content {
                content = OutgoingContent(held: held, beforeEnd: note)
            } else if let reader = try await store.submissions.content(of: current.item.submission.id) {
                content = try await OutgoingContent(stored: reader, beforeEnd: note)
            } else {
                throw StoreError.unreadable("blob_chunks")
            }
        } catch {
            logger.error(
                "a stored message cannot be sent",
                metadata: ["submission": "\(current.item.submission.id)", "error": "\(error)"])
            var item = current.item
            guard let broken = error as? StoreError, !broken.isLackOfKey else {
                // The store is away, or its key is other nodes' only: no attempt was made, and nothing is wrong with the message.
                let later = Timestamp.now().advanced(by: Limits.storePause)
                ledger.record(SubmissionResult(item, .queued(at: later, isDeferred: false)))
                return nil
            }
            let fault = SubmissionFault(code: "content-unreadable", text: "the stored message could not be read")
            item.submission = plan.failing(fault, item.submission, now: .now())
            finish(item)
            return nil
        }
        return await connection.send(
            current.envelope, .chunks { try await content.next() }, following: { following },
            deadline: .now + Limits.deliveryTime)
    }

    private func take(_ key: QueueKey, atMost count: Int) -> [OutgoingDelivery] {
        let now = Timestamp.now()
        return table.withLock { $0.take(key, atMost: count, now: now) }.compactMap { item in
            do throws(OutgoingDelivery.Unsendable) {
                return try OutgoingDelivery(item, plan, now: now)
            } catch {
                finish(error.item)
                return nil
            }
        }
    }

    /// What this connection did not get to: others may send it, and a mark that was made ahead is taken back.
    private func putBack(_ held: [OutgoingDelivery], _ key: QueueKey) {
        for delivery in held where delivery.isMarked {
            ledger.record(SubmissionResult(delivery.item, .released(at: .now())))
        }
        table.withLock { $0.putBack(held.filter { !$0.isMarked }.map(\.item), key) }
    }

    private func conclude(_ delivery: OutgoingDelivery, _ outcome: SubmissionOutcome, _ key: QueueKey) {
        var item = delivery.item
        let now = Timestamp.now()
        item.submission = plan.applying(outcome, to: item.submission, now: now)
        if case .interrupted(.cancelled) = outcome.reason, item.submission.state == .queued {
            // What our own stop interrupted is no refusal to wait after: the next start tries it at once.
            item.submission = delivery.item.submission
            return ledger.record(SubmissionResult(item, .queued(at: now, isDeferred: false)))
        }
        table.withLock { table in
            if outcome.isThrottled {
                table.throttled(key, now: now)
            } else if outcome.disposition == .delivered {
                table.delivered(key, now: now)
            }
        }
        finish(item)
    }

    /// Has it written what the submission has become.
    private func finish(_ item: ClaimedSubmission) {
        let submission = item.submission
        logger.info(
            "submission attempted",
            metadata: [
                "submission": "\(submission.id)", "account": "\(submission.accountID)",
                "state": "\(submission.state.rawValue)", "attempt": "\(submission.attempts)",
                "error": "\(submission.error?.code ?? "none")",
            ])
        switch submission.state {
        case .queued:
            let isDeferred = submission.recipients.contains { $0.state == .deferred }
            ledger.record(
                SubmissionResult(item, .queued(at: submission.nextAttemptAt ?? .now(), isDeferred: isDeferred)))
        case .unknown: ledger.record(SubmissionResult(item, .undecided(at: .now())))
        default: ledger.record(SubmissionResult(item, .settled))
        }
    }
}
