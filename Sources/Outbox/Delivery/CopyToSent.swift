import MailClient
import Model
import Store

extension DeliveryWorker {
    /// The copy in Sent: a step of its own, tried again where the mail server is away, never a second sending.
    func copyToSent(_ item: ClaimedSubmission) async throws {
        var item = item
        guard var content = try await store.submissions.content(of: item.submission.id) else {
            return try await store.submissions.finishSentCopy(item, sentMessageID: nil)
        }
        var message: [UInt8] = []
        message.reserveCapacity(content.size)
        while let chunk = try await content.next() { message += chunk }
        do {
            let id = try await fileSent(
                item.submission.accountID, message, item.submission.messageID, .now + Limits.deliveryTime)
            try await store.submissions.finishSentCopy(item, sentMessageID: id)
        } catch {
            let now = Timestamp.now()
            let fault = (error as? MailClientError)?.submissionFault
            item.submission.error = SubmissionFault(
                code: "sent-copy-failed", text: "sent, but not filed in Sent: \(fault?.text ?? "\(error)")")
            let next = plan.schedule.next(
                afterAttempt: item.copyAttempts, createdAt: item.submission.createdAt, now: now)
            // A server that said no to the message itself will say it again.
            let isFinal = if case .rejected? = error as? MailClientError { true } else { false }
            if let next, !isFinal {
                try await store.submissions.rescheduleSentCopy(item, at: next)
            } else {
                try await store.submissions.abandonSentCopy(item)
            }
        }
    }
}
