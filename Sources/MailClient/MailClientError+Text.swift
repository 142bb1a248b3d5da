package import Model
import Transport

extension MailClientError {
    /// The protocol whose server is concerned; nil for a cancellation.
    package var mailProtocol: MailProtocol? {
        switch self {
        case .connect(let mailProtocol, _), .startTLSUnavailable(let mailProtocol),
            .startTLSInjection(let mailProtocol), .cleartextForbidden(let mailProtocol),
            .authenticationFailed(let mailProtocol, _), .noAuthenticationMechanism(let mailProtocol, _),
            .rejected(let mailProtocol, _, _), .unavailable(let mailProtocol, _), .timedOut(let mailProtocol, _),
            .disconnected(let mailProtocol, _), .protocolViolation(let mailProtocol, _),
            .limitExceeded(let mailProtocol, _), .unsupported(let mailProtocol, _), .notConfigured(let mailProtocol):
            mailProtocol
        case .cancelled: nil
        }
    }

    /// A stable word for programs: in `lastError`, in a submission's `error`, in logs.
    package var code: String {
        switch self {
        case .connect(_, let error): error.code
        case .startTLSUnavailable: "starttls-unavailable"
        case .startTLSInjection: "starttls-injection"
        case .authenticationFailed: "authentication-failed"
        case .noAuthenticationMechanism: "no-authentication-mechanism"
        case .cleartextForbidden: "cleartext-forbidden"
        case .rejected: "rejected"
        case .unavailable: "unavailable"
        case .timedOut: "timed-out"
        case .disconnected: "disconnected"
        case .protocolViolation: "protocol-violation"
        case .limitExceeded: "limit-exceeded"
        case .unsupported: "unsupported"
        case .notConfigured: "not-configured"
        case .cancelled: "cancelled"
        }
    }

    /// Whether the settings are wrong, so that trying again without a change is pointless and may lock the account.
    package var isAuthentication: Bool {
        switch self {
        case .authenticationFailed, .noAuthenticationMechanism, .cleartextForbidden: true
        default: false
        }
    }
}

extension MailClientError: CustomStringConvertible {
    /// One sentence for people, with the server's own words where it gave some.
    package var description: String {
        switch self {
        case .connect(_, let error): error.description
        case .startTLSUnavailable: "the server offers no STARTTLS, which the settings ask for"
        case .startTLSInjection: "data followed the go-ahead for TLS in the clear: somebody interferes"
        case .authenticationFailed(_, let text): "the server refused the credentials: \(text)"
        case .noAuthenticationMechanism(_, let offered):
            "no usable way to log in; the server offers \(offered.isEmpty ? "none" : offered.joined(separator: " "))"
        case .cleartextForbidden:
            "the server takes the password only unencrypted; set allowCleartext if that may be"
        case .rejected(_, let code, let text):
            code.map { "the server refused (\($0)): \(text)" } ?? "the server refused: \(text)"
        case .unavailable(_, let text): "the server is not available now: \(text)"
        case .timedOut(_, let phase): "time ran out while waiting for \(phase)"
        case .disconnected(_, let text):
            text.map { "the server closed the connection: \($0)" } ?? "the server closed the connection"
        case .protocolViolation(_, let detail): "the server does not follow its protocol: \(detail)"
        case .limitExceeded(_, let limit): "the server sent more than the limit on \(limit)"
        case .unsupported(_, let feature): "the server lacks \(feature)"
        case .notConfigured(let mailProtocol): "the account has no \(mailProtocol.rawValue) server"
        case .cancelled: "cancelled"
        }
    }
}

extension TransportError {
    fileprivate var code: String {
        switch self {
        case .cancelled: "cancelled"
        case .deadlineExceeded: "timed-out"
        case .resolveFailed: "host-not-found"
        case .addressForbidden: "address-forbidden"
        case .connectionRefused: "connection-refused"
        case .hostUnreachable: "host-unreachable"
        case .disconnected, .closed: "disconnected"
        case .tls(.certificate): "certificate-invalid"
        case .tls: "tls-failed"
        case .limitExceeded, .addressInUse, .system: "system"
        }
    }
}
