/// One message's MAIL, RCPTs and DATA: which replies are due, what they said, and what follows from them.
///
/// Commands go out in groups, of one without PIPELINING. A group's replies are all read before the next goes out, and
/// DATA is the last command of the last group, as RFC 2920 section 3.1 demands.
struct SMTPTransaction: Sendable {
    enum Step: Sendable, Equatable {
        case reset
        case mail
        case recipient(Int)
        case data
    }

    /// What a reply led to.
    enum Progress: Equatable {
        case wait
        case send([UInt8])
        case sendContent
        /// No recipient is left, but the server said 354: it gets a dot alone (RFC 2920 section 3.1).
        case sendNothing
        case finished
    }

    let envelope: SMTPEnvelope
    private(set) var phase = SMTPPhase.mail
    private let server: SMTPCapabilities
    private let steps: [Step]
    private var sent = 0
    private var answered = 0
    private var mailReply: SMTPReply?
    private var recipientReplies: [SMTPReply?]
    private var dataReply: SMTPReply?
    private var finalReply: SMTPReply?

    init(_ envelope: SMTPEnvelope, server: SMTPCapabilities, resets: Bool) {
        self.envelope = envelope
        self.server = server
        steps = (resets ? [.reset] : []) + [.mail] + envelope.recipients.indices.map(Step.recipient) + [.data]
        recipientReplies = Array(repeating: nil, count: envelope.recipients.count)
    }

    private var isMailRefused: Bool { mailReply?.isRefusal == true }
    private var hasAccepted: Bool { !isMailRefused && recipientReplies.contains { $0?.isSuccess == true } }

    /// The next group of commands; the first is sent to begin.
    mutating func nextGroup() -> [UInt8] {
        let size = server.offersPipelining ? SMTPLimits.maximumPipelinedCommands : 1
        let group = steps[sent..<min(sent + size, steps.count)]
        sent += group.count
        phase =
            switch group.last {
            case .reset: .reset
            case .mail, nil: .mail
            case .recipient: .recipients
            case .data: .data
            }
        return group.flatMap { command($0).bytes }
    }

    private func command(_ step: Step) -> SMTPCommand {
        switch step {
        case .reset: .reset
        case .mail: .mail(envelope, server)
        case .recipient(let index): .recipient(envelope.recipients[index])
        case .data: .data
        }
    }

    /// Takes the reply to the oldest unanswered command.
    mutating func receive(_ reply: SMTPReply) throws(SMTPError) -> Progress {
        guard phase != .content else { return try receiveEarly(reply) }
        guard phase != .acceptance else {
            guard reply.category != .intermediate else { throw .outOfStep(phase, reply) }
            finalReply = reply
            return .finished
        }
        guard answered < sent else { throw .outOfStep(phase, reply) }
        let step = steps[answered]
        guard reply.isRefusal || (step == .data) == (reply.category == .intermediate) else {
            throw .outOfStep(phase, reply)
        }
        answered += 1
        switch step {
        case .reset: if reply.isRefusal { throw .refused(.reset, reply) }
        case .mail: mailReply = reply
        case .recipient(let index): recipientReplies[index] = reply
        case .data:
            dataReply = reply
            if reply.isRefusal { return .finished }
            if hasAccepted {
                phase = .content
                return .sendContent
            }
            return .sendNothing
        }
        guard answered == sent else { return .wait }
        if isMailRefused || (steps[sent] == .data && !hasAccepted) { return .finished }
        return .send(nextGroup())
    }

    /// A reply while the message goes out: a refusal is believed, the final dot was not sent.
    private mutating func receiveEarly(_ reply: SMTPReply) throws(SMTPError) -> Progress {
        guard reply.isRefusal else { throw .outOfStep(phase, reply) }
        dataReply = reply
        return .finished
    }

    /// From now on the server may have the whole message.
    mutating func beginAcceptance() { phase = .acceptance }

    mutating func withdrawAcceptance() { if phase == .acceptance { phase = .content } }

    /// What is known now, where the conversation ended as `reason` says.
    func outcome(_ reason: SubmissionOutcome.Reason) -> SubmissionOutcome {
        let acceptance: SubmissionOutcome.Acceptance =
            if let finalReply { finalReply.isSuccess ? .accepted : .refused } else if phase == .acceptance {
                .ambiguous
            } else { .refused }
        let recipients = envelope.recipients.indices.map { index in
            let (disposition, reply) = decide(index, acceptance, reason)
            return SubmissionOutcome.Recipient(
                path: envelope.recipients[index], disposition: disposition, reply: reply)
        }
        return SubmissionOutcome(
            phase: phase, acceptance: acceptance, reason: reason, recipients: recipients, finalReply: finalReply)
    }

    private func decide(
        _ index: Int, _ acceptance: SubmissionOutcome.Acceptance, _ reason: SubmissionOutcome.Reason
    ) -> (SubmissionOutcome.Disposition, SMTPReply?) {
        if let mailReply, mailReply.isRefusal { return (Self.disposition(mailReply), mailReply) }
        if let reply = recipientReplies[index], reply.isRefusal {
            return (exhausts(reply, at: index) ? .retryLater : Self.disposition(reply), reply)
        }
        if let reply = finalReply ?? dataReply, reply.isRefusal { return (Self.disposition(reply), reply) }
        if acceptance == .accepted { return (.delivered, finalReply) }
        if acceptance == .ambiguous { return (.unknown, nil) }
        if case .interrupted(.serviceClosing(let reply)) = reason { return (.retryLater, reply) }
        return (.retryLater, nil)
    }

    /// Whether this 552 means too many recipients: RFC 821 had that code for it, and a later attempt takes the rest.
    ///
    /// RFC 5321 section 4.5.3.1.10. With an enhanced code other than 5.5.3 it means what it says, a full mailbox.
    private func exhausts(_ reply: SMTPReply, at index: Int) -> Bool {
        reply.code == 552 && (reply.enhancedCode ?? EnhancedStatusCode(5, 5, 3)) == EnhancedStatusCode(5, 5, 3)
            && recipientReplies[..<index].contains { $0?.isSuccess == true }
    }

    private static func disposition(_ reply: SMTPReply) -> SubmissionOutcome.Disposition {
        reply.category == .permanentFailure ? .permanent : .retryLater
    }
}
