package import SASL
package import Wire

/// Why a session ended that had no message under way; with one, the same becomes part of its `SubmissionOutcome`.
package enum SMTPError: Error, Equatable, Sendable {
    /// Not `3DIGIT [SP / "-"] text`.
    case malformedReply(SyntaxError)
    /// Lines of one reply with different codes: no saying which one counts.
    case mixedReplyCodes(Int, Int)
    /// The server sent more than this limit of `SMTPLimits` allows.
    case limitExceeded(String)
    /// A reply that no command asked for, or one that cannot answer what was asked: the two sides are out of step.
    case outOfStep(SMTPPhase, SMTPReply)
    /// The greeting, EHLO and HELO, or RSET were answered with a refusal.
    case refused(SMTPPhase, SMTPReply)
    /// 421, which may come at any time: the server closes the connection (RFC 5321 section 3.8).
    case serviceClosing(SMTPReply)
    /// TLS is demanded, and the server does not offer STARTTLS or refused it; the reply where it did.
    case startTLSUnavailable(SMTPReply?)
    /// Octets came in the clear behind the go-ahead for TLS: somebody injects (RFC 3207 section 6, CVE-2011-0411).
    case injectedBeforeTLS
    /// The credentials were refused.
    case authenticationFailed(SMTPReply)
    /// The server cannot say now whether the credentials are right (454 and other 4yz).
    case authenticationUnavailable(SMTPReply)
    /// The mechanism could not go on, or there is none to use.
    case authenticationImpossible(SASLError)
}
