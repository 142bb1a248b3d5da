package import Model
package import Store

/// The verbs on submissions: hand over, show, list.
///
/// Delivery itself is `DeliveryWorker`'s.
package struct SubmissionService: Sendable {
    /// Tells the account, or throws where there is none or it cannot send.
    package typealias AccountSource = @Sendable (AccountID) async throws -> Account

    /// Tells what an account's mail is signed with.
    package typealias SecretSource = @Sendable (AccountID) async throws -> [SigningSecret]

    /// Tells whoever delivers that a submission is due then; urgently, where a person asked for it.
    package typealias Wake = @Sendable (AccountID, _ due: Timestamp, _ isUrgent: Bool) -> Void

    let store: MailStore
    let wake: Wake
    private let account: AccountSource
    private let secrets: SecretSource
    private let composition: Composition

    package init(
        store: MailStore, mail: any StoredMail, account: @escaping AccountSource,
        secrets: @escaping SecretSource = { _ in [] }, wake: @escaping Wake
    ) {
        self.secrets = secrets
        self.store = store
        self.account = account
        composition = Composition(store: store, mail: mail)
        self.wake = wake
    }

    /// Composes, stores durably, and answers; sending happens after.
    ///
    /// `uploads` are the files of the form that the draft came with, by the names of their parts.
    package func submit(
        _ draft: SubmissionDraft, uploads: [String: ContentSource] = [:], source: String? = nil, for account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> Submission {
        let sender = try await sender(account)
        let now = Timestamp.now()
        let message = try await composition.prepare(
            draft, uploads: uploads, of: sender, deadline: deadline, now: now)
        var terms = SubmissionTerms(draft)
        terms.source = source
        return try await enqueue(
            message, terms, mark: draft.reference.map(OriginalMark.init), for: sender, now: now)
    }

    /// Takes a finished RFC 5322 message and sends it as it is, but for Bcc and a missing Message-ID or Date.
    package func submit(
        raw message: ContentFile, envelope: SubmissionEnvelope?, terms: SubmissionTerms, for account: AccountID
    ) async throws -> Submission {
        let sender = try await sender(account)
        let now = Timestamp.now()
        let prepared = try await RawMessage(accountAddress: sender.email, now: now)
            .prepare(message, envelope: envelope)
        return try await enqueue(prepared, terms, for: sender, now: now)
    }

    /// A message to be kept as a draft, Bcc included.
    package func compose(
        _ draft: SubmissionDraft, for account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [UInt8] {
        let author = try await self.account(account)
        return try await composition.prepareStored(draft, of: author, deadline: deadline, now: .now()).bytes()
    }

    /// Sends what was kept as a draft: its date is now, and its Bcc names recipients and goes.
    package func submit(
        stored message: [UInt8], terms: SubmissionTerms, for account: AccountID
    ) async throws -> Submission {
        let sender = try await sender(account)
        let now = Timestamp.now()
        let prepared = try await RawMessage(accountAddress: sender.email, now: now)
            .prepare(ContentFile(message), envelope: nil, isDraft: true)
        return try await enqueue(prepared, terms, for: sender, now: now)
    }

    /// Composes each by itself and stores those that are right together: after a crash either all of them are there or none.
    ///
    /// With `source` a second time gives what the first time stored.
    package func submit(
        batch drafts: [SubmissionDraft], source: String? = nil, for account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> [Result<Submission, OutboxError>] {
        let sender = try await sender(account)
        var results: [Result<Submission, OutboxError>] = []
        var stored: [NewSubmission] = []
        var held = 0
        do {
            for (index, draft) in drafts.enumerated() {
                let now = Timestamp.now()
                var terms = SubmissionTerms(draft)
                terms.source = source.map { "\($0)\n\(index)" }
                do {
                    let message = try await composition.prepare(draft, of: sender, deadline: deadline, now: now)
                    var new = try await newSubmission(message, terms, mark: nil, for: sender, now: now)
                    stored.append(new)
                    held += new.content.held
                    if held > Limits.heldByBatch {
                        held -= new.content.held
                        try await new.content.flush()
                        stored[stored.count - 1] = new
                    }
                    results.append(.success(new.submission))
                } catch let error as OutboxError {
                    results.append(.failure(error))
                }
            }
            try await store.submissions.insert(stored)
        } catch {
            for new in stored { try? await store.submissions.discard(new.content) }
            guard let earlier = try await earlier(results, of: account) else { throw error }
            return earlier
        }
        if let due = stored.map({ $0.submission.nextAttemptAt ?? $0.submission.createdAt }).min() {
            wake(account, due, false)
        }
        return results
    }

    /// What the same request stored before; nil where it did not.
    private func earlier(
        _ results: [Result<Submission, OutboxError>], of account: AccountID
    ) async throws -> [Result<Submission, OutboxError>]? {
        var earlier = results
        for (index, result) in results.enumerated() {
            guard case .success(let submission) = result else { continue }
            guard let source = submission.source,
                let found = try await store.submissions.submission(source: source, of: account)
            else { return nil }
            earlier[index] = .success(found)
        }
        return earlier
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
        _ message: PreparedMessage, _ terms: SubmissionTerms, mark: OriginalMark? = nil, for account: Account,
        now: Timestamp
    ) async throws -> Submission {
        let new = try await newSubmission(message, terms, mark: mark, for: account, now: now)
        do {
            try await store.submissions.insert([new])
        } catch {
            try? await store.submissions.discard(new.content)
            guard let source = terms.source,
                let earlier = try await store.submissions.submission(source: source, of: account.id)
            else { throw error }
            return earlier
        }
        wake(account.id, new.submission.nextAttemptAt ?? now, false)
        return new.submission
    }

    /// Takes the message into the store, where nothing of it stays if that fails; the submission itself is still to be inserted.
    private func newSubmission(
        _ message: PreparedMessage, _ terms: SubmissionTerms, mark: OriginalMark?, for account: Account, now: Timestamp
    ) async throws -> NewSubmission {
        let submission = try submission(message, terms, for: account, now: now)
        let signer = try await MessageSigner(message, of: account, secrets)
        let sink = ContentSink(
            store.submissions.beginContent(for: account.id, at: now, leavingRoom: signer != nil),
            limit: Limits.messageOctets)
        do {
            try await message.write { octets in
                signer?.read(octets)
                try await sink.append(octets)
            }
            if let signer { try await sink.prepend(signer.signature(at: now)) }
        } catch {
            if let upload = sink.take() { try? await store.submissions.discard(upload) }
            throw error
        }
        guard let upload = sink.take() else { throw CancellationError() }
        return NewSubmission(submission, content: upload, mark: mark ?? message.mark)
    }
}

extension OriginalMark {
    fileprivate init(_ reference: MessageReference) {
        self.init(message: reference.message, keyword: reference.action.keyword)
    }
}
