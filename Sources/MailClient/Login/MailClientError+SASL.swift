import Model
import SASL

extension MailClientError {
    /// What a fault of the authentication mechanism means to somebody who wanted to use the account.
    init(_ fault: SASLError, _ mailProtocol: MailProtocol) {
        switch fault {
        case .noCommonMechanism(let offered): self = .noAuthenticationMechanism(mailProtocol, offered: offered)
        case .refusedInClear: self = .cleartextForbidden(mailProtocol)
        case .forbiddenOctet:
            self = .authenticationFailed(mailProtocol, text: "the credentials contain NUL or a control character")
        case .emptyIdentity: self = .authenticationFailed(mailProtocol, text: "the user name is empty")
        case .refused(let refusal): self = .authenticationFailed(mailProtocol, text: refusal.description)
        case .serverNotProved:
            self = .protocolViolation(mailProtocol, detail: "the server could not prove that it knows the password")
        case .unsafeIterations(let count):
            self = .protocolViolation(mailProtocol, detail: "\(count) rounds for SCRAM, which is out of bounds")
        case .unexpectedChallenge, .tooManyChallenges, .malformedChallenge, .prematureSuccess:
            self = .protocolViolation(
                mailProtocol, detail: "the server does not follow the authentication mechanism")
        }
    }
}
