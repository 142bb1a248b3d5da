import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// Every mailbox of the account with its counts, in display order.
    package func mailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [Mailbox] {
        try await listMailboxes(of: account, deadline: deadline).entries.map(\.mailbox)
    }

    /// LIST with STATUS in one round trip where the server has LIST-STATUS, else a STATUS for each mailbox, pipelined.
    func listMailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> MailboxDirectory {
        let directory = try await sessions.withIMAP(
            account, mailbox: nil, readOnly: true, isRepeatable: true, deadline: deadline
        ) { session in
            let capabilities = await session.capabilities
            var listings = try await session.execute(ListCommand(status: StatusItem.counts))
            if !capabilities.contains(.listStatus) {
                for index in listings.indices where listings[index].isSelectable {
                    listings[index].status = try? await session.execute(StatusCommand(listings[index].name))
                }
            }
            var subscribed: Set<MailboxName>?
            if !capabilities.contains(.listExtended) {
                subscribed = (try? await session.execute(LsubCommand())).map { Set($0.map(\.name)) }
            }
            return MailboxDirectory(listings: listings, subscribed: subscribed)
        }
        directories.keep(directory, of: account)
        return directory
    }
}
