import MIME
package import Model
package import Store

/// The verbs on submissions: hand over, show, list.
///
/// Delivery itself is `DeliveryWorker`'s.
package struct SubmissionService: Sendable {
    /// Tells the account, or throws where there is none or it cannot send.
    package typealias AccountSource = @Sendable (AccountID) async throws -> Account

    private let store: MailStore
    private let account: AccountSource
    private let wakeWorker: @Sendable () -> Void

    package init(store: MailStore, account: @escaping AccountSource, wakeWorker: @escaping @Sendable () -> Void) {
        self.store = store
        self.account = account
        self.wakeWorker = wakeWorker
    }

    /// Composes, stores durably, and answers; sending happens after.
    package func submit(_ draft: SubmissionDraft, for account: AccountID) async throws -> Submission {
        let sender = try await sender(account)
        let now = Timestamp.now()
        let message = try DraftComposer(accountAddress: sender.email, now: now).compose(draft)
        return try await enqueue(message, saveToSent: draft.saveToSent, for: sender, now: now)
    }

    /// Takes a finished RFC 5322 message and sends it as it is, but for Bcc and a missing Message-ID or Date.
    package func submit(
        raw message: [UInt8], envelope: SubmissionEnvelope?, saveToSent: Bool, for account: AccountID
    ) async throws -> Submission {
        let sender = try await sender(account)
        let now = Timestamp.now()
        let prepared = try RawMessage(accountAddress: sender.email, now: now).prepare(message, envelope: envelope)
        return try await enqueue(prepared, saveToSent: saveToSent, for: sender, now: now)
    }

    /// A message to be kept as a draft, Bcc included.
    package func compose(_ draft: SubmissionDraft, for account: AccountID) async throws -> [UInt8] {
        let author = try await self.account(account)
        return try DraftComposer(accountAddress: author.email, now: .now()).composeStored(draft)
    }

    /// Sends what was kept as a draft: its date is now, and its Bcc names recipients and goes.
    package func submit(
        stored message: [UInt8], saveToSent: Bool, for account: AccountID
    ) async throws -> Submission {
        var editor = HeaderEditor(message)
        editor.remove("Date")
        return try await submit(raw: editor.message, envelope: nil, saveToSent: saveToSent, for: account)
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

    private func enqueue(
        _ message: PreparedMessage, saveToSent: Bool, for account: Account, now: Timestamp
    ) async throws -> Submission {
        guard message.bytes.count <= Limits.messageOctets else {
            throw OutboxError.tooLarge(limit: Limits.messageOctets)
        }
        let submission = Submission(
            id: SubmissionID(rawValue: IdentifierGenerator.make(prefix: "sub")), accountID: account.id, state: .queued,
            messageID: message.messageID, createdAt: now, nextAttemptAt: now, mailFrom: message.mailFrom,
            recipients: message.recipients.map { SubmissionRecipient(email: $0) },
            saveToSent: saveToSent && account.servers[.imap] != nil)
        try await store.submissions.insert(submission, content: message.bytes)
        wakeWorker()
        return submission
    }
}
