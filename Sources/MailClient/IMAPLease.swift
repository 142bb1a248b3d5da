package import IMAP
import Transport

/// A session lent for one piece of work, with the moment by which that must be done.
package struct IMAPLease: Sendable {
    let connection: IMAPConnection
    let deadline: Deadline

    package var capabilities: CapabilitySet { get async { await connection.capabilities } }
    package var selected: SelectedMailbox? { get async { await connection.selected } }

    @discardableResult
    package func execute<Command: IMAPCommand>(_ command: Command) async throws(MailClientError) -> Command.Result {
        try await connection.execute(command, deadline: deadline)
    }

    /// As `execute`, with so much more time.
    @discardableResult
    package func execute<Command: IMAPCommand>(
        _ command: Command, extra: Duration
    ) async throws(MailClientError) -> Command.Result {
        try await connection.execute(command, deadline: deadline.advanced(by: extra))
    }

    /// As `execute`, with all news of the mailbox taken part of: see `AccountSessions.withIMAP(asksLater:)`.
    package func executeFresh<Command: IMAPCommand>(
        _ command: Command
    ) async throws(MailClientError) -> Command.Result {
        try await connection.executeFresh(command, deadline: deadline)
    }

    /// The same; nil where there was news, which `selected` then knows.
    package func executeUnchanged<Command: IMAPCommand>(
        _ command: Command
    ) async throws(MailClientError) -> Command.Result? {
        try await connection.executeUnchanged(command, deadline: deadline)
    }

    /// Asks for news of the mailbox, unless that was done.
    package func refresh() async throws(MailClientError) { try await connection.refresh(deadline: deadline) }

    /// Streams a section's octets into the sink, held nowhere; nil where the message or the section does not exist.
    ///
    /// `isBinary` lets the server undo the transfer encoding (RFC 3516).
    @discardableResult
    package func stream(
        _ section: Section, of uid: UInt32, partial: Range<UInt64>? = nil, isBinary: Bool = false,
        _ sink: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Int? {
        try await connection.fetchSection(
            section, of: uid, partial: partial, isBinary: isBinary, deadline: deadline, sink)
    }
}
