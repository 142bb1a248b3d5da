import IMAP
import MailClient
import Mapping
import Model
import Store

extension MailService {
    /// The whole message, which must be a draft.
    func draft(
        _ id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [UInt8] {
        try await withMessage(id, of: account, for: .reading, deadline: deadline) { session, key, entry in
            let fetched = try await fetch(key, [.uid, .flags, .body(.message)], in: session)
            try check(fetched, id, in: entry)
            guard let octets = fetched.bytes(of: .message) else { throw RemoteMailError.messageNotFound(id) }
            return octets
        }
    }

    /// REPLACE where the server has it; else the new one is stored before the old one goes, so that none is ever lost.
    func replaceDraft(
        _ id: EmailID, with message: [UInt8], of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message? {
        try await withMessage(id, of: account, for: .changing, deadline: deadline) { session, key, entry in
            try check(try await fetch(key, [.uid, .flags], in: session), id, in: entry)
            let append = AppendCommand(to: entry.name, flags: [.draft, .seen], message: message)
            let stored: AppendCommand.Result
            if await session.capabilities.contains(.replace) {
                stored = try await session.execute(ReplaceCommand(key.uid, with: append))
            } else {
                stored = try await session.execute(append)
                try await expunge(UIDSet(key.uid), in: session)
            }
            try await index.noteLeaving([key.uid], key.mailbox, of: account)
            changed(account)
            try await session.execute(NoopCommand())
            var uid = stored.uidValidity == key.uidValidity ? stored.uid : nil
            if uid == nil { uid = try await newest(nil, in: session) }
            guard let uid else { return nil }
            return try await summary(
                MessageKey(mailbox: key.mailbox, uidValidity: key.uidValidity, uid: uid), of: account, in: session)
        }
    }

    func removeDraft(_ id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant) async throws {
        try await withMessage(id, of: account, for: .changing, deadline: deadline) { session, key, _ in
            try await expunge(UIDSet(key.uid), in: session)
            try await index.noteLeaving([key.uid], key.mailbox, of: account)
        }
        changed(account)
    }

    /// What somebody sent or received is not to be overwritten or sent again by a slip.
    private func check(
        _ message: FetchedMessage, _ id: EmailID, in entry: MailboxDirectory.Entry
    ) throws(RemoteMailError) {
        guard message.flags?.contains(.draft) == true || entry.mailbox.role == .drafts else { throw .notADraft(id) }
    }
}
