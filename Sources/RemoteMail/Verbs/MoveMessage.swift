import IMAP
import MIME
import MailClient
import Mapping
package import Model
import Store

extension MailService {
    /// Answers the message in its new place, where it has the same id.
    ///
    /// Nil where it was moved and the server does not tell where in that mailbox it is now.
    package func move(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        let target = try await self.mailbox(mailbox, of: account, deadline: deadline)
        let transfer = try await withMessage(id, of: account, for: .changing, deadline: deadline) {
            session, key, source -> Transfer? in
            let messageID = try await messageID(of: key, in: session)
            guard source.mailbox.id != target.mailbox.id else { return nil }
            let uids = MessageSet.uids(UIDSet(key.uid))
            let copied: CopiedUIDs?
            if await session.capabilities.contains(.move) {
                copied = try await session.execute(MoveCommand(uids, to: target.name))
            } else {
                copied = try await session.execute(CopyCommand(uids, to: target.name))
                try await expunge(UIDSet(key.uid), in: session)
            }
            try await note(copied, from: source, to: target, of: account)
            try await index.noteLeaving([key.uid], key.mailbox, of: account)
            return Transfer(messageID: messageID, copied: copied, uid: key.uid)
        }
        changed(account)
        guard let transfer else {
            return try await message(id, of: account, options: .withoutBodies, deadline: deadline)
        }
        return try await arrived(transfer, in: target, of: account, deadline: deadline)
    }

    /// Answers the copy; nil where it was made and the server does not tell where in that mailbox it is.
    package func copy(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        let target = try await self.mailbox(mailbox, of: account, deadline: deadline)
        let transfer = try await withMessage(id, of: account, for: .readingOnce, deadline: deadline) {
            session, key, source in
            let messageID = try await messageID(of: key, in: session)
            let copied = try await session.execute(CopyCommand(.uids(UIDSet(key.uid)), to: target.name))
            try await note(copied, from: source, to: target, of: account)
            return Transfer(messageID: messageID, copied: copied, uid: key.uid)
        }
        changed(account)
        return try await arrived(transfer, in: target, of: account, deadline: deadline)
    }

    /// The ids of what was copied lead to the copies at once.
    func note(
        _ copied: CopiedUIDs?, from source: MailboxDirectory.Entry, to target: MailboxDirectory.Entry,
        of account: AccountID
    ) async throws {
        guard let copied, let pairs = copied.pairs() else { return }
        try await index.noteCopied(
            pairs, from: source.mailbox.id, to: target.mailbox.id, uidValidity: copied.validity, of: account)
    }

    /// What is known of a message that was put into another mailbox.
    private struct Transfer: Sendable {
        var messageID: String?
        var copied: CopiedUIDs?
        var uid: UInt32
    }

    /// The Message-ID, by which the message is found again on a server without UIDPLUS; throws where it is gone.
    private func messageID(of key: MessageKey, in session: IMAPLease) async throws -> String? {
        let section = Section(.headerFields(["Message-ID"]))
        // Not from ENVELOPE, which a server may be unable to make: the message is to be moved nevertheless.
        let fetched = try await fetch(key, [.uid, .body(section)], in: session)
        return fetched.bytes(of: section).flatMap { Headers(parsing: $0).messageID }
    }

    private func arrived(
        _ transfer: Transfer, in target: MailboxDirectory.Entry, of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await withMailbox(target, of: account, for: .reading, deadline: deadline) { session, validity in
            var uid: UInt32?
            if let copied = transfer.copied, copied.validity == validity {
                uid = copied.pairs()?.first { $0.source == transfer.uid }?.destination
            }
            if uid == nil {
                // A session that had the mailbox selected before learns of the new message only when asked.
                try await session.execute(NoopCommand())
                uid = try await newest(transfer.messageID, in: session)
            }
            guard let uid else { return nil }
            return try await summary(
                MessageKey(mailbox: target.mailbox.id, uidValidity: validity, uid: uid), of: account, in: session)
        }
    }

    /// The last message with this Message-ID; of a message without one, the last of the mailbox.
    func newest(_ messageID: String?, in session: IMAPLease) async throws -> UInt32? {
        let key = messageID.map { SearchKey.header(name: "Message-ID", value: $0) } ?? .all
        let found = try await session.execute(SearchCommand(key, returning: [.maximum]))
        return found.maximum ?? found.all?.last
    }
}

extension MessageOptions {
    static let withoutBodies: MessageOptions = {
        var options = MessageOptions()
        options.wantsText = false
        options.wantsHTML = false
        return options
    }()
}
