import Mapping
package import Model

/// The verbs on mail, by whatever protocol an account's server keeps it.
package struct AccountMail: Sendable {
    /// By which protocol an account's mail is kept; throws where the account is missing or disabled.
    package typealias Keeper = @Sendable (AccountID) async throws -> MailProtocol?

    private let imap: MailService
    private let pop3: MaildropService
    /// Whose word on senders an account believes.
    package typealias Authorities = @Sendable (AccountID) async throws -> AuthenticationAuthorities
    /// Asks for the TXT records of a name, until then.
    package typealias Keys = @Sendable (_ name: String, ContinuousClock.Instant) async throws -> [[UInt8]]

    private let keeper: Keeper
    private let authorities: Authorities
    let keys: Keys

    package init(
        imap: MailService, pop3: MaildropService, keeper: @escaping Keeper,
        authorities: @escaping Authorities = { _ in .none }, keys: @escaping Keys
    ) {
        self.imap = imap
        self.pop3 = pop3
        self.keeper = keeper
        self.authorities = authorities
        self.keys = keys
    }

    private func isMaildrop(_ account: AccountID) async throws -> Bool { try await keeper(account) == .pop3 }

    /// Throws where the account's mail is kept by POP3, which has no such thing.
    package func requireMailboxes(_ account: AccountID, for what: String) async throws {
        if try await isMaildrop(account) { throw RemoteMailError.notInMaildrop(what) }
    }

    // MARK: Mailboxes

    package func mailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [Mailbox] {
        try await isMaildrop(account)
            ? pop3.mailboxes(of: account, deadline: deadline) : imap.mailboxes(of: account, deadline: deadline)
    }

    package func mailbox(
        _ reference: MailboxReference, of account: AccountID, now deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        try await isMaildrop(account)
            ? pop3.mailbox(reference, of: account, now: deadline)
            : imap.mailbox(reference, of: account, now: deadline)
    }

    package func createMailbox(
        _ draft: MailboxDraft, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        try await requireMailboxes(account, for: "Mailboxes cannot be created")
        return try await imap.createMailbox(draft, of: account, deadline: deadline)
    }

    package func updateMailbox(
        _ reference: MailboxReference, with patch: MailboxPatch, of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        try await requireMailboxes(account, for: "Mailboxes cannot be changed")
        return try await imap.updateMailbox(reference, with: patch, of: account, deadline: deadline)
    }

    package func deleteMailbox(
        _ reference: MailboxReference, force: Bool, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws {
        try await requireMailboxes(account, for: "Mailboxes cannot be deleted")
        try await imap.deleteMailbox(reference, force: force, of: account, deadline: deadline)
    }

    package func quota(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [QuotaUsage] {
        try await requireMailboxes(account, for: "Quotas cannot be asked for")
        return try await imap.quota(of: account, deadline: deadline)
    }

    // MARK: Reading

    package func messages(
        of account: AccountID, matching query: MessageQuery, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Message> {
        try await isMaildrop(account)
            ? pop3.messages(of: account, matching: query, limit: limit, cursor: cursor, deadline: deadline)
            : imap.messages(of: account, matching: query, limit: limit, cursor: cursor, deadline: deadline)
    }

    package func threads(
        of account: AccountID, in mailbox: MailboxReference, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Conversation> {
        try await isMaildrop(account)
            ? pop3.threads(of: account, in: mailbox, limit: limit, cursor: cursor, deadline: deadline)
            : imap.threads(of: account, in: mailbox, limit: limit, cursor: cursor, deadline: deadline)
    }

    package func thread(
        _ id: ThreadID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Conversation {
        try await isMaildrop(account)
            ? pop3.thread(id, of: account, deadline: deadline) : imap.thread(id, of: account, deadline: deadline)
    }

    package func message(
        _ id: EmailID, of account: AccountID, options: MessageOptions, deadline: ContinuousClock.Instant
    ) async throws -> Message {
        var options = options
        options.authorities = try await authorities(account)
        var message =
            try await isMaildrop(account)
            ? pop3.message(id, of: account, options: options, deadline: deadline)
            : imap.message(id, of: account, options: options, deadline: deadline)
        if let protection = MessageProtection.find(inText: message.text) { message.protections.append(protection) }
        if options.verifiesSignatures {
            message.signatures = try await signatures(of: message, of: account, deadline: deadline)
        }
        return message
    }

    package func rawMessage(
        _ id: EmailID, of account: AccountID, needsSize: Bool, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        try await isMaildrop(account)
            ? pop3.rawMessage(id, of: account, needsSize: needsSize, deadline: deadline)
            : imap.rawMessage(id, of: account, deadline: deadline)
    }

    package func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, needsSize: Bool, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent {
        try await isMaildrop(account)
            ? pop3.attachment(part, of: id, of: account, needsSize: needsSize, deadline: deadline)
            : imap.attachment(part, of: id, of: account, needsSize: needsSize, deadline: deadline)
    }

    // MARK: Changing

    package func setKeywords(
        _ changes: [String: Bool], on id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message {
        try await isMaildrop(account)
            ? pop3.setKeywords(changes, on: id, of: account, deadline: deadline)
            : imap.setKeywords(changes, on: id, of: account, deadline: deadline)
    }

    package func setMailboxes(
        _ mailboxes: [MailboxReference], of id: EmailID, in account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await requireMailboxes(account, for: "Messages cannot be moved")
        return try await imap.setMailboxes(mailboxes, of: id, in: account, deadline: deadline)
    }

    package func move(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await requireMailboxes(account, for: "Messages cannot be moved")
        return try await imap.move(id, to: mailbox, of: account, deadline: deadline)
    }

    package func copy(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await requireMailboxes(account, for: "Messages cannot be copied")
        return try await imap.copy(id, to: mailbox, of: account, deadline: deadline)
    }

    package func importMessage(
        _ upload: MessageUpload, into mailbox: MailboxReference, keywords: [String], receivedAt: Timestamp?,
        of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await requireMailboxes(account, for: "Messages cannot be imported")
        return try await imap.importMessage(
            upload, into: mailbox, keywords: keywords, receivedAt: receivedAt, of: account, deadline: deadline)
    }

    package func batch(
        _ ids: [EmailID], _ action: BatchAction, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [BatchOutcome] {
        try await isMaildrop(account)
            ? pop3.batch(ids, action, of: account, deadline: deadline)
            : imap.batch(ids, action, of: account, deadline: deadline)
    }

    package func batch(
        matching query: MessageQuery, _ action: BatchAction, of account: AccountID, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> BatchPage {
        try await isMaildrop(account)
            ? pop3.batch(matching: query, action, of: account, limit: limit, cursor: cursor, deadline: deadline)
            : imap.batch(matching: query, action, of: account, limit: limit, cursor: cursor, deadline: deadline)
    }

    package func judgeSpam(
        _ id: EmailID, isSpam: Bool, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await isMaildrop(account)
            ? pop3.judgeSpam(id, isSpam: isSpam, of: account, deadline: deadline)
            : imap.judgeSpam(id, isSpam: isSpam, of: account, deadline: deadline)
    }

    package func delete(
        _ id: EmailID, of account: AccountID, permanently: Bool, deadline: ContinuousClock.Instant
    ) async throws {
        if try await isMaildrop(account) { return try await pop3.delete(id, of: account, deadline: deadline) }
        try await imap.delete(id, of: account, permanently: permanently, deadline: deadline)
    }
}
