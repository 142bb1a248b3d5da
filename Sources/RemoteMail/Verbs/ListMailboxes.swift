import IMAP
import MailClient
import Mapping
package import Model
import Store

extension MailService {
    /// Every mailbox of the account with its counts, in display order.
    package func mailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [Mailbox] {
        try await listMailboxes(of: account, deadline: deadline).entries.map(\.mailbox)
    }

    /// LIST with STATUS in one round trip where the server has LIST-STATUS, else a STATUS for each mailbox, pipelined.
    ///
    /// A list in which nothing can be selected is a server's fault, not an account without mailboxes: what was known stays.
    func listMailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> MailboxDirectory {
        let directory = try await sessions.withIMAP(
            account, mailbox: nil, readOnly: true, isRepeatable: true, deadline: deadline
        ) { session in
            let capabilities = await session.capabilities
            var (listings, isExtended) = try await list(in: session, of: account)
            guard listings.contains(where: \.isSelectable) else {
                throw MailClientError.protocolViolation(.imap, detail: "no mailbox in the list can be selected")
            }
            if !isExtended || !capabilities.contains(.listStatus) {
                for index in listings.indices where listings[index].isSelectable {
                    listings[index].status = try? await session.execute(StatusCommand(listings[index].name))
                }
            }
            var subscribed: Set<MailboxName>?
            if !isExtended || !capabilities.contains(.listExtended) {
                subscribed = (try? await session.execute(LsubCommand())).map { Set($0.map(\.name)) }
            }
            var known = try await index.ids(of: account)
            let new = listings.filter { known[$0.name.text] == nil }
            if !new.isEmpty {
                let objectIDs = try await session.objectIDs(of: new.filter(\.isSelectable).map(\.name))
                known = try await index.identify(
                    new.map { listing in
                        ListedMailbox(
                            path: listing.name.text,
                            proposedID: MailboxID(path: listing.name.text, objectID: objectIDs[listing.name]))
                    }, of: account)
            }
            return MailboxDirectory(listings: listings, subscribed: subscribed, ids: known)
        }
        directories.keep(directory, of: account)
        return directory
    }

    /// All mailboxes, and whether the server took what it announces to understand: some call it BAD, and are not asked again.
    private func list(
        in session: IMAPLease, of account: AccountID
    ) async throws -> (listings: [MailboxListing], isExtended: Bool) {
        if !directories.isListedPlainly(account) {
            do {
                return (try await session.execute(ListCommand(status: StatusItem.counts)), true)
            } catch MailClientError.rejected(_, code: "BAD", _) {
                directories.listPlainly(account)
            }
        }
        return (try await session.execute(ListCommand(returning: [])), false)
    }
}
