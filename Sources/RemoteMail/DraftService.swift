import Mapping
package import Model

/// Drafts in the mailbox of that role, and their way into the queue.
///
/// Composing and sending are the outbox's: the composition root lends them as closures.
package struct DraftService: Sendable {
    /// Makes a message of what the caller wrote, Bcc included; whether anybody is to get it is asked when it is sent.
    package typealias Composer =
        @Sendable (SubmissionDraft, AccountID, _ deadline: ContinuousClock.Instant) async throws -> [UInt8]
    /// Queues a finished message durably; Bcc names recipients and is taken off.
    package typealias Sender = @Sendable ([UInt8], SubmissionTerms, AccountID) async throws -> Submission

    private let mail: MailService
    private let requireMailboxes: @Sendable (AccountID) async throws -> Void
    private let compose: Composer
    private let submit: Sender

    /// `requireMailboxes` throws where an account can have no drafts.
    package init(
        mail: MailService, requireMailboxes: @escaping @Sendable (AccountID) async throws -> Void,
        compose: @escaping Composer, submit: @escaping Sender
    ) {
        self.mail = mail
        self.requireMailboxes = requireMailboxes
        self.compose = compose
        self.submit = submit
    }

    /// Nil where it was stored and the server does not tell under which UID.
    package func createDraft(
        _ draft: SubmissionDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await requireMailboxes(account)
        return try await mail.importMessage(
            try await compose(draft, account, deadline), into: .role(.drafts), keywords: ["$draft", "$seen"],
            receivedAt: nil,
            of: account, deadline: deadline)
    }

    /// Puts another version into the draft's place; its id is another one.
    package func replaceDraft(
        _ id: EmailID, with draft: SubmissionDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await requireMailboxes(account)
        return try await mail.replaceDraft(
            id, with: try await compose(draft, account, deadline), of: account, deadline: deadline)
    }

    /// Queues the draft and then removes it.
    ///
    /// From the queue on the message is safe; a draft that could not be removed stays, and the submission stands. Who sends a draft
    /// that is sent already gets the submission that there is.
    package func sendDraft(
        _ id: EmailID, terms: SubmissionTerms, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Submission {
        try await requireMailboxes(account)
        let message = try await mail.draft(id, of: account, deadline: deadline)
        var terms = terms
        terms.source = terms.source ?? SubmissionTerms.source(draft: id)
        let submission = try await submit(message, terms, account)
        try? await mail.removeDraft(id, of: account, deadline: deadline)
        return submission
    }
}
