import IMAP
import MailClient
import Mapping
package import Model
import Store

extension MailService {
    /// Every mailbox of the account with its counts, in display order, and what we may do in it where the list tells.
    package func mailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [Mailbox] {
        try await listMailboxes(of: account, asksRights: true, deadline: deadline).entries.map(\.mailbox)
    }

    /// LIST with STATUS in one round trip where the server has LIST-STATUS, else a STATUS for each mailbox, pipelined.
    ///
    /// A list in which nothing can be selected is a server's fault, not an account without mailboxes: what was known stays.
    /// Rights are asked for by who shows mailboxes: names are found without.
    func listMailboxes(
        of account: AccountID, asksRights: Bool = false, deadline: ContinuousClock.Instant
    ) async throws -> MailboxDirectory {
        let directory = try await sessions.withIMAP(
            account, mailbox: nil, readOnly: true, isRepeatable: true, deadline: deadline
        ) { session in
            let (listings, subscribed) = try await session.listing(
                of: account, sessions.listingHabits, status: StatusItem.counts, asksRights: asksRights)
            guard listings.contains(where: \.isSelectable) else {
                throw MailClientError.protocolViolation(.imap, detail: "no mailbox in the list can be selected")
            }
            var (known, roles) = try await index.directory(of: account)
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
            return MailboxDirectory(listings: listings, subscribed: subscribed, ids: known, roles: roles)
        }
        directories.keep(directory, of: account)
        return directory
    }
}
