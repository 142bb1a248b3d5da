import IMAP
import MailClient
import Mapping
package import Model
import Store

extension MailService {
    /// Renames, moves (with all that lies inside) and subscribes; answers the mailbox, which keeps its id.
    package func updateMailbox(
        _ reference: MailboxReference, with patch: MailboxPatch, of account: AccountID,
        deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        let directory = try await listMailboxes(of: account, deadline: deadline)
        let entry = try directory.existing(reference)
        let name = try await sessions.withIMAP(
            account, mailbox: nil, readOnly: true, isRepeatable: false, deadline: deadline
        ) { session in
            var name = entry.name
            if patch.name != nil || patch.place != nil {
                name = try await newName(of: entry, by: patch, of: directory, in: session)
                if name != entry.name { try await rename(entry, to: name, of: directory, in: session) }
            }
            switch patch.isSubscribed {
            case true?: try await session.execute(SubscribeCommand(name))
            case false?: try await session.execute(UnsubscribeCommand(name))
            case nil: break
            }
            return name
        }
        if name != entry.name {
            let moved = [entry] + directory.inside(entry)
            try await index.noteRenamed(
                moved.map { ($0.mailbox.path, name.text + $0.mailbox.path.dropFirst(entry.mailbox.path.count)) },
                of: account)
        }
        changed(account)
        return try await listMailboxes(of: account, asksRights: true, deadline: deadline)
            .existing(path: name.text).mailbox
    }

    private func newName(
        of entry: MailboxDirectory.Entry, by patch: MailboxPatch, of directory: MailboxDirectory,
        in session: IMAPLease
    ) async throws -> MailboxName {
        // RENAME of INBOX moves its messages away and leaves an empty INBOX behind (RFC 9051, 6.3.6).
        guard entry.mailbox.role != .inbox else { throw RemoteMailError.mailboxProtected(entry.mailbox.id) }
        let location: MailboxLocation
        switch patch.place {
        case nil: location = MailboxLocation(of: entry)
        case .top?: location = try await self.location(inside: nil, of: directory, in: session)
        case .inside(let parent)?: location = try await self.location(inside: parent, of: directory, in: session)
        }
        if let inside = MailboxLocation(inside: entry), location.prefix.hasPrefix(inside.prefix) {
            throw RemoteMailError.invalid([
                FieldFault(pointer: "/parentId", detail: "names the mailbox itself or one inside it")
            ])
        }
        let name = try location.name(patch.name ?? entry.mailbox.name)
        guard name == entry.name || directory[path: name.text] == nil else {
            throw RemoteMailError.mailboxExists(name.text)
        }
        return name
    }

    /// RENAME leaves subscriptions at the old names (RFC 9051, 6.3.6 says nothing of them): they are moved here.
    private func rename(
        _ entry: MailboxDirectory.Entry, to name: MailboxName, of directory: MailboxDirectory, in session: IMAPLease
    ) async throws {
        try await refusing(name) { try await session.execute(RenameCommand(entry.name, to: name)) }
        for moved in [entry] + directory.inside(entry) where moved.mailbox.isSubscribed {
            let rest = moved.mailbox.path.dropFirst(entry.mailbox.path.count)
            _ = try? await session.execute(UnsubscribeCommand(moved.name))
            _ = try? await session.execute(SubscribeCommand(MailboxName(name.text + rest, encoding: name.encoding)))
        }
    }
}
