import MailClient
import SMTP

extension SubmissionOutcome {
    /// Whether the connection was dead before anything was decided: the server heard no word of the message.
    var heardNothing: Bool {
        switch reason {
        case .interrupted(.connectionLost), .interrupted(.serviceClosing), .interrupted(.notConnected):
            [.idle, .reset, .mail, .recipients, .data, .quit].contains(phase)
                && recipients.allSatisfy { $0.reply == nil || $0.reply?.code == 421 }
        default: false
        }
    }

    /// Whether the server says that it is too much or too fast, and not that this message is unwelcome.
    var isThrottled: Bool {
        if case .interrupted(.serviceClosing(let reply)) = reason { return reply.speaksOfRate }
        return recipients.contains { $0.disposition == .retryLater && $0.reply?.speaksOfRate == true }
    }
}

extension SMTPReply {
    /// No code means just this: providers say it in words, behind 421, 450, 451, 452 and 454 alike.
    fileprivate var speaksOfRate: Bool {
        guard category == .transientFailure else { return false }
        let text = text.lowercased()
        return [
            "rate", "too many", "too fast", "too quickly", "throttl", "slow down", "concurrent", "limit exceeded",
            "quota exceeded",
        ].contains { text.contains($0) }
    }
}

extension MailClientError {
    /// Whether it is likely to meet all accounts of that server.
    var isAboutServer: Bool {
        switch self {
        case .connect, .timedOut, .disconnected, .startTLSUnavailable, .protocolViolation: true
        default: false
        }
    }
}
