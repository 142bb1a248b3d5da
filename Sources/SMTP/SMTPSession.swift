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
    /// Whether LMTP is spoken (RFC 2033).
    package var isLocal: Bool

    package init(
        clientName: SMTPClientName = .loopback, credentials: SASLCredentials? = nil, startsTLS: Bool = false,
        isEncrypted: Bool = false, allowsClearText: Bool = false, isLocal: Bool = false
    ) {
        self.clientName = clientName
        self.credentials = credentials
        self.startsTLS = startsTLS
        self.isEncrypted = isEncrypted
        self.allowsClearText = allowsClearText
        self.isLocal = isLocal
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
        case cancelledAuthentication(SASLExchange, SASLError)
        case ready
        case transaction(SMTPTransaction)
        /// A lone dot was sent, whose reply means nothing.
        case voided(SubmissionOutcome)
        case quitting
        case closed
    }

    package let settings: SMTPSessionSettings
    var state = State.greeting
    private var parser = SMTPReplyParser()
    var encoder = DataEncoder()
    private var needsReset = false
    /// Begun behind the end of the present message.
    var upcoming: SMTPTransaction?
    var isContinued = false

    /// What the server offered in its latest answer to EHLO.
    package internal(set) var capabilities = SMTPCapabilities.none
    package var isEncrypted: Bool { channel.isEncrypted }
    /// What the connection is like; the driver says so once it is made.
    package var channel: SASLChannel
    /// Why the server refuses the credentials, in the mechanism's words.
    package internal(set) var refusal: SASLRefusal?
    /// Which mechanisms are still tried.
    package var stage = SASLStage.first
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
        if let refusal = refusal(of: envelope) { throw refusal }
        var transaction = transaction(envelope, resets: needsReset)
        let group = transaction.nextGroup()
        needsReset = true
        enter(transaction)
        return .send(group)
    }

    /// Why the server, as it is known now, cannot take a message.
    package func refusal(of envelope: SMTPEnvelope) -> SMTPRefusal? {
        envelope.refusal(by: capabilities, isEncrypted: isEncrypted)
    }

    func transaction(_ envelope: SMTPEnvelope, resets: Bool) -> SMTPTransaction {
        SMTPTransaction(envelope, server: capabilities, resets: resets, isLocal: settings.isLocal)
    }

    mutating func enter(_ transaction: SMTPTransaction, isContinued: Bool = false) {
        encoder = DataEncoder(
            !transaction.isChunked ? .dot : transaction.envelope.body == .binary ? .binary : .length)
        self.isContinued = isContinued
        state = .transaction(transaction)
    }

    /// Takes leave, where nothing is under way; the server's answer, whatever it is, gives `closed`.
    package mutating func quit() -> SMTPAction {
        guard canContinue else { return .closed }
        state = .quitting
        return .send(SMTPCommand.quit.bytes)
    }

    /// Ends the session because of something outside it; with a message under way, says what became of that.
    package mutating func interrupt(_ interruption: SubmissionOutcome.Interruption) -> SubmissionOutcome? {
        defer {
            state = .closed
            upcoming = nil
        }
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
            needsReset = outcome.acceptance != .accepted
            // A refusal in the midst of the message leaves the server reading it: nothing can follow. 421 as the answer
            // to its end is a proved refusal, and the end.
            if transaction.isAbandoned {
                state = .closed
            } else if let next = upcoming {
                needsReset = true
                enter(next, isContinued: true)
            } else {
                state = .ready
            }
            upcoming = nil
            return .finished(outcome)
        }
    }

    private static func interruption(_ error: SMTPError) -> SubmissionOutcome.Interruption {
        if case .serviceClosing(let reply) = error { .serviceClosing(reply) } else { .protocolViolation(error) }
    }
}
