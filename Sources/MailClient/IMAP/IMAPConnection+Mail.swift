package import IMAP
package import Transport

extension IMAPConnection {
    /// Selects the mailbox unless it is; where it is, the server is asked for news of it first.
    ///
    /// The answer is waited for: Dovecot runs a SEARCH that is pipelined behind a NOOP on what it knew before.
    @discardableResult
    package func select(
        _ mailbox: MailboxName, readOnly: Bool = false, deadline: Deadline
    ) async throws(MailClientError) -> SelectedMailbox {
        if hasSelected(mailbox, readOnly: readOnly) {
            try await execute(NoopCommand(), deadline: deadline)
            if let selected = session.selected, selected.name == mailbox { return selected }
        }
        return try await execute(SelectCommand(mailbox, readOnly: readOnly), deadline: deadline)
    }

    /// Whether the mailbox is selected in a way that will do.
    func hasSelected(_ mailbox: MailboxName, readOnly: Bool) -> Bool {
        guard let selected = session.selected, selected.name == mailbox else { return false }
        return readOnly || !selected.readOnly
    }

    /// All mailboxes, and whether the server took what it announces to understand; where it calls that BAD it is not asked again.
    func list(
        status items: [StatusItem], deadline: Deadline
    ) async throws(MailClientError) -> (listings: [MailboxListing], isExtended: Bool) {
        if !refusesListOptions {
            do throws(MailClientError) {
                return (try await execute(ListCommand(status: items), deadline: deadline), true)
            } catch {
                guard case .rejected(_, code: "BAD", _) = error else { throw error }
                refusesListOptions = true
            }
        }
        return (try await execute(ListCommand(returning: []), deadline: deadline), false)
    }

    /// Fetches messages and hands them over as they come, some at a time; the server waits while `consumer` works.
    ///
    /// The deadline is for the first answer; after that the server has `Limits.readPatience` for each next one. An error of
    /// the consumer ends the connection and is thrown here.
    package func fetch(
        _ command: FetchCommand, deadline: Deadline,
        _ consumer: @escaping @Sendable ([FetchedMessage]) async throws -> Void
    ) async throws {
        try await run(command, MessageDelivery(consumer), deadline)
    }

    /// Fetches a section and hands its octets over as they come, held nowhere; the server waits while `consumer` works.
    ///
    /// The deadline is for the first octet, as in `fetch`. Returns how many octets came, or nil where the message or the section does not exist. An error of the consumer
    /// ends the connection and is thrown here.
    package func fetchSection(
        _ section: Section, of uid: UInt32, partial: Range<UInt64>? = nil, isBinary: Bool = false, deadline: Deadline,
        _ consumer: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Int? {
        let delivery = SectionDelivery(uid: uid, section: section, consumer)
        let item = isBinary ? FetchItem.binary(part: section.part, partial: partial) : .body(section, partial: partial)
        try await run(FetchCommand(.uids(UIDSet(uid)), items: [.uid, item]), delivery, deadline)
        return delivery.count
    }

    private func run(_ command: FetchCommand, _ delivery: FetchDelivery, _ deadline: Deadline) async throws {
        deliveries.append(delivery)
        defer { deliveries.removeAll { $0 === delivery } }
        do throws(IMAPFault) {
            _ = try await perform(command, deadline: deadline, delivery: delivery) { response in
                guard case .fetch(let message) = response, command.isAnswer(message) else { return false }
                delivery.take(message)
                return true
            }
        } catch {
            throw delivery.failure ?? error.clientError
        }
    }
}
