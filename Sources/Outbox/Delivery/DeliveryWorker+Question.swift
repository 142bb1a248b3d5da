import Logging
import MailClient
import Model
import Store
import Synchronization

/// Whether a message whose outcome is unknown was taken: found in Sent, or told of by a report, it was.
///
/// A copy in Sent is none of ours, which is made after the answer that never came: the server put it there, for this attempt unless
/// an earlier one was taken for other recipients. Not finding anything proves nothing; after some time it is left to whoever sent it.
extension DeliveryWorker {
    func lookIntoQuestions(_ key: QueueKey) async {
        while let item = table.withLock({ $0.take(key, atMost: 1, now: .now()) }).first {
            ledger.record(await answer(item))
        }
    }

    private func answer(_ claimed: ClaimedSubmission) async -> SubmissionResult {
        let (id, account) = (claimed.submission.id, claimed.submission.accountID)
        let now = Timestamp.now()
        do {
            let known = try await store.submissions.submission(id, of: account)
            let open = Set(claimed.submission.recipients.filter { $0.state == .unknown }.map(\.email))
            if known?.recipients.contains(where: { open.contains($0.email) && !$0.reports.isEmpty }) == true {
                return settled(claimed, nil, now)
            }
            if !claimed.submission.recipients.contains(where: { $0.state == .accepted }) {
                let look = try await sentMail.look(
                    for: claimed.submission.messageID, of: account, deadline: .now + Limits.openingTime)
                if let found = look.found { return settled(claimed, found, now) }
            }
        } catch {
            logger.debug(
                "Sent could not be looked at", metadata: ["submission": "\(id)", "error": "\(error)"])
        }
        var schedule = plan.schedule
        schedule.lifetime = Limits.questionTime
        let since = claimed.submission.unknownSince ?? now
        guard let next = schedule.next(afterAttempt: claimed.copyAttempts, createdAt: since, now: now) else {
            return decided(claimed, now)
        }
        return SubmissionResult(claimed, .undecided(at: next))
    }

    /// A server has it.
    private func settled(_ claimed: ClaimedSubmission, _ copy: EmailID?, _ now: Timestamp) -> SubmissionResult {
        var item = claimed
        item.submission = plan.applyingEvidence(to: item.submission, now: now)
        if let copy {
            item.submission.sentMessageID = copy
            if item.submission.sentCopy.state == .pending { item.submission.sentCopy.state = .byServer }
        }
        logger.notice(
            "a submission of unknown outcome was taken", metadata: ["submission": "\(item.submission.id)"])
        if let next = item.submission.nextAttemptAt {
            return SubmissionResult(item, .queued(at: next, isDeferred: true))
        }
        return SubmissionResult(item, .settled)
    }

    /// What its sender wants done where it is not found.
    private func decided(_ claimed: ClaimedSubmission, _ now: Timestamp) -> SubmissionResult {
        var item = claimed
        guard item.submission.options.whenUnknown == .retry else { return SubmissionResult(item, .undecided(at: nil)) }
        item.submission = plan.repeating(item.submission, now: now)
        return SubmissionResult(item, .queued(at: item.submission.nextAttemptAt ?? now, isDeferred: false))
    }
}
