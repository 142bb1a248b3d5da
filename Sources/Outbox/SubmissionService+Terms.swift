package import Model
import Store

/// When and how submissions go, and what may still be decided about them.
extension SubmissionService {
    /// Cancels what is not on the wire yet; an outcome that is unknown is left at that.
    package func cancel(_ id: SubmissionID, of account: AccountID) async throws {
        switch try await store.submissions.cancel(id, of: account) {
        case .canceled: return
        case .tooLate: throw OutboxError.notWaiting(try await submission(id, of: account).state)
        case .notFound: _ = try await submission(id, of: account)
        }
    }

    /// Tries again now; for one whose outcome is unknown that is the decision to send it once more.
    package func retry(_ id: SubmissionID, of account: AccountID) async throws -> Submission {
        let outcome = try await store.submissions.retry(id, of: account)
        let found = try await submission(id, of: account)
        guard outcome == .due else { throw OutboxError.notWaiting(found.state) }
        wake(account, .now(), true)
        return found
    }

    /// The row of a message that is handed over.
    func submission(
        _ message: PreparedMessage, _ terms: SubmissionTerms, for account: Account, now: Timestamp
    ) throws -> Submission {
        if let time = terms.sendAt, time.advanced(by: Limits.lateness) < now {
            throw OutboxError.invalid([FieldFault(pointer: "/sendAt", detail: "is in the past")])
        }
        if let time = terms.options.holdUntil, time < max(now, terms.sendAt ?? now) {
            throw OutboxError.invalid([FieldFault(pointer: "/holdUntil", detail: "is over before the message is sent")])
        }
        let isLater = terms.sendAt.map { $0 > now } ?? false
        var submission = Submission(
            id: SubmissionID(rawValue: IdentifierGenerator.make(prefix: "sub")), accountID: account.id,
            state: isLater ? .scheduled : .queued, messageID: message.messageID, sendAt: terms.sendAt, createdAt: now,
            nextAttemptAt: isLater ? terms.sendAt : now, mailFrom: message.mailFrom,
            recipients: message.recipients.map { SubmissionRecipient(email: $0) },
            saveToSent: terms.saveToSent && account.servers[.imap] != nil)
        submission.options = terms.options
        submission.sentCopy.keywords = terms.keywords
        submission.source = terms.source
        return submission
    }
}

extension SubmissionTerms {
    init(_ draft: SubmissionDraft) {
        self.init(saveToSent: draft.saveToSent)
        keywords = draft.keywords
        sendAt = draft.sendAt
        options = draft.options
    }
}
