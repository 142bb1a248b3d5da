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
        if hasSelected(mailbox, readOnly: readOnly) || session.selectingName == mailbox {
            wantNews()
            try await refresh(deadline: deadline)
            if hasSelected(mailbox, readOnly: readOnly), let selected = session.selected { return selected }
        }
        isFresh = true
        return try await execute(SelectCommand(mailbox, readOnly: readOnly), deadline: deadline)
    }

    /// Selects the mailbox unless it is; where it is, the server is not asked for news: that is `executeFresh`'s, or
    /// `refresh`'s, and saves a round trip.
    func selectUnasked(_ mailbox: MailboxName, readOnly: Bool, deadline: Deadline) async throws(MailClientError) {
        if hasSelected(mailbox, readOnly: readOnly) {
            wantNews()
        } else {
            try await select(mailbox, readOnly: readOnly, deadline: deadline)
        }
    }

    private func wantNews() {
        newsWanted += 1
        isFresh = false
    }

    /// The server was asked just now.
    func becomesFresh() { isFresh = true }

    /// Asks for news of the selected mailbox, unless that was done.
    package func refresh(deadline: Deadline) async throws(MailClientError) {
        guard !isFresh else { return }
        let wanted = newsWanted
        try await execute(NoopCommand(), deadline: deadline)
        if newsWanted == wanted { isFresh = true }
    }

    /// Sends a command with a question for news behind it; nil where there were any, so that the answer may be of before.
    ///
    /// The question comes second: an EXPUNGE that answers it cannot be mistaken (RFC 9051, 5.5).
    package func executeUnchanged<Command: IMAPCommand>(
        _ command: Command, deadline: Deadline
    ) async throws(MailClientError) -> Command.Result? {
        guard !isFresh else { return try await execute(command, deadline: deadline) }
        let known = session.newsCount
        let wanted = newsWanted
        // This actor is ours until the command below is on its way; the question follows it.
        async let question = outcome(NoopCommand(), deadline: deadline)
        let answer = await outcome(command, deadline: deadline)
        try await question.get()
        if newsWanted == wanted { isFresh = true }
        let result = try answer.get()
        return session.newsCount == known ? result : nil
    }

    /// The result of a command that takes part of all news there is, at the price of one round trip where there are none.
    package func executeFresh<Command: IMAPCommand>(
        _ command: Command, deadline: Deadline
    ) async throws(MailClientError) -> Command.Result {
        if let result = try await executeUnchanged(command, deadline: deadline) { return result }
        return try await execute(command, deadline: deadline)
    }

    private func outcome<Command: IMAPCommand>(
        _ command: Command, deadline: Deadline
    ) async -> Result<Command.Result, MailClientError> {
        do throws(MailClientError) {
            return .success(try await execute(command, deadline: deadline))
        } catch {
            return .failure(error)
        }
    }

    /// Whether the mailbox is selected in a way that will do.
    func hasSelected(_ mailbox: MailboxName, readOnly: Bool) -> Bool {
        guard let selected = session.selected, selected.name == mailbox else { return false }
        return readOnly || !selected.readOnly
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
