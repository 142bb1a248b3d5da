import IMAP
import MailClient
import Mapping
package import Model
import Store

/// What lies in the mailbox of the role `sent`.
///
/// Some servers file what is submitted themselves (Gmail, Exchange), and an earlier try may have succeeded without our
/// knowing: the Message-ID tells.
extension MailService {
    /// Messages of this Message-ID; nil where the account has no such mailbox.
    package func sentMessages(
        _ messageID: String, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> (oldest: EmailID?, count: Int, isGmail: Bool)? {
        guard let target = try await sentMailbox(of: account, deadline: deadline) else { return nil }
        return try await withMailbox(target, of: account, for: .reading, deadline: deadline) {
            session, validity -> (oldest: EmailID?, count: Int, isGmail: Bool) in
            let isGmail = await session.capabilities.contains(.gmail)
            let uids = try await uids(messageID, in: session)
            guard let first = uids.first else { return (nil, 0, isGmail) }
            let key = MessageKey(mailbox: target.mailbox.id, uidValidity: validity, uid: first)
            return (try await summary(key, of: account, in: session).id, uids.count, isGmail)
        }
    }

    /// Puts a sent message there, seen; nil where the account has no such mailbox, or the server does not tell which it is.
    package func fileSent(
        _ size: Int, hasEightBitHeader: Bool, _ pieces: @escaping @Sendable () async throws -> [UInt8]?,
        messageID: String, keywords: [String] = [], of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> EmailID? {
        let flags = try flags(Dictionary(keywords.map { ($0, true) }, uniquingKeysWith: { first, _ in first })).added
        guard let target = try await sentMailbox(of: account, deadline: deadline) else { return nil }
        return try await withMailbox(target, of: account, for: .changing, deadline: deadline) { session, validity in
            let appended = try await session.execute(
                AppendCommand(
                    to: target.name, flags: [.seen] + flags.filter { $0 != .seen },
                    message: LiteralSource(size: size, next: pieces),
                    hasEightBitHeader: hasEightBitHeader), extra: .seconds(size / Limits.uploadRate))
            var uid = appended.uidValidity == validity ? appended.uid : nil
            try await session.execute(NoopCommand())
            if uid == nil { uid = try await uids(messageID, in: session).last }
            changed(account)
            guard let uid else { return nil }
            return try await summary(
                MessageKey(mailbox: target.mailbox.id, uidValidity: validity, uid: uid), of: account, in: session
            ).id
        }
    }

    /// Of several with this Message-ID leaves the oldest.
    package func removeLaterSent(
        _ messageID: String, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws {
        guard let target = try await sentMailbox(of: account, deadline: deadline) else { return }
        try await withMailbox(target, of: account, for: .changing, deadline: deadline) { session, _ in
            let later = Array(try await uids(messageID, in: session).dropFirst())
            guard !later.isEmpty else { return }
            try await expunge(UIDSet(later), in: session)
            try await index.noteLeaving(later, target.mailbox.id, of: account)
        }
        changed(account)
    }

    private func sentMailbox(
        of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> MailboxDirectory.Entry? {
        do {
            return try await mailbox(.role(.sent), of: account, deadline: deadline)
        } catch RemoteMailError.roleNotFound {
            return nil
        }
    }

    private func uids(_ messageID: String, in session: IMAPLease) async throws -> [UInt32] {
        try await session.execute(NoopCommand())
        let found = try await session.execute(SearchCommand(.header(name: "Message-ID", value: messageID)))
        return found.all.map { $0.numbers.sorted() } ?? []
    }
}
