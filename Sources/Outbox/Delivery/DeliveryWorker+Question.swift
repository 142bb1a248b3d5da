import Logging
import MailClient
import Model
import Store
import Synchronization

/// Whether a message whose outcome is unknown was taken: found in Sent, it was.
///
/// A copy there is none of ours, which is made after the answer that never came: the server put it there. Not finding it proves
/// nothing; after some time it is left to whoever sent it.
extension DeliveryWorker {
    func lookIntoQuestions(_ key: QueueKey) async {
        while let item = table.withLock({ $0.take(key, atMost: 1, now: .now()) }).first {
            ledger.record(await answer(item))
        }
    }

    private func answer(_ claimed: ClaimedSubmission) async -> SubmissionResult {
        var item = claimed
        let now = Timestamp.now()
        let since = item.submission.unknownSince ?? now
        do {
            let look = try await sentMail.look(
                for: item.submission.messageID, of: item.submission.accountID, deadline: .now + Limits.openingTime)
            guard look.hasMailbox else { return decided(item, now) }
            if let found = look.found {
                item.submission = plan.applyingEvidence(to: item.submission, now: now)
                item.submission.sentMessageID = found
                if item.submission.sentCopy.state == .pending { item.submission.sentCopy.state = .byServer }
                logger.notice(
                    "a submission of unknown outcome was found in Sent",
                    metadata: ["submission": "\(item.submission.id)"])
                if let next = item.submission.nextAttemptAt {
                    return SubmissionResult(item, .queued(at: next, isDeferred: true))
                }
                return SubmissionResult(item, .settled)
            }
        } catch MailClientError.notConfigured(_) {
            return decided(item, now)
        } catch {
            logger.debug(
                "Sent could not be looked at",
                metadata: ["submission": "\(item.submission.id)", "error": "\(error)"])
        }
        var schedule = plan.schedule
        schedule.lifetime = Limits.questionTime
        guard let next = schedule.next(afterAttempt: item.copyAttempts, createdAt: since, now: now) else {
            return decided(item, now)
        }
        return SubmissionResult(item, .undecided(at: next))
    }

    /// What its sender wants done where it is not found.
    private func decided(_ claimed: ClaimedSubmission, _ now: Timestamp) -> SubmissionResult {
        var item = claimed
        guard item.submission.options.whenUnknown == .retry else { return SubmissionResult(item, .undecided(at: nil)) }
        item.submission = plan.repeating(item.submission, now: now)
        return SubmissionResult(item, .queued(at: item.submission.nextAttemptAt ?? now, isDeferred: false))
    }
}
