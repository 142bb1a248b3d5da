import Model
import Outbox
import RemoteMail

/// The outbox's view of the Sent mailbox, by the engine for remote mail.
struct ServerSentMail: SentMail {
    let mail: MailService
    /// Whether a server keeps the account's mail in mailboxes; POP3 has none for what was sent.
    let hasMailboxes: @Sendable (AccountID) async throws -> Bool

    func look(
        for messageID: String, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> SentLook {
        guard try await hasMailboxes(account),
            let found = try await mail.sentMessages(messageID, of: account, deadline: deadline)
        else { return SentLook(hasMailbox: false) }
        return SentLook(found: found.oldest, count: found.count, filesItself: found.isGmail)
    }

    func append(
        _ content: SentContent, messageID: String, keywords: [String], of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> EmailID? {
        let pieces = try await content.open()
        return try await mail.fileSent(
            content.size, hasEightBitHeader: content.hasEightBitHeader, pieces, messageID: messageID,
            keywords: keywords,
            of: account, deadline: deadline)
    }

    func mark(
        _ id: EmailID, _ keywords: [String], of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws {
        let changes = Dictionary(keywords.map { ($0, true) }, uniquingKeysWith: { first, _ in first })
        _ = try await mail.setKeywords(changes, on: id, of: account, deadline: deadline)
    }

    func removeLater(
        than messageID: String, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws {
        try await mail.removeLaterSent(messageID, of: account, deadline: deadline)
    }
}
