import Logging
import MailClient
import Model
import SMTP
import Store

extension DeliveryWorker {
    /// One attempt to hand the message over to every recipient that still waits.
    func deliver(_ item: ClaimedSubmission) async throws {
        var item = item
        // Whoever is tried again is undecided again: that is what a crash after the final dot is judged by.
        for index in item.submission.recipients.indices where item.submission.recipients[index].isOpen {
            item.submission.recipients[index].state = .queued
        }
        let deadline = ContinuousClock.now + Limits.deliveryTime
        let result = await attempt(item, deadline: deadline)
        switch result {
        case .success(let outcome): item.submission = plan.applying(outcome, to: item.submission, now: .now())
        case .failure(let error): item.submission = plan.applying(error, to: item.submission, now: .now())
        }
        logger.info(
            "submission attempted",
            metadata: [
                "submission": "\(item.submission.id)", "account": "\(item.submission.accountID)",
                "state": "\(item.submission.state.rawValue)", "attempt": "\(item.submission.attempts)",
                "error": "\(item.submission.error?.code ?? "none")",
            ])
        if item.submission.state == .queued, let next = item.submission.nextAttemptAt {
            // What our own stop interrupted is no refusal to wait after: the next start tries it at once.
            let isStopped = Task.isCancelled
            let tried = item
            try await insist {
                try await store.submissions.reschedule(tried, at: isStopped ? .now() : next, isDeferred: !isStopped)
            }
        } else {
            let tried = item
            try await insist { try await store.submissions.finish(tried, as: tried.submission.state) }
        }
    }

    /// Writes down what happened also where the store is away for a while: an outcome that is forgotten is `unknown` for ever.
    private func insist(_ write: () async throws -> Void) async throws {
        let end = ContinuousClock.now + Limits.insistence
        while true {
            do {
                return try await write()
            } catch {
                // What the store itself says, that the row is another's by now, is final.
                if error is StoreError || Task.isCancelled || ContinuousClock.now > end { throw error }
                logger.warning("the store did not take an outcome; tried again", metadata: ["error": "\(error)"])
                try? await ContinuousClock().sleep(for: Limits.insistencePause)
            }
        }
    }

    private func attempt(
        _ item: ClaimedSubmission, deadline: ContinuousClock.Instant
    ) async -> Result<SubmissionOutcome, MailClientError> {
        do {
            guard let content = try await store.submissions.content(of: item.submission.id) else {
                return .failure(.cancelled)
            }
            let envelope = try await envelope(of: item)
            let source = OutgoingContent(content) { try await store.submissions.markInDoubt(item) }
            return .success(
                try await sessions.send(
                    envelope, .chunks { try await source.next() }, for: item.submission.accountID, deadline: deadline))
        } catch let error as MailClientError {
            return .failure(error)
        } catch {
            logger.error(
                "a stored message cannot be sent",
                metadata: ["submission": "\(item.submission.id)", "error": "\(error)"])
            return .failure(.notConfigured(.smtp))
        }
    }

    private func envelope(of item: ClaimedSubmission) async throws -> SMTPEnvelope {
        let submission = item.submission
        let open = try submission.recipients.filter(\.isOpen).map { try SMTPPath($0.email) }
        let from = submission.mailFrom.isEmpty ? SMTPPath.null : try SMTPPath(submission.mailFrom)
        // What the message needs of the server can only be told by looking at all of it.
        var has8Bit = false
        if var content = try await store.submissions.content(of: submission.id) {
            while !has8Bit, let chunk = try await content.next() { has8Bit = chunk.contains { $0 >= 0x80 } }
        }
        return SMTPEnvelope(
            mailFrom: from, recipients: open, size: item.size, body: has8Bit ? .eightBit : .sevenBit)
    }
}
