package import Model
package import Transport

/// Why a mail server could not be used: one closed list for IMAP, POP3 and SMTP, which the API maps to problems.
package enum MailClientError: Error, Sendable, Equatable {
    /// No connection: name resolution, refusal, TLS and certificate faults are told apart inside.
    case connect(MailProtocol, TransportError)
    /// The server offered no STARTTLS although the settings ask for it; nothing was sent in the clear.
    case startTLSUnavailable(MailProtocol)
    /// Bytes followed the server's go-ahead for TLS in the clear: somebody injects (CVE-2011-0411).
    case startTLSInjection(MailProtocol)
    case authenticationFailed(MailProtocol, text: String)
    /// None of the server's mechanisms is one we can use here.
    case noAuthenticationMechanism(MailProtocol, offered: [String])
    /// The server would only take the password, or the token, unencrypted, and the account does not allow that.
    case cleartextForbidden(MailProtocol)
    /// The server said no; `code` is an IMAP response code or an SMTP reply code.
    case rejected(MailProtocol, code: String?, text: String)
    /// The server refuses for now: too many connections, in use, throttled.
    case unavailable(MailProtocol, text: String)
    /// The deadline passed while waiting for this.
    case timedOut(MailProtocol, phase: String)
    /// The connection ended, with the server's BYE or 421 text where it gave one.
    case disconnected(MailProtocol, text: String?)
    /// What the server sent is not the protocol.
    case protocolViolation(MailProtocol, detail: String)
    /// The server sent more than a limit allows.
    case limitExceeded(MailProtocol, limit: String)
    /// The server lacks something the request cannot do without, for example SMTPUTF8.
    case unsupported(MailProtocol, feature: String)
    /// The account is missing, disabled, or has no server of this protocol.
    case notConfigured(MailProtocol)
    case cancelled
}
