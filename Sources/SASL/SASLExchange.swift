import Wire

/// One run of a mechanism in the base64 framing that IMAP, POP3 and SMTP share (RFC 4954, 9051, 5034).
///
/// The session sends `AUTH name [initial]`, hands each challenge to `respond(toLine:)`, sends what that returns as a line,
/// and calls `succeed()` when the server says success. On a thrown error it cancels with a line holding `*`.
package struct SASLExchange: Sendable {
    /// The line that gives an exchange up.
    package static let cancellation = Array("*".utf8)

    private var mechanism: any SASLMechanism
    /// A client-first mechanism whose first message did not travel with the command: the first challenge asks for it.
    private var pendingInitial: [UInt8]?
    private var challenges = 0
    /// Whether the server asked for more than the first message: from then on it may judge the password.
    package private(set) var isChallenged = false

    /// What goes on the command line, if anything; an empty response is written `=` (RFC 4954 section 4).
    package let initialLine: [UInt8]?

    package var name: String { mechanism.name }
    /// Whether the client has shown what it has to, and the server, where the mechanism wants that, as well.
    package var isComplete: Bool { pendingInitial == nil && mechanism.isComplete }
    package var revealsPassword: Bool { mechanism.revealsPassword }
    /// Whether it is bound to the channel.
    package var isBound: Bool { name.hasSuffix("-PLUS") }
    /// Why the server refuses, where it said so within the mechanism.
    package var refusal: SASLRefusal? { mechanism.refusal }

    /// Starts; `sendsInitialResponse` says whether the first message may travel with the command.
    ///
    /// It always may in SMTP and POP3, and in IMAP with SASL-IR.
    package init(_ mechanism: any SASLMechanism, sendsInitialResponse: Bool) throws(SASLError) {
        var mechanism = mechanism
        let initial = try mechanism.initialResponse()
        self.mechanism = mechanism
        if sendsInitialResponse, let initial {
            initialLine = initial.isEmpty ? Array("=".utf8) : Base64.encode(initial.span)
        } else {
            initialLine = nil
            pendingInitial = initial
        }
    }

    /// Answers what followed `334 ` or `+ `; both are base64, without line end.
    ///
    /// A mechanism that does not read prompts gets by with ones that are no base64, as some LOGIN servers send.
    package mutating func respond(toLine line: [UInt8]) throws(SASLError) -> [UInt8] {
        challenges += 1
        guard challenges <= SASLLimits.maximumChallenges else { throw .tooManyChallenges }
        guard line.count <= SASLLimits.maximumChallengeOctets / 3 * 4 else { throw .malformedChallenge }
        if let initial = pendingInitial {
            pendingInitial = nil
            return Base64.encode(initial.span)
        }
        isChallenged = true
        var challenge: [UInt8] = []
        if !mechanism.ignoresChallenges {
            guard let decoded = Base64.decode(line.span) else { throw .malformedChallenge }
            challenge = decoded
        }
        let response = try mechanism.respond(to: challenge)
        return Base64.encode(response.span)
    }

    /// Notes the server's success reply; throws where it came before the mechanism had proved what it must.
    package func succeed() throws(SASLError) {
        guard isComplete else { throw .prematureSuccess }
    }
}

/// It holds encoded passwords, so it prints none of itself.
extension SASLExchange: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "SASLExchange(\(name))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
