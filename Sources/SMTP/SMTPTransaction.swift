/// One message's MAIL, RCPTs and content: which replies are due, what they said, and what follows from them.
///
/// Commands go out in groups, of one without PIPELINING. A group's replies are all read before the next goes out, and
/// DATA is the last command of the last group, as RFC 2920 section 3.1 demands. With BDAT (RFC 3030) the content follows
/// the replies to RCPT without a command of its own, and each chunk has a reply.
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
    let isChunked: Bool
    private(set) var phase = SMTPPhase.mail
    private let server: SMTPCapabilities
    private let isLocal: Bool
    private let steps: [Step]
    private var sent = 0
    private var answered = 0
    private var mailReply: SMTPReply?
    private var recipientReplies: [SMTPReply?]
    private var dataReply: SMTPReply?
    /// One; with LMTP one for each recipient that was taken, in their order (RFC 2033 section 4.2).
    private var finalReplies: [SMTPReply] = []
    /// Chunks without a reply, the last one not counted.
    private(set) var outstandingChunks = 0

    /// `isLocal` says that LMTP is spoken.
    init(_ envelope: SMTPEnvelope, server: SMTPCapabilities, resets: Bool, isLocal: Bool) {
        self.envelope = envelope
        self.server = server
        self.isLocal = isLocal
        isChunked = envelope.isChunked(for: server)
        steps =
            (resets ? [.reset] : []) + [.mail] + envelope.recipients.indices.map(Step.recipient)
            + (isChunked ? [] : [.data])
        recipientReplies = Array(repeating: nil, count: envelope.recipients.count)
    }

    private var isMailRefused: Bool { mailReply?.isRefusal == true }
    private var acceptedRecipients: [Int] {
        isMailRefused ? [] : recipientReplies.indices.filter { recipientReplies[$0]?.isSuccess == true }
    }
    private var expectedFinalReplies: Int { isLocal ? acceptedRecipients.count : 1 }

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
        case .recipient(let index): .recipient(envelope.recipients[index], envelope, server)
        case .data: .data
        }
    }

    /// Takes the reply to the oldest unanswered command.
    mutating func receive(_ reply: SMTPReply) throws(SMTPError) -> Progress {
        switch phase {
        case .content: return try receiveEarly(reply)
        case .acceptance: return try receiveFinal(reply)
        default: break
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
            return beginContent() ?? .sendNothing
        }
        guard answered == sent else { return .wait }
        if isMailRefused { return .finished }
        if sent == steps.count { return beginContent() ?? .finished }
        if steps[sent] == .data, acceptedRecipients.isEmpty { return .finished }
        return .send(nextGroup())
    }

    private mutating func beginContent() -> Progress? {
        guard !acceptedRecipients.isEmpty else { return nil }
        phase = .content
        return .sendContent
    }

    /// A reply while the message goes out: to a chunk, or a refusal, which is believed; the end was not sent.
    private mutating func receiveEarly(_ reply: SMTPReply) throws(SMTPError) -> Progress {
        if isChunked, outstandingChunks > 0 {
            outstandingChunks -= 1
            if reply.isSuccess { return .wait }
        }
        guard reply.isRefusal else { throw .outOfStep(phase, reply) }
        dataReply = reply
        return .finished
    }

    private mutating func receiveFinal(_ reply: SMTPReply) throws(SMTPError) -> Progress {
        guard reply.category != .intermediate else { throw .outOfStep(phase, reply) }
        if outstandingChunks > 0 {
            outstandingChunks -= 1
            // The chunks behind a refused one are refused as well, the last among them.
            if reply.isRefusal, dataReply == nil { dataReply = reply }
            return .wait
        }
        // A server that refused a chunk cannot have the message.
        guard dataReply?.isRefusal != true || reply.isRefusal else { throw .outOfStep(phase, reply) }
        finalReplies.append(reply)
        return finalReplies.count == expectedFinalReplies ? .finished : .wait
    }

    /// A chunk that is not the last goes out.
    mutating func addChunk() { outstandingChunks += 1 }

    /// Whether replies must be read before another chunk goes out.
    var mustWait: Bool {
        outstandingChunks >= (server.offersPipelining ? SMTPLimits.maximumOutstandingChunks : 1)
    }

    /// From now on the server may have the whole message.
    mutating func beginAcceptance() { phase = .acceptance }

    mutating func withdrawAcceptance() { if phase == .acceptance { phase = .content } }

    /// Whether the server is left in the midst of the message, so that nothing can follow.
    var isAbandoned: Bool {
        switch phase {
        case .content: !isChunked || outstandingChunks > 0
        case .acceptance: finalReplies.last?.code == 421
        default: false
        }
    }

    /// What is known now, where the conversation ended as `reason` says.
    func outcome(_ reason: SubmissionOutcome.Reason) -> SubmissionOutcome {
        let fates = finalFates
        let recipients = envelope.recipients.indices.map { index in
            let (disposition, reply) = decide(index, fates[index], reason)
            return SubmissionOutcome.Recipient(
                path: envelope.recipients[index], disposition: disposition, reply: reply)
        }
        let acceptance: SubmissionOutcome.Acceptance =
            if fates.values.contains(.ambiguous) { .ambiguous } else if fates.values.contains(.accepted) {
                .accepted
            } else {
                .refused
            }
        return SubmissionOutcome(
            phase: phase, acceptance: acceptance, reason: reason, recipients: recipients,
            finalReply: finalReplies.last)
    }

    /// What the replies to the end of the message say of each recipient that was taken.
    private var finalFates: [Int: SubmissionOutcome.Acceptance] {
        guard phase == .acceptance else { return [:] }
        var fates: [Int: SubmissionOutcome.Acceptance] = [:]
        for (place, index) in acceptedRecipients.enumerated() {
            let reply = isLocal ? (place < finalReplies.count ? finalReplies[place] : nil) : finalReplies.first
            fates[index] =
                if let reply { reply.isSuccess ? .accepted : .refused } else if dataReply?.isRefusal == true {
                    .refused
                } else { .ambiguous }
        }
        return fates
    }

    private func finalReply(of index: Int) -> SMTPReply? {
        guard isLocal else { return finalReplies.first }
        guard let place = acceptedRecipients.firstIndex(of: index), place < finalReplies.count else { return nil }
        return finalReplies[place]
    }

    private func decide(
        _ index: Int, _ fate: SubmissionOutcome.Acceptance?, _ reason: SubmissionOutcome.Reason
    ) -> (SubmissionOutcome.Disposition, SMTPReply?) {
        if let mailReply, mailReply.isRefusal { return (Self.disposition(mailReply), mailReply) }
        if let reply = recipientReplies[index], reply.isRefusal {
            return (exhausts(reply, at: index) ? .retryLater : Self.disposition(reply), reply)
        }
        if fate == .accepted { return (.delivered, finalReply(of: index)) }
        if fate == .ambiguous { return (.unknown, nil) }
        // What refused a chunk is the reason; the replies behind it are its echo.
        let refusals = [dataReply, finalReply(of: index)].compactMap { $0 }.filter(\.isRefusal)
        if let reply = refusals.first { return (Self.disposition(reply), reply) }
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
