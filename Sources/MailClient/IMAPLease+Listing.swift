package import IMAP
package import Model

extension IMAPLease {
    /// All mailboxes with what STATUS says of them: one command where the server has LIST-STATUS, else one for each.
    ///
    /// The second half is nil where the lines themselves tell who is subscribed, or nothing does. What we may do in the mailboxes
    /// comes along where that is asked for and the server has LIST-MYRIGHTS; elsewhere it would be one more command for each.
    package func listing(
        of account: AccountID, _ habits: ListingHabits, status items: [StatusItem], asksRights: Bool = false
    ) async throws(MailClientError) -> (listings: [MailboxListing], subscribed: Set<MailboxName>?) {
        let capabilities = await capabilities
        var (listings, isExtended) = try await list(account, habits, items, asksRights: asksRights)
        if !items.isEmpty, !isExtended || !capabilities.contains(.listStatus) {
            for index in listings.indices where listings[index].isSelectable {
                listings[index].status = try await ifAny(StatusCommand(listings[index].name, items: items))
            }
        }
        guard !isExtended || !capabilities.contains(.listExtended) else { return (listings, nil) }
        return (listings, try await ifAny(LsubCommand()).map { Set($0.map(\.name)) })
    }

    /// The server's own ids of mailboxes (RFC 8474); empty where it has none.
    ///
    /// One by one, because Cyrus 3.6 answers MAILBOXID within a LIST with freed memory.
    package func objectIDs(of mailboxes: [MailboxName]) async throws(MailClientError) -> [MailboxName: String] {
        guard await capabilities.contains(.objectID) else { return [:] }
        var ids: [MailboxName: String] = [:]
        for mailbox in mailboxes {
            ids[mailbox] = try await ifAny(StatusCommand(mailbox, items: [.mailboxID]))?.mailboxID
        }
        return ids
    }

    /// All mailboxes, and whether the server took what it announces to understand: some call it BAD.
    private func list(
        _ account: AccountID, _ habits: ListingHabits, _ items: [StatusItem], asksRights: Bool
    ) async throws(MailClientError) -> (listings: [MailboxListing], isExtended: Bool) {
        if !habits.isPlain(account) {
            do throws(MailClientError) {
                let options = ListCommand.ReturnOption.usual + (asksRights ? [.myRights] : [])
                return (try await execute(ListCommand(returning: options, status: items)), true)
            } catch {
                guard case .rejected(_, code: "BAD", _) = error else { throw error }
                habits.note(account)
            }
        }
        return (try await execute(ListCommand(returning: [])), false)
    }

    /// Nil where the server refuses: one mailbox that cannot be used is no reason to do without the others.
    private func ifAny<Command: IMAPCommand>(_ command: Command) async throws(MailClientError) -> Command.Result? {
        do throws(MailClientError) {
            return try await execute(command)
        } catch {
            guard case .rejected = error else { throw error }
            return nil
        }
    }
}
