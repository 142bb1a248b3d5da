package import SASL
package import Wire

/// What a session has to achieve before the first command.
package struct POP3SessionSettings: Sendable {
    package var credentials: SASLCredentials
    /// Whether STLS is demanded; it is never merely tried.
    package var startsTLS: Bool
    /// Whether TLS is there from the first octet.
    package var isEncrypted: Bool
    /// Whether a password may go out without TLS.
    package var allowsClearText: Bool

    package init(
        credentials: SASLCredentials, startsTLS: Bool = false, isEncrypted: Bool = false, allowsClearText: Bool = false
    ) {
        self.credentials = credentials
        self.startsTLS = startsTLS
        self.isEncrypted = isEncrypted
        self.allowsClearText = allowsClearText
    }
}

/// The client's side of POP3 as a machine without I/O (RFC 1939, 2449, 2595, 5034, 6856).
///
/// The driver opens the connection, then calls `receive` with what it read until that returns an action, does what the action says,
/// and goes on. Octets left in its buffer belong to what comes next.
package struct POP3Session: Sendable {
    enum State: Sendable {
        case greeting
        case setUp(SetUpStep)
        /// Logged in: answers belong to `pending`.
        case transaction
        case quitting
        case closed
    }

    let settings: POP3SessionSettings
    var state = State.greeting
    /// Commands that were sent and not answered to their end, oldest first.
    private var pending: [POP3Command] = []
    /// Lines of the answer to the oldest command, or to CAPA, follow.
    private var isInContent = false
    /// The end came along with the last octets, and is told next.
    private var endsContent = false
    private var decoder = DotDecoder()
    private var capabilityOctets: [UInt8] = []
    private var scanned = 0
    /// The timestamp of the greeting, where it has one that may be answered.
    var timestamp: String?

    /// What the server last answered to CAPA.
    package internal(set) var capabilities = POP3Capabilities.unknown
    /// What the connection is like now: the driver says it after dialling and after STLS.
    package var channel: SASLChannel
    package var isEncrypted: Bool { channel.isEncrypted }
    /// Which mechanisms are still tried.
    package var stage = SASLStage.first
    /// Why the server refused an access token (RFC 7628, 3.2.2), where it said that.
    package internal(set) var refusal: SASLRefusal?

    /// Whether the server said that the maildrop is in use, as it may only to whoever was let in (RFC 2449, 8.1.1).
    package internal(set) var isLockedOut = false

    package init(_ settings: POP3SessionSettings) {
        self.settings = settings
        channel = SASLChannel(isEncrypted: settings.isEncrypted, allowsClearText: settings.allowsClearText)
    }

    /// Whether the session is logged in and nothing is under way.
    package var isIdle: Bool { if case .transaction = state { pending.isEmpty } else { false } }

    package var phase: POP3Phase {
        switch state {
        case .greeting: .greeting
        case .setUp(let step): step.phase
        case .transaction: pending.isEmpty ? .idle : .command
        case .quitting, .closed: .quit
        }
    }

    /// What to write for these commands; more than one at a time only where the server has PIPELINING.
    package mutating func submit(_ commands: [POP3Command]) -> [UInt8] {
        guard case .transaction = state else { return [] }
        pending += commands
        return commands.flatMap(\.bytes)
    }

    /// Takes leave; what was deleted is removed once the answer is there.
    package mutating func quit() -> [UInt8] {
        guard isIdle else { return [] }
        state = .quitting
        return Array("QUIT\r\n".utf8)
    }

    /// Reads from `input` and says what follows; nil where that is not there yet.
    package mutating func receive(_ input: inout InputBuffer) throws(POP3Error) -> POP3Action? {
        if endsContent {
            endsContent = false
            pending.removeFirst()
            return .endOfContent
        }
        if isInContent { return try content(&input) }
        switch state {
        case .closed: return nil
        case .transaction where pending.isEmpty:
            // A server that closes by itself may say so first; whatever it says, it is nobody to talk to.
            guard !input.isEmpty else { return nil }
            throw .outOfStep(.idle)
        case .setUp(.authentication(let exchange)):
            if let line = try challenge(&input) { return answer(line, exchange) }
            // `+ ` may be the beginning of either.
            if input.count == 1, input[0] == UInt8(ascii: "+") { return nil }
        default: break
        }
        guard let reply = try reply(&input) else { return nil }
        switch state {
        case .transaction:
            guard let command = pending.first else { throw .outOfStep(.idle) }
            if reply.isOK, command.hasContent {
                beginContent()
            } else {
                pending.removeFirst()
            }
            return .reply(reply)
        case .quitting:
            state = .closed
            return .closed(reply)
        case .setUp(let step):
            if case .capabilities = step, reply.isOK {
                beginContent()
                capabilityOctets = []
                return .wait
            }
            return try setUp(step, reply, bytesFollow: !input.isEmpty)
        case .greeting: return try greet(reply)
        case .closed: return nil
        }
    }

    // MARK: Lines and content

    private mutating func reply(_ input: inout InputBuffer) throws(POP3Error) -> POP3Reply? {
        guard let end = try lineEnd(input) else { return nil }
        let isTerminated = end > 0 && input[end - 1] == 0x0D
        let reply = POP3Reply(input.span.extracting(0..<(isTerminated ? end - 1 : end)))
        input.consume(end + 1)
        scanned = 0
        guard let reply else { throw .malformedReply }
        return reply
    }

    /// Where the line ends that `input` begins with, or nil.
    private mutating func lineEnd(_ input: InputBuffer) throws(POP3Error) -> Int? {
        let end = input.firstIndex(of: 0x0A, from: min(scanned, input.count))
        scanned = end == nil ? input.count : 0
        guard end ?? input.count <= POP3Limits.maximumReplyOctets else { throw .limitExceeded("maximumReplyOctets") }
        return end
    }

    /// A SASL challenge, `+ base64`, without what frames it; nil where a status line comes, or nothing yet.
    private mutating func challenge(_ input: inout InputBuffer) throws(POP3Error) -> [UInt8]? {
        guard input.count >= 2, input[0] == UInt8(ascii: "+"), input[1] != UInt8(ascii: "O"),
            input[1] != UInt8(ascii: "o"), let end = try lineEnd(input)
        else { return nil }
        var line = input.take(end + 1)
        line.removeLast()
        if line.last == 0x0D { line.removeLast() }
        return Array(line.dropFirst().drop { $0 == 0x20 })
    }

    private mutating func beginContent() {
        isInContent = true
        decoder = DotDecoder()
    }

    private mutating func content(_ input: inout InputBuffer) throws(POP3Error) -> POP3Action? {
        guard !input.isEmpty else { return nil }
        var octets: [UInt8] = []
        let isEnd = decoder.decode(&input, into: &octets)
        if case .setUp = state {
            capabilityOctets += octets
            guard capabilityOctets.count <= POP3Limits.maximumCapabilityOctets else {
                throw .limitExceeded("maximumCapabilityOctets")
            }
            guard isEnd else { return .wait }
            isInContent = false
            return try capabilitiesRead()
        }
        guard isEnd else { return octets.isEmpty ? .wait : .content(octets) }
        isInContent = false
        // What came with the end is told first: the end is then a matter of the next call.
        guard octets.isEmpty else {
            endsContent = true
            return .content(octets)
        }
        pending.removeFirst()
        return .endOfContent
    }

    private mutating func capabilitiesRead() throws(POP3Error) -> POP3Action {
        let lines = String(decoding: capabilityOctets, as: UTF8.self)
            .split(whereSeparator: { $0 == "\r\n" || $0 == "\n" }).map(String.init)
        capabilityOctets = []
        guard lines.count <= POP3Limits.maximumCapabilityLines else { throw .limitExceeded("maximumCapabilityLines") }
        capabilities = POP3Capabilities(lines: lines)
        return try afterCapabilities()
    }
}
