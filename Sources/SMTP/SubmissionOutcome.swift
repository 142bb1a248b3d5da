/// What became of one message: where the transaction ended, what that proves, and so what to do with each recipient.
///
/// A value and not an error, because most outcomes are mixed: an outbox can be right without reading a server's prose.
package struct SubmissionOutcome: Sendable, Equatable {
    /// Whether the server took responsibility for the message (RFC 5321 section 4.2.5).
    package enum Acceptance: Sendable, Equatable {
        /// Proved by a 2yz reply to the final dot.
        case accepted
        /// Proved: the final dot never went out, or was answered with a refusal.
        case refused
        /// The final dot went out and no reply came: it may be delivered (RFC 1047).
        case ambiguous
    }

    /// What to do next.
    package enum Disposition: String, Sendable, Hashable {
        /// The server has it. Never send it again.
        case delivered
        /// Proved not accepted, and a later attempt may do better.
        case retryLater
        /// Proved not accepted, and the same attempt will end the same.
        case permanent
        /// It may have been accepted: sending it again may deliver it twice, so only a person or other evidence decides.
        case unknown
    }

    /// Why it ended as it did.
    package enum Reason: Sendable, Equatable {
        /// The server answered to the end; its replies say the rest.
        case replies
        /// The message was not offered, the server lacks something it needs.
        case notOffered(SMTPRefusal)
        /// The conversation broke off.
        case interrupted(Interruption)
    }

    /// What broke a conversation off.
    package enum Interruption: Sendable, Equatable {
        case connectionLost
        case timedOut
        case cancelled
        /// 421.
        case serviceClosing(SMTPReply)
        /// What came was no reply, or not one to what was asked.
        case protocolViolation(SMTPError)
        /// The message's octets could not be read on our side; the final dot was withheld.
        case contentFailed
        /// There was no session: connecting, TLS or authentication failed. The driver's error says how.
        case notConnected
    }

    /// One recipient's share.
    package struct Recipient: Sendable, Equatable {
        package let path: SMTPPath
        package let disposition: Disposition
        /// The reply that decided it: to its RCPT, to MAIL, to DATA or to the final dot; nil where none came.
        package let reply: SMTPReply?

        package init(path: SMTPPath, disposition: Disposition, reply: SMTPReply?) {
            self.path = path
            self.disposition = disposition
            self.reply = reply
        }
    }

    /// The furthest phase reached.
    package let phase: SMTPPhase
    package let acceptance: Acceptance
    package let reason: Reason
    /// In the envelope's order.
    package let recipients: [Recipient]
    /// The reply to the final dot: with many servers it holds their queue id.
    package let finalReply: SMTPReply?
    /// Recipients that need a transaction of their own, because the server takes no more in one; among `recipients` too.
    package private(set) var untried: [SMTPPath] = []

    package init(
        phase: SMTPPhase, acceptance: Acceptance, reason: Reason, recipients: [Recipient], finalReply: SMTPReply? = nil
    ) {
        self.phase = phase
        self.acceptance = acceptance
        self.reason = reason
        self.recipients = recipients
        self.finalReply = finalReply
    }

    /// The outcome of an attempt that never reached MAIL: all recipients share it.
    package init(before envelope: SMTPEnvelope, reason: Reason, disposition: Disposition, phase: SMTPPhase = .idle) {
        self.init(
            phase: phase, acceptance: .refused, reason: reason,
            recipients: envelope.recipients.map { Recipient(path: $0, disposition: disposition, reply: nil) })
    }

    /// The same, of a message that has these recipients besides.
    package func leaving(_ later: [SMTPPath]) -> SubmissionOutcome {
        var outcome = SubmissionOutcome(
            phase: phase, acceptance: acceptance, reason: reason,
            recipients: recipients + later.map { Recipient(path: $0, disposition: .retryLater, reply: nil) },
            finalReply: finalReply)
        outcome.untried = later
        return outcome
    }

    /// One word for all: what the most open question among the recipients asks for.
    ///
    /// Unknown where any is unknown, else retryLater where any is to be retried, else delivered where any was delivered,
    /// else permanent. Who repeats, repeats for those recipients only.
    package var disposition: Disposition {
        let found = Set(recipients.map(\.disposition))
        return [.unknown, .retryLater, .delivered].first { found.contains($0) } ?? .permanent
    }
}
