import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// Deletes a mailbox that is empty; with `force` also one that holds messages and mailboxes, which are gone for good.
    package func deleteMailbox(
        _ reference: MailboxReference, force: Bool, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws {
        let directory = try await listMailboxes(of: account, deadline: deadline)
        let entry = try directory.existing(reference)
        guard entry.mailbox.role != .inbox else { throw RemoteMailError.mailboxProtected(entry.mailbox.id) }
        // The innermost first: a mailbox that still holds others only loses its messages (RFC 9051, 6.3.5).
        let doomed = directory.inside(entry).sorted { $0.mailbox.path.count > $1.mailbox.path.count } + [entry]
        guard force || doomed.count == 1 else { throw RemoteMailError.mailboxNotEmpty(entry.mailbox.id) }
        try await sessions.withIMAP(
            account, mailbox: nil, readOnly: true, isRepeatable: false, deadline: deadline
        ) { session in
            if !force, entry.mailbox.isSelectable {
                let status = try await session.execute(StatusCommand(entry.name, items: [.messages]))
                guard status.messages == 0 else { throw RemoteMailError.mailboxNotEmpty(entry.mailbox.id) }
            }
            for gone in doomed {
                try await session.execute(DeleteCommand(gone.name))
                // A subscription to what is gone shows as a dead mailbox in mail programs.
                if gone.mailbox.isSubscribed { _ = try? await session.execute(UnsubscribeCommand(gone.name)) }
            }
        }
        directories.forget(account)
        changed(account)
    }
}
