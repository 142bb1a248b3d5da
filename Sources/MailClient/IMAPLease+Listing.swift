package import IMAP
import Model

extension IMAPLease {
    /// All mailboxes with what STATUS says of them: one command where the server has LIST-STATUS, else one for each.
    ///
    /// The second half is nil where the lines themselves tell who is subscribed, or nothing does. A list in which nothing can be
    /// selected is a server's fault, not an account without mailboxes.
    package func listing(
        status items: [StatusItem]
    ) async throws(MailClientError) -> (listings: [MailboxListing], subscribed: Set<MailboxName>?) {
        let capabilities = await capabilities
        var (listings, isExtended) = try await connection.list(status: items, deadline: deadline)
        guard listings.contains(where: \.isSelectable) else {
            throw .protocolViolation(.imap, detail: "no mailbox in the list can be selected")
        }
        if !isExtended || !capabilities.contains(.listStatus) {
            for index in listings.indices where listings[index].isSelectable {
                listings[index].status = try await statusIfAny(of: listings[index].name, items)
            }
        }
        guard !isExtended || !capabilities.contains(.listExtended) else { return (listings, nil) }
        do throws(MailClientError) {
            return (listings, Set(try await execute(LsubCommand()).map(\.name)))
        } catch {
            guard case .rejected = error else { throw error }
            return (listings, nil)
        }
    }

    /// The server's own ids of mailboxes (RFC 8474); empty where it has none.
    ///
    /// One by one, because Cyrus 3.6 answers MAILBOXID within a LIST with freed memory.
    package func objectIDs(of mailboxes: [MailboxName]) async throws(MailClientError) -> [MailboxName: String] {
        guard await capabilities.contains(.objectID) else { return [:] }
        var ids: [MailboxName: String] = [:]
        for mailbox in mailboxes {
            ids[mailbox] = try await statusIfAny(of: mailbox, [.mailboxID])?.mailboxID
        }
        return ids
    }

    /// A mailbox that refuses is one that cannot be used, and no reason to do without the others.
    private func statusIfAny(
        of mailbox: MailboxName, _ items: [StatusItem]
    ) async throws(MailClientError) -> MailboxStatus? {
        do throws(MailClientError) {
            return try await execute(StatusCommand(mailbox, items: items))
        } catch {
            guard case .rejected = error else { throw error }
            return nil
        }
    }
}
