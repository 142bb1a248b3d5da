import API
import Accounts
import MailClient
import Model
import Outbox
import RemoteMail
import Synchronization
import Wire

/// Engines that remember how they were called and answer samples, or the failure they are given.
final class StubEngines: Sendable {
    private struct State {
        var calls: [String] = []
        var failure: (any Error)?
    }

    private let state = Mutex(State())
    /// What was noted in the audit log.
    let audited = Mutex<[AuditEntry]>([])

    var calls: [String] { state.withLock { $0.calls } }

    func fail(with error: (any Error)?) { state.withLock { $0.failure = error } }

    func note(_ call: String) throws {
        let failure = state.withLock { state in
            state.calls.append(call)
            return state.failure
        }
        if let failure { throw failure }
    }
}

extension StubEngines: AccountVerbs {
    func create(_ draft: AccountDraft, verify: Bool, deadline: ContinuousClock.Instant) async throws -> Account {
        try note("create \(draft.email) verify \(verify)")
        return Sample.account
    }

    func list(limit: Int, cursor: String?, visible: Set<AccountID>?) async throws -> Page<Account> {
        try note("accounts limit \(limit) cursor \(cursor ?? "-") visible \(visible?.count ?? -1)")
        return Page(data: [Sample.account, Sample.broken], nextCursor: cursor == nil ? "next page" : nil)
    }

    func account(_ id: AccountID) async throws -> Account {
        try note("account \(id)")
        guard id == Sample.account.id else { throw AccountError.notFound(id) }
        return Sample.account
    }

    func update(
        _ id: AccountID, with patch: AccountPatch, ifRevision: Int64?, verify: Bool, deadline: ContinuousClock.Instant
    ) async throws -> Account {
        try note("update \(id) if \(ifRevision.map(String.init) ?? "-") verify \(verify)")
        if let ifRevision, ifRevision != Sample.account.revision {
            throw AccountError.revisionMismatch(current: Sample.account.revision)
        }
        return Sample.account
    }

    func delete(_ id: AccountID, ifRevision: Int64?) async throws { try note("delete \(id)") }

    func reconnect(_ id: AccountID, deadline: ContinuousClock.Instant) async throws -> Account {
        try note("reconnect \(id)")
        return Sample.broken
    }

    func verify(
        _ draft: AccountDraft, deadline: ContinuousClock.Instant
    ) async throws -> [MailProtocol: MailClientError?] {
        try note("verify \(draft.email)")
        return [.imap: nil, .smtp: .authenticationFailed(.smtp, text: "no")]
    }
}

extension StubEngines: MailVerbs {
    func mailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [Mailbox] {
        try note("mailboxes \(account)")
        return [Sample.inbox, Sample.folder]
    }

    func messages(
        of account: AccountID, matching query: MessageQuery, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Message> {
        try note("messages \(query.mailbox.map { "\($0)" } ?? "-") limit \(limit)")
        return Page(data: [Sample.message], nextCursor: "c/2+=")
    }

    func threads(
        of account: AccountID, in mailbox: MailboxReference, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Conversation> {
        try note("threads \(mailbox) limit \(limit)")
        return Page(data: [Sample.conversation], nextCursor: "t/2")
    }

    func thread(
        _ id: ThreadID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Conversation {
        try note("thread \(id)")
        guard id == Sample.conversation.id else { throw RemoteMailError.threadNotFound(id) }
        return Sample.conversation
    }

    func message(
        _ id: EmailID, of account: AccountID, options: MessageOptions, deadline: ContinuousClock.Instant
    ) async throws -> Message {
        try note(
            "message \(id) text \(options.wantsText) html \(options.wantsHTML) headers \(options.headers)"
                + (options.marksSeen ? " seen" : ""))
        guard id == Sample.message.id else { throw RemoteMailError.messageNotFound(id) }
        return Sample.message
    }

    func rawMessage(
        _ id: EmailID, of account: AccountID, needsSize: Bool, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        try note("raw \(id)")
        return Sample.content(size: 10, type: "message/rfc822", name: nil)
    }

    func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, needsSize: Bool,
        deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        try note("attachment \(part)")
        return Sample.content(size: nil, type: "image/png", name: "Bild ä\".png")
    }

    func setKeywords(
        _ changes: [String: Bool], on id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message {
        try note(
            "keywords " + changes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
        return Sample.message
    }

    func setMailboxes(
        _ mailboxes: [MailboxReference], of id: EmailID, in account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try note("mailboxes of \(id) " + mailboxes.map { "\($0)" }.joined(separator: " "))
        return Sample.message
    }

    func move(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try note("move \(id) to \(mailbox)")
        return mailbox == .role(.archive) ? nil : Sample.message
    }

    func copy(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try note("copy \(id) to \(mailbox)")
        return mailbox == .role(.archive) ? nil : Sample.message
    }

    func importMessage(
        _ upload: MessageUpload, into mailbox: MailboxReference, keywords: [String], receivedAt: Timestamp?,
        of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try note("import \(upload.size) into \(mailbox) \(keywords) \(receivedAt?.description ?? "-")")
        return Sample.message
    }

    func batch(
        _ ids: [EmailID], _ action: BatchAction, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome] {
        try note("batch \(ids) \(action.keywords) \(action.transfer.map { "\($0)" } ?? "-")")
        return ids.map { id in
            id == Sample.message.id
                ? BatchOutcome(id: id, newID: EmailID(rawValue: "e2"))
                : BatchOutcome(id: id, error: RemoteMailError.messageNotFound(id))
        }
    }

    func batch(
        matching query: MessageQuery, _ action: BatchAction, of account: AccountID, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> BatchPage {
        try note(
            "batch in \(query.mailbox.map { "\($0)" } ?? "-") limit \(limit) cursor \(cursor ?? "-") \(action.keywords)"
        )
        if cursor == "old" { throw RemoteMailError.staleCursor }
        return BatchPage(outcomes: [BatchOutcome(id: Sample.message.id)], nextCursor: "more")
    }

    func judgeSpam(
        _ id: EmailID, isSpam: Bool, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try note("spam \(isSpam) \(id)")
        return Sample.message
    }

    func delete(
        _ id: EmailID, of account: AccountID, permanently: Bool, deadline: ContinuousClock.Instant
    ) async throws { try note("delete \(id) permanently \(permanently)") }
}

extension StubEngines: DraftVerbs {
    func createDraft(
        _ draft: SubmissionDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try note("draft \(draft.subject ?? "-")")
        return Sample.message
    }

    func replaceDraft(
        _ id: EmailID, with draft: SubmissionDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try note("replace \(id) \(draft.subject ?? "-")")
        return Sample.message
    }

    func sendDraft(
        _ id: EmailID, terms: SubmissionTerms, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Submission {
        try note("send \(id) save \(terms.saveToSent)")
        return Sample.submission
    }
}

extension StubEngines: SubmissionVerbs {
    func submit(
        _ draft: SubmissionDraft, uploads: [String: ContentSource], source: String?, for account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> Submission {
        let files = uploads.isEmpty ? "" : " with \(uploads.keys.sorted())"
        try note("submit \(draft.to.map(\.email))" + files)
        return Sample.submission
    }

    func submit(
        raw message: ContentFile, envelope: SubmissionEnvelope?, terms: SubmissionTerms, for account: AccountID
    ) async throws -> Submission {
        try note(
            "raw \(message.size) octets from \(envelope?.mailFrom ?? "-") to \(envelope?.rcptTo ?? []) save \(terms.saveToSent)"
        )
        return Sample.submission
    }

    func cancel(_ id: SubmissionID, of account: AccountID) async throws { try note("cancel \(id)") }

    func retry(_ id: SubmissionID, of account: AccountID) async throws -> Submission {
        try note("retry \(id)")
        return Sample.submission
    }

    func submit(
        batch drafts: [SubmissionDraft], source: String?, for account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [Result<Submission, OutboxError>] {
        try note("batch \(drafts.map { $0.to.map(\.email) })")
        return drafts.map { _ in .success(Sample.submission) }
    }

    func submission(_ id: SubmissionID, of account: AccountID) async throws -> Submission {
        try note("submission \(id)")
        return Sample.submission
    }

    func list(
        account: AccountID?, visible: Set<AccountID>?, limit: Int, cursor: String?
    ) async throws -> Page<Submission> {
        try note("submissions \(account?.rawValue ?? "all") visible \(visible?.count ?? -1)")
        return Page(data: [Sample.submission], nextCursor: nil)
    }
}

extension StubEngines: TemplateVerbs {
    func create(_ content: TemplateContent) async throws -> Template {
        try note("template \(content.subject ?? "-")")
        return Sample.template
    }

    func list(limit: Int, cursor: String?) async throws -> Page<Template> {
        try note("templates")
        return Page(data: [Sample.template], nextCursor: nil)
    }

    func template(_ id: TemplateID) async throws -> Template {
        try note("template \(id)")
        return Sample.template
    }

    func update(_ id: TemplateID, with patch: TemplatePatch, ifRevision: Int64?) async throws -> Template {
        try note("update template \(id)")
        return Sample.template
    }

    func delete(_ id: TemplateID, ifRevision: Int64?) async throws { try note("delete template \(id)") }

    func render(_ id: TemplateID, with values: [String: String]) async throws -> TemplateContent {
        try note("render \(id) with \(values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })")
        return Sample.template.content
    }
}
