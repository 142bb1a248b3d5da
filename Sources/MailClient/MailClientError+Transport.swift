import Model
import Transport

extension MailClientError {
    /// What a fault means while the connection is being made.
    init(dialling error: TransportError, _ mailProtocol: MailProtocol) {
        switch error {
        case .cancelled: self = .cancelled
        case .deadlineExceeded(let phase): self = .timedOut(mailProtocol, phase: phase.rawValue)
        default: self = .connect(mailProtocol, error)
        }
    }

    /// What a fault means on a connection that stood, while waiting for `phase`.
    init(_ error: TransportError, _ mailProtocol: MailProtocol, phase: String) {
        switch error {
        case .cancelled: self = .cancelled
        case .deadlineExceeded: self = .timedOut(mailProtocol, phase: phase)
        case .disconnected, .closed: self = .disconnected(mailProtocol, text: nil)
        default: self = .connect(mailProtocol, error)
        }
    }
}
