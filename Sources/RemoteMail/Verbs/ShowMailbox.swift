import Mapping
package import Model

extension MailService {
    /// One mailbox with its counts as they are now.
    package func mailbox(
        _ reference: MailboxReference, of account: AccountID, now deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        try await listMailboxes(of: account, deadline: deadline).existing(reference).mailbox
    }
}
