import HTTP
package import MailClient
import Model

extension Problem {
    /// What went wrong between us and a mail server.
    package init(_ error: MailClientError) {
        guard let mailProtocol = error.mailProtocol else {
            self.init(.serviceUnavailable, "The request was interrupted.")
            return
        }
        self.init(
            Self.slug(of: error), "\(mailProtocol.rawValue): \(error).", upstream: Upstream(error))
        if let pause = error.suggestedPause {
            fields.append(.retryAfter, String(pause.components.seconds + 1))
        }
    }

    private static func slug(of error: MailClientError) -> ProblemSlug {
        switch error {
        case .connect: slug(ofConnection: error.code)
        case .startTLSUnavailable, .startTLSInjection: .upstreamInsecure
        case .authenticationFailed, .noAuthenticationMechanism: .upstreamAuthenticationFailed
        case .rejected(_, let code, _): slug(ofRefusal: code)
        case .protocolViolation, .limitExceeded: .upstreamError
        case .unavailable, .disconnected: .accountUnavailable
        case .timedOut: .upstreamTimeout
        case .unsupported: .upstreamUnsupported
        case .notConfigured: .protocolNotConfigured
        case .cancelled: .serviceUnavailable
        }
    }

    /// By the response code of RFC 5530 and its kin; without one nobody knows more than that the server said no.
    private static func slug(ofRefusal code: String?) -> ProblemSlug {
        switch code {
        case "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED": .upstreamAuthenticationFailed
        case "PRIVACYREQUIRED": .upstreamInsecure
        case "UNAVAILABLE", "INUSE", "IN-USE", "LOGIN-DELAY": .accountUnavailable
        case "LIMIT", "MESSAGELIMIT": .upstreamLimit
        case "OVERQUOTA": .overQuota
        case "NOPERM", "READ-ONLY": .upstreamPermissionDenied
        case "ALREADYEXISTS": .mailboxExists
        case "HASCHILDREN": .mailboxNotEmpty
        case "NONEXISTENT", "TRYCREATE": .mailboxNotFound
        case "EXPUNGEISSUED": .messageNotFound
        case "TOOBIG": .contentTooLarge
        case "CANNOT", "UNKNOWN-CTE", "BADCHARSET", "USEATTR": .upstreamUnsupported
        case "SERVERBUG", "CORRUPTION", "CONTACTADMIN": .upstreamBroken
        // CLIENTBUG, BAD and what nobody knows: told in `upstream.code`.
        default: .upstreamError
        }
    }

    /// By the stable word: what is inside is Transport's, and of no concern here (R2).
    private static func slug(ofConnection code: String) -> ProblemSlug {
        switch code {
        case "certificate-invalid": .upstreamCertificateInvalid
        case "tls-failed": .upstreamInsecure
        case "timed-out": .upstreamTimeout
        case "cancelled", "system": .serviceUnavailable
        default: .accountUnavailable
        }
    }
}

extension Problem.Upstream {
    /// Nil where no server was asked.
    init?(_ error: MailClientError) {
        guard let mailProtocol = error.mailProtocol else { return nil }
        switch error {
        case .notConfigured, .cancelled: return nil
        case .rejected(_, let code, let text):
            self.init(mailProtocol: mailProtocol, code: code ?? error.code, text: text)
        case .authenticationFailed(_, let text), .unavailable(_, let text):
            self.init(mailProtocol: mailProtocol, code: error.code, text: text)
        default: self.init(mailProtocol: mailProtocol, code: error.code, text: String(describing: error))
        }
    }
}
