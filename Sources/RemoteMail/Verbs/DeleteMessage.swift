import IMAP
import MailClient
import Mapping
package import Model
import Store

extension MailService {
    /// Moves to trash; from the trash, where there is none, or with `permanently`, expunges exactly this message.
    ///
    /// A message that lies in several mailboxes leaves all of them.
    package func delete(
        _ id: EmailID, of account: AccountID, permanently: Bool, deadline: ContinuousClock.Instant
    ) async throws {
        let trash = permanently ? nil : try await trash(of: account, deadline: deadline)
        let places = try await places(of: id, in: account, deadline: deadline)
        let isInTrash = places.allSatisfy { $0.mailbox == trash?.mailbox.id }
        try await withEveryPlace(of: id, in: account, deadline: deadline) { session, key, source in
            _ = try await fetch(key, [.uid], in: session)
            let uids = UIDSet(key.uid)
            if let trash, !isInTrash {
                if source.mailbox.id == trash.mailbox.id { return }
                if await session.capabilities.contains(.move) {
                    try await note(
                        try await session.execute(MoveCommand(.uids(uids), to: trash.name)), from: source, to: trash,
                        of: account)
                } else {
                    try await note(
                        try await session.execute(CopyCommand(.uids(uids), to: trash.name)), from: source, to: trash,
                        of: account)
                    try await expunge(uids, in: session)
                }
            } else {
                try await expunge(uids, in: session)
            }
            try await index.noteLeaving([key.uid], key.mailbox, of: account)
        }
        changed(account)
    }

    /// Nil where the account has none; a server that does not answer has not said so.
    func trash(
        of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> MailboxDirectory.Entry? {
        do {
            return try await mailbox(.role(.trash), of: account, deadline: deadline)
        } catch RemoteMailError.roleNotFound {
            return nil
        }
    }

    /// Removes exactly these messages for good.
    ///
    /// Without UIDPLUS there is only EXPUNGE, which would take along what others marked `\Deleted`: their marks are
    /// taken off for that moment and set again after it.
    func expunge(_ uids: UIDSet, in session: IMAPLease) async throws {
        if await session.capabilities.contains(.uidPlus) {
            _ = try await session.execute(StoreCommand(.uids(uids), .add, [.deleted]))
            return try await session.execute(ExpungeCommand(uids: uids))
        }
        let marked = try await session.execute(SearchCommand(.flag(.deleted))).all ?? UIDSet()
        let others = UIDSet(marked.numbers.filter { !uids.contains($0) })
        if !others.isEmpty { _ = try await session.execute(StoreCommand(.uids(others), .remove, [.deleted])) }
        let outcome: Result<Void, any Error>
        do {
            _ = try await session.execute(StoreCommand(.uids(uids), .add, [.deleted]))
            try await session.execute(ExpungeCommand())
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        if !others.isEmpty { _ = try await session.execute(StoreCommand(.uids(others), .add, [.deleted])) }
        try outcome.get()
    }
}
