import Model
import SASL
import SMTP
import Wire

extension MailClientError {
    /// What an end of the session outside of a message means to somebody who wanted to use the account.
    init(_ error: SMTPError) {
        switch error {
        case .malformedReply(let fault): self = .protocolViolation(.smtp, detail: fault.description)
        case .mixedReplyCodes(let first, let second):
            self = .protocolViolation(.smtp, detail: "one reply with the codes \(first) and \(second)")
        case .outOfStep(let phase, let reply):
            self = .protocolViolation(.smtp, detail: "\"\(reply)\" in phase \(phase.rawValue)")
        case .limitExceeded(let limit): self = .limitExceeded(.smtp, limit: limit)
        case .refused(_, let reply) where reply.category == .permanentFailure:
            self = .rejected(.smtp, code: String(reply.code), text: reply.text)
        case .refused(_, let reply), .serviceClosing(let reply), .authenticationUnavailable(let reply):
            self = .unavailable(.smtp, text: reply.description)
        case .startTLSUnavailable: self = .startTLSUnavailable(.smtp)
        case .injectedBeforeTLS: self = .startTLSInjection(.smtp)
        case .authenticationFailed(let reply): self = .authenticationFailed(.smtp, text: reply.description)
        case .authenticationImpossible(let fault): self.init(fault)
        }
    }

    private init(_ fault: SASLError) {
        self.init(fault, .smtp)
    }
}
