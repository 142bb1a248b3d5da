/// One authentication as a value: challenges in, responses out, no I/O, no base64 (RFC 4422 section 3).
///
/// Sessions do not call it themselves; they run it inside a `SASLExchange`, which knows the framing that IMAP, POP3 and
/// SMTP share. A mechanism is used for one authentication; take a new value for the next attempt.
package protocol SASLMechanism: Sendable {
    /// The registered name, for example `PLAIN` or `SCRAM-SHA-256-PLUS`.
    var name: String { get }

    /// Whether the octets we send contain the password itself.
    var revealsPassword: Bool { get }

    /// Whether the text of challenges means nothing to it, so that even one that is no base64 does.
    var ignoresChallenges: Bool { get }

    /// Whether a success reply may be believed now: all is said, and where the mechanism proves the server, it did.
    var isComplete: Bool { get }

    /// Why the server refuses, where it said so within the mechanism.
    var refusal: SASLRefusal? { get }

    /// What a client that speaks first says; nil where the server speaks first (LOGIN, CRAM-MD5).
    mutating func initialResponse() throws(SASLError) -> [UInt8]?

    /// The answer to a challenge that is not the request for the initial response.
    mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8]
}

extension SASLMechanism {
    package var ignoresChallenges: Bool { false }
    package var refusal: SASLRefusal? { nil }
}
