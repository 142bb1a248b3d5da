import Model
import POP3
import SASL

extension MailClientError {
    /// What an end of the session, or a refusal, means to somebody who wanted to use the account.
    init(_ error: POP3Error) {
        switch error {
        case .malformedReply: self = .protocolViolation(.pop3, detail: "a line that is no reply")
        case .malformedListing: self = .protocolViolation(.pop3, detail: "a line of LIST or UIDL that names no message")
        case .outOfStep(let phase):
            self = .protocolViolation(.pop3, detail: "octets unasked for in phase \(phase.rawValue)")
        case .limitExceeded(let limit): self = .limitExceeded(.pop3, limit: limit)
        case .refused(_, let reply): self.init(refusal: reply)
        case .startTLSUnavailable: self = .startTLSUnavailable(.pop3)
        case .injectedBeforeTLS: self = .startTLSInjection(.pop3)
        case .authenticationFailed(let reply): self = .authenticationFailed(.pop3, text: reply.text)
        case .authenticationImpossible(let fault): self.init(pop3Login: fault)
        case .unspeakableCredentials:
            self = .authenticationFailed(.pop3, text: "user name or password cannot be written in a command")
        }
    }

    /// That somebody else has the maildrop, or that we come too early, says nothing against server and account: it is `rejected`.
    init(refusal reply: POP3Reply) {
        switch reply.refusal {
        case .inUse: self = .rejected(.pop3, code: Self.maildropInUse, text: reply.text)
        case .loginDelay: self = .rejected(.pop3, code: Self.loginDelay, text: reply.text)
        case .temporary: self = .unavailable(.pop3, text: reply.text)
        case .credentials: self = .authenticationFailed(.pop3, text: reply.text)
        case .permanent, .other: self = .rejected(.pop3, code: reply.code, text: reply.text)
        }
    }

    package static let maildropInUse = "IN-USE"
    package static let loginDelay = "LOGIN-DELAY"

    /// Whether the maildrop is to be had at another time, and nothing else is wrong.
    package var isBusyMaildrop: Bool {
        guard case .rejected(.pop3, let code, _) = self else { return false }
        return code == Self.maildropInUse || code == Self.loginDelay
    }

    private init(pop3Login fault: SASLError) {
        switch fault {
        case .noCommonMechanism(let offered): self = .noAuthenticationMechanism(.pop3, offered: offered)
        case .refusedInClear: self = .unsupported(.pop3, feature: "a way to log in that keeps the password secret")
        case .forbiddenOctet: self = .authenticationFailed(.pop3, text: "user name or password contain NUL")
        case .emptyIdentity: self = .authenticationFailed(.pop3, text: "the user name is empty")
        case .unexpectedChallenge, .tooManyChallenges, .malformedChallenge, .prematureSuccess:
            self = .protocolViolation(.pop3, detail: "the server does not follow the authentication mechanism")
        }
    }
}
