package import SASL
package import Wire

/// What a session has to achieve before the first message.
package struct SMTPSessionSettings: Sendable {
    package var clientName: SMTPClientName
    /// Nil for servers that take mail without.
    package var credentials: SASLCredentials?
    /// Whether STARTTLS is demanded; it is never merely tried.
    package var startsTLS: Bool
    /// Whether TLS is there from the first octet.
    package var isEncrypted: Bool
    /// Whether a password may go out without TLS.
    package var allowsClearText: Bool

    package init(
        clientName: SMTPClientName = .loopback, credentials: SASLCredentials? = nil, startsTLS: Bool = false,
        isEncrypted: Bool = false, allowsClearText: Bool = false
    ) {
        self.clientName = clientName
        self.credentials = credentials
        self.startsTLS = startsTLS
        self.isEncrypted = isEncrypted
        self.allowsClearText = allowsClearText
    }
}

/// The client's side of an SMTP submission as a machine without I/O (RFC 5321, 3207, 4954, 2920, 6409).
///
/// The driver opens the connection, then calls `receive` with what it read until that returns an action, does what the
/// action says, and goes on. Octets left in its buffer belong to the next reply. With a message under way faults do not
/// throw, they end it: `finished(outcome)`.
package struct SMTPSession: Sendable {
    enum State: Sendable {
        case greeting
        case hello
        case plainHello
        case startTLS
        case handshake
        case authentication(SASLExchange)
        case cancelledAuthentication(SASLError)
        case ready
        case resetting
        case transaction(SMTPTransaction)
        /// A lone dot was sent, whose reply means nothing.
        case voided(SubmissionOutcome)
        case quitting
        case closed
    }

    package let settings: SMTPSessionSettings
    var state = State.greeting
    private var parser = SMTPReplyParser()
    private var encoder = DataEncoder()
    private var needsReset = false

    /// What the server offered in its latest answer to EHLO.
    package internal(set) var capabilities = SMTPCapabilities.none
    package var isEncrypted: Bool { channel.isEncrypted }
    /// What the connection is like; the driver says so once it is made.
    package var channel: SASLChannel
    /// Why the server refuses the credentials, in the mechanism's words.
    package internal(set) var refusal: SASLRefusal?
    /// Whether only mechanisms that show the password are tried.
    package var passwordOnly = false
    /// Whether the server accepted the credentials.
    package internal(set) var isAuthenticated = false

    package init(_ settings: SMTPSessionSettings) {
        self.settings = settings
        channel = SASLChannel(isEncrypted: settings.isEncrypted, allowsClearText: settings.allowsClearText)
    }

    /// Whether a message may begin now.
    package var canContinue: Bool { if case .ready = state { true } else { false } }

    package var isClosed: Bool { if case .closed = state { true } else { false } }

    package var phase: SMTPPhase {
        switch state {
        case .greeting: .greeting
        case .hello, .plainHello: .hello
        case .startTLS, .handshake: .startTLS
        case .authentication, .cancelledAuthentication: .authentication
        case .ready, .voided: .idle
        case .resetting: .reset
        case .transaction(let transaction): transaction.phase
        case .quitting, .closed: .quit
        }
    }

    /// Reads at most one reply from `input` and says what follows; nil where it is not complete yet, or all is over.
    package mutating func receive(_ input: inout InputBuffer) throws(SMTPError) -> SMTPAction? {
        guard !isClosed else { return nil }
        do throws(SMTPError) {
            guard let reply = try parser.next(&input) else { return nil }
            if reply.code == 421, !isQuitting, phase != .acceptance { throw .serviceClosing(reply) }
            if case .transaction(var transaction) = state {
                let progress = try transaction.receive(reply)
                return advance(transaction, progress)
            }
            return try setUp(reply, bytesFollow: !input.isEmpty)
        } catch {
            if let outcome = interrupt(Self.interruption(error)) { return .finished(outcome) }
            throw error
        }
    }

    /// Begins a message; throws, with nothing sent, what the server cannot take.
    package mutating func begin(_ envelope: SMTPEnvelope) throws(SMTPRefusal) -> SMTPAction {
        precondition(canContinue, "a message began on a session that is not ready")
        if let refusal = envelope.refusal(by: capabilities) { throw refusal }
        var transaction = SMTPTransaction(envelope, server: capabilities, resets: needsReset)
        let group = transaction.nextGroup()
        needsReset = true
        encoder = DataEncoder()
        state = .transaction(transaction)
        return .send(group)
    }

    /// Appends to `output` what a chunk of the message is on the wire.
    package mutating func encode(_ chunk: ArraySlice<UInt8>, into output: inout [UInt8]) {
        encoder.encode(chunk, into: &output)
    }

    /// What ends the message on the wire; from this call on nothing is certain, so it comes before the write.
    package mutating func endContent() -> [UInt8] {
        guard case .transaction(var transaction) = state, transaction.phase == .content else { return [] }
        transaction.beginAcceptance()
        state = .transaction(transaction)
        return encoder.finish()
    }

    /// Takes `endContent()` back: the final dot's last octet provably did not leave, so the message was not accepted.
    package mutating func dotWithheld() {
        guard case .transaction(var transaction) = state else { return }
        transaction.withdrawAcceptance()
        state = .transaction(transaction)
    }

    /// Clears the server's state, which also shows whether an idle connection still lives; ends in `ready`.
    package mutating func reset() -> SMTPAction {
        precondition(canContinue, "RSET on a session that is not ready")
        state = .resetting
        needsReset = false
        return .send(SMTPCommand.reset.bytes)
    }

    /// Takes leave, where nothing is under way; the server's answer, whatever it is, gives `closed`.
    package mutating func quit() -> SMTPAction {
        guard canContinue else { return .closed }
        state = .quitting
        return .send(SMTPCommand.quit.bytes)
    }

    /// Ends the session because of something outside it; with a message under way, says what became of that.
    package mutating func interrupt(_ interruption: SubmissionOutcome.Interruption) -> SubmissionOutcome? {
        defer { state = .closed }
        return switch state {
        case .transaction(let transaction): transaction.outcome(.interrupted(interruption))
        case .voided(let outcome): outcome
        default: nil
        }
    }

    private var isQuitting: Bool { if case .quitting = state { true } else { false } }

    private mutating func advance(_ transaction: SMTPTransaction, _ progress: SMTPTransaction.Progress) -> SMTPAction {
        state = .transaction(transaction)
        switch progress {
        case .wait: return .wait
        case .send(let bytes): return .send(bytes)
        case .sendContent: return .sendContent
        case .sendNothing:
            state = .voided(transaction.outcome(.replies))
            return .send(encoder.finish())
        case .finished:
            let outcome = transaction.outcome(.replies)
            // A refusal in the midst of the message leaves the server reading it: nothing can follow. 421 as the answer
            // to the final dot is a proved refusal, and the end.
            state = transaction.phase == .content || outcome.finalReply?.code == 421 ? .closed : .ready
            needsReset = outcome.acceptance != .accepted
            return .finished(outcome)
        }
    }

    private static func interruption(_ error: SMTPError) -> SubmissionOutcome.Interruption {
        if case .serviceClosing(let reply) = error { .serviceClosing(reply) } else { .protocolViolation(error) }
    }
}
