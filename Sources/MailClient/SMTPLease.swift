package import SMTP
import Transport

/// A connection to a submission server, lent for as many messages as its borrower has one after the other.
package struct SMTPLease: Sendable {
    let connection: SMTPConnection

    /// Messages that it carried already, for others too.
    package var messageCount: Int { get async { await connection.messageCount } }

    /// Whether another message may follow.
    package var isUsable: Bool { get async { await connection.isUsable } }

    /// See `SMTPConnection.send`.
    package func send(
        _ envelope: SMTPEnvelope, _ content: SMTPContent, following: @escaping SMTPConnection.Following,
        deadline: ContinuousClock.Instant
    ) async -> SubmissionOutcome {
        await connection.send(envelope, content, following: following, deadline: Deadline(deadline))
    }
}
