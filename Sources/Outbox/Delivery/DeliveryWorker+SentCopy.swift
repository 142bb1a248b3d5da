import Logging
import MailClient
import Model
import Store
import Synchronization

/// The copy in Sent: a step of its own, tried again where the mail server is away, never a second sending.
extension DeliveryWorker {
    func makeCopies(_ key: QueueKey) async {
        while let item = table.withLock({ $0.take(key, atMost: 1, now: .now()) }).first {
            do {
                ledger.record(try await makeCopy(item))
                table.withLock { $0.delivered(key, now: .now()) }
            } catch {
                ledger.record(failedCopy(item, error))
                guard let fault = error as? MailClientError, fault.isAboutServer || fault == .cancelled else {
                    continue
                }
                // The others would meet the same.
                let rest = table.withLock { table in
                    _ = table.unreachable(key, now: .now(), isServerAtFault: true)
                    return table.drain(key)
                }
                for item in rest { ledger.record(SubmissionResult(item, .released(at: .now()))) }
                return
            }
        }
    }

    private func makeCopy(_ claimed: ClaimedSubmission) async throws -> SubmissionResult {
        var item = claimed
        let submission = item.submission
        let account = submission.accountID
        let deadline = ContinuousClock.now + Limits.deliveryTime
        let known = try await store.submissions.isFiledByServer(account)
        let rewrites = await rewritesMessageIDs(account)
        let look = try await sentMail.look(for: submission.messageID, of: account, deadline: deadline)
        switch copyPlan.action(for: submission.sentCopy, look: look, known: known, rewrites: rewrites) {
        case .lookAgain(let wait): return SubmissionResult(item, .copying(at: .now().advanced(by: wait)))
        case .removeOurs:
            try await sentMail.removeLater(than: submission.messageID, of: account, deadline: deadline)
            try await store.submissions.noteFiling(byServer: true, of: account)
            item.submission.sentCopy.error = nil
        case .finish(let state, let id, let learned):
            if let learned, learned != known { try await store.submissions.noteFiling(byServer: learned, of: account) }
            item.submission.sentCopy.state = state
            item.submission.sentCopy.error = nil
            item.submission.sentMessageID = id ?? submission.sentMessageID
            if let id { try await mark(id, submission, deadline) }
        case .append:
            item.submission.sentMessageID = try await append(item, deadline)
            item.submission.sentCopy.state = .filed
            item.submission.sentCopy.error = nil
            if known != false {
                guard known == true || look.filesItself else {
                    return SubmissionResult(item, .copying(at: .now().advanced(by: copyPlan.probe)))
                }
                try await store.submissions.noteFiling(byServer: false, of: account)
            }
        }
        return SubmissionResult(item, .closed)
    }

    /// Outlook and Exchange give what they are handed another Message-ID, and file it themselves.
    private func rewritesMessageIDs(_ account: AccountID) async -> Bool {
        let host = await serverName(account)?.split(separator: ":").first.map(String.init)?.lowercased() ?? ""
        return ["office365.com", "outlook.com", "office.de", "partner.outlook.cn"].contains {
            host == $0 || host.hasSuffix("." + $0)
        }
    }

    /// Sets the keywords that were asked for on a copy that is there; one that the server refuses them for is there all the same.
    private func mark(
        _ id: EmailID, _ submission: Submission, _ deadline: ContinuousClock.Instant
    ) async throws {
        let keywords = submission.sentCopy.keywords
        guard !keywords.isEmpty else { return }
        do {
            try await sentMail.mark(id, keywords, of: submission.accountID, deadline: deadline)
        } catch {
            guard case .rejected? = error as? MailClientError else { throw error }
            logger.debug(
                "a copy in Sent takes no keywords", metadata: ["submission": "\(submission.id)", "error": "\(error)"])
        }
    }

    private func append(_ item: ClaimedSubmission, _ deadline: ContinuousClock.Instant) async throws -> EmailID? {
        let submission = item.submission
        let content = SentContent(size: item.size, hasEightBitHeader: submission.content.hasInternationalHeader) {
            [store] in
            guard let reader = try await store.submissions.content(of: submission.id) else {
                throw StoreError.unreadable("blob_chunks")
            }
            let content = try await OutgoingContent(stored: reader) {}
            return { try await content.next() }
        }
        return try await sentMail.append(
            content, messageID: submission.messageID, keywords: submission.sentCopy.keywords,
            of: submission.accountID, deadline: deadline)
    }

    private func failedCopy(_ claimed: ClaimedSubmission, _ error: any Error) -> SubmissionResult {
        var item = claimed
        if let fault = error as? MailClientError, fault == .cancelled {
            return SubmissionResult(item, .released(at: .now()))
        }
        let now = Timestamp.now()
        let fault = (error as? MailClientError)?.submissionFault
        item.submission.sentCopy.error = fault ?? SubmissionFault(code: "sent-copy-failed", text: "\(error)")
        let next = plan.schedule.next(
            afterAttempt: item.copyAttempts, createdAt: item.submission.createdAt, now: now)
        // A server that said no to the message itself will say it again, and what no node can open stays so.
        let isFinal =
            if case .rejected? = error as? MailClientError { true } else {
                (error as? StoreError)?.isLackOfKey == false
            }
        if let next, !isFinal { return SubmissionResult(item, .copying(at: next)) }
        item.submission.sentCopy.state = item.submission.sentCopy.state == .filed ? .filed : .failed
        return SubmissionResult(item, .closed)
    }
}
