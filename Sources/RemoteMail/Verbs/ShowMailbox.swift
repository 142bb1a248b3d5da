import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// One mailbox with its counts as they are now, its size, and what we may do in it, where the server tells.
    package func mailbox(
        _ reference: MailboxReference, of account: AccountID, now deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        let entry = try await listMailboxes(of: account, asksRights: true, deadline: deadline).existing(reference)
        return try await sessions.withIMAP(
            account, mailbox: nil, readOnly: true, isRepeatable: true, deadline: deadline
        ) { session in
            let capabilities = await session.capabilities
            var mailbox = entry.mailbox
            // A refusal leaves the member out: what else is known of the mailbox is worth an answer.
            if mailbox.myRights == nil, capabilities.contains(.acl) {
                let rights = try await session.attempt(MyRightsCommand(entry.name)) ?? nil
                mailbox.myRights = rights.map(MailboxPermissions.init)
            }
            if mailbox.isSelectable, capabilities.contains(.statusSize) {
                let status = try await session.attempt(StatusCommand(entry.name, items: [.size]))
                mailbox.size = status?.size.map { Int(clamping: $0) }
            }
            return mailbox
        }
    }
}

extension IMAPLease {
    /// Nil where the server says no.
    func attempt<Command: IMAPCommand>(_ command: Command) async throws(MailClientError) -> Command.Result? {
        do throws(MailClientError) {
            return try await execute(command)
        } catch {
            guard case .rejected = error else { throw error }
            return nil
        }
    }
}
