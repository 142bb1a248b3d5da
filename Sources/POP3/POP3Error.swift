package import SASL

/// Why a session ended, or a command was refused.
package enum POP3Error: Error, Equatable, Sendable {
    /// Not `+OK` or `-ERR`, where a status line was due.
    case malformedReply
    /// A line of LIST or UIDL that names no message.
    case malformedListing
    /// The server sent more than this limit of `POP3Limits` allows.
    case limitExceeded(String)
    /// Octets that no command asked for.
    case outOfStep(POP3Phase)
    /// The server said no, for a reason that `POP3Reply.refusal` tells.
    case refused(POP3Phase, POP3Reply)
    /// TLS is demanded, and the server does not offer STLS or refused it; the reply where it did.
    case startTLSUnavailable(POP3Reply?)
    /// Octets came in the clear behind the go-ahead for TLS: somebody injects (CVE-2011-0411).
    case injectedBeforeTLS
    /// The credentials were refused.
    case authenticationFailed(POP3Reply)
    /// The mechanism could not go on, or there is none to use.
    case authenticationImpossible(SASLError)
    /// The user name or password cannot be written in a command: a line break, NUL, or more than the server must take.
    case unspeakableCredentials
}
