import MIME
package import Model
package import Store

/// The verbs on submissions: hand over, show, list.
///
/// Delivery itself is `DeliveryWorker`'s.
package struct SubmissionService: Sendable {
    /// Tells the account, or throws where there is none or it cannot send.
    package typealias AccountSource = @Sendable (AccountID) async throws -> Account

    /// Tells whoever delivers that a submission is due then; urgently, where a person asked for it.
    package typealias Wake = @Sendable (AccountID, _ due: Timestamp, _ isUrgent: Bool) -> Void

    private let store: MailStore
    private let account: AccountSource
    private let wake: Wake

    package init(store: MailStore, account: @escaping AccountSource, wake: @escaping Wake) {
        self.store = store
        self.account = account
        self.wake = wake
    }

    /// Composes, stores durably, and answers; sending happens after.
    package func submit(
        _ draft: SubmissionDraft, source: String? = nil, for account: AccountID
    ) async throws -> Submission {
        let sender = try await sender(account)
        let now = Timestamp.now()
        let message = try DraftComposer(accountAddress: sender.email, now: now).compose(draft)
        var terms = SubmissionTerms(draft)
        terms.source = source
        return try await enqueue(message, terms, for: sender, now: now)
    }

    /// Takes a finished RFC 5322 message and sends it as it is, but for Bcc and a missing Message-ID or Date.
    package func submit(
        raw message: [UInt8], envelope: SubmissionEnvelope?, terms: SubmissionTerms, for account: AccountID
    ) async throws -> Submission {
        let sender = try await sender(account)
        let now = Timestamp.now()
        let prepared = try RawMessage(accountAddress: sender.email, now: now).prepare(message, envelope: envelope)
        return try await enqueue(prepared, terms, for: sender, now: now)
    }

    /// A message to be kept as a draft, Bcc included.
    package func compose(_ draft: SubmissionDraft, for account: AccountID) async throws -> [UInt8] {
        let author = try await self.account(account)
        return try DraftComposer(accountAddress: author.email, now: .now()).composeStored(draft)
    }

    /// Sends what was kept as a draft: its date is now, and its Bcc names recipients and goes.
    package func submit(
        stored message: [UInt8], terms: SubmissionTerms, for account: AccountID
    ) async throws -> Submission {
        var editor = HeaderEditor(message)
        editor.remove("Date")
        return try await submit(raw: editor.message, envelope: nil, terms: terms, for: account)
    }

    package func submission(_ id: SubmissionID, of account: AccountID) async throws -> Submission {
        guard let found = try await store.submissions.submission(id, of: account) else {
            // Which of the two is unknown is worth telling.
            _ = try await self.account(account)
            throw OutboxError.notFound(id)
        }
        return found
    }

    /// Newest first; over all accounts where `account` is nil, limited to `visible`.
    package func list(
        account: AccountID?, visible: Set<AccountID>?, limit: Int, cursor: String?
    ) async throws -> Page<Submission> {
        var position: PageCursor?
        if let cursor {
            guard let read = PageCursor(cursor) else {
                throw OutboxError.invalid([FieldFault(pointer: "/cursor", detail: "is not a cursor of this list")])
            }
            position = read
        }
        if let account { _ = try await self.account(account) }
        return try await store.submissions.list(
            accounts: account.map { [$0] } ?? visible, after: position, limit: limit)
    }

    private func sender(_ id: AccountID) async throws -> Account {
        let account = try await account(id)
        guard account.servers[.smtp] != nil else { throw OutboxError.cannotSend(id) }
        return account
    }

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

    private func enqueue(
        _ message: PreparedMessage, _ terms: SubmissionTerms, for account: Account, now: Timestamp
    ) async throws -> Submission {
        guard message.bytes.count <= Limits.messageOctets else {
            throw OutboxError.tooLarge(limit: Limits.messageOctets)
        }
        let submission = try submission(message, terms, for: account, now: now)
        do {
            try await store.submissions.insert(submission, content: message.bytes)
        } catch {
            guard let source = submission.source,
                let earlier = try await store.submissions.submission(source: source, of: account.id)
            else { throw error }
            return earlier
        }
        wake(account.id, submission.nextAttemptAt ?? now, false)
        return submission
    }

    private func submission(
        _ message: PreparedMessage, _ terms: SubmissionTerms, for account: Account, now: Timestamp
    ) throws -> Submission {
        if let time = terms.sendAt, time.advanced(by: Limits.lateness) < now {
            throw OutboxError.invalid([FieldFault(pointer: "/sendAt", detail: "is in the past")])
        }
        let isLater = terms.sendAt.map { $0 > now } ?? false
        var submission = Submission(
            id: SubmissionID(rawValue: IdentifierGenerator.make(prefix: "sub")), accountID: account.id,
            state: isLater ? .scheduled : .queued, messageID: message.messageID, sendAt: terms.sendAt, createdAt: now,
            nextAttemptAt: isLater ? terms.sendAt : now, mailFrom: message.mailFrom,
            recipients: message.recipients.map { SubmissionRecipient(email: $0) },
            saveToSent: terms.saveToSent && account.servers[.imap] != nil)
        submission.options = terms.options
        submission.source = terms.source
        return submission
    }
}

extension SubmissionTerms {
    init(_ draft: SubmissionDraft) {
        self.init(saveToSent: draft.saveToSent)
        sendAt = draft.sendAt
        options = draft.options
    }
}
