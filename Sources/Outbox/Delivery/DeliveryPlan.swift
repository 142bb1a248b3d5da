package import MailClient
package import Model
package import SMTP

/// What an attempt means for a submission: a pure function of the two, so that every case is a line in a test.
package struct DeliveryPlan: Sendable {
    package var schedule = RetrySchedule()

    package init() {}

    /// The submission after an attempt that reached a server, however it ended; `attempts` counts it already.
    package func applying(_ outcome: SubmissionOutcome, to submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        // Keyed by address: an attempt names only those recipients that were still open.
        let byAddress = Dictionary(
            outcome.recipients.map { ($0.path.address, $0) }, uniquingKeysWith: { first, _ in first })
        for (index, recipient) in result.recipients.enumerated() {
            guard let share = byAddress[recipient.email] else { continue }
            result.recipients[index] = recipient.settled(by: share)
        }
        result.error = fault(of: outcome)
        return closing(result, now: now)
    }

    /// The submission after an attempt that found no server to talk to; nothing was handed over.
    package func applying(_ error: MailClientError, to submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        let fault = error.submissionFault
        for (index, recipient) in result.recipients.enumerated() where recipient.isOpen {
            result.recipients[index].state = .deferred
            result.recipients[index].text = fault.text
        }
        result.error = fault
        return closing(result, now: now)
    }

    /// The state that the recipients add up to, and the next attempt where one is due.
    private func closing(_ submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        result.nextAttemptAt = nil
        if result.recipients.contains(where: { $0.state == .unknown }) {
            result.state = .unknown
            return result
        }
        if result.recipients.contains(where: \.isOpen) {
            if let next = schedule.next(afterAttempt: result.attempts, createdAt: result.createdAt, now: now) {
                result.state = .queued
                result.nextAttemptAt = next
                return result
            }
            for (index, recipient) in result.recipients.enumerated() where recipient.isOpen {
                result.recipients[index].state = .refused
            }
        }
        let accepted = result.recipients.count { $0.state == .accepted }
        switch accepted {
        case result.recipients.count:
            result.state = .sent
            result.error = nil
        case 0: result.state = .failed
        default: result.state = .partiallySent
        }
        return result
    }

    private func fault(of outcome: SubmissionOutcome) -> SubmissionFault? {
        switch outcome.reason {
        case .replies:
            guard
                outcome.disposition != .delivered
                    || outcome.recipients.contains(where: { $0.disposition == .permanent })
            else { return nil }
            let worst = outcome.recipients.first { $0.disposition != .delivered }?.reply ?? outcome.finalReply
            return SubmissionFault(
                code: outcome.acceptance == .accepted ? "recipients-refused" : "refused",
                text: worst.map { "\($0.code) \($0.text)" } ?? "the server refused")
        case .notOffered(let refusal): return refusal.fault
        case .interrupted(let interruption): return interruption.fault(acceptance: outcome.acceptance)
        }
    }
}

extension SubmissionRecipient {
    /// Whether this recipient still waits for an attempt.
    package var isOpen: Bool { state == .queued || state == .deferred }

    fileprivate func settled(by share: SubmissionOutcome.Recipient) -> SubmissionRecipient {
        var result = self
        result.state =
            switch share.disposition {
            case .delivered: .accepted
            case .retryLater: .deferred
            case .permanent: .refused
            case .unknown: .unknown
            }
        result.code = share.reply?.code
        result.enhancedCode = share.reply?.enhancedCode?.description
        result.text = share.reply?.text
        return result
    }
}

extension SMTPRefusal {
    fileprivate var fault: SubmissionFault {
        switch self {
        case .noRecipients: SubmissionFault(code: "no-recipients", text: "the message has no recipient")
        case .tooManyRecipients(let limit):
            SubmissionFault(code: "too-many-recipients", text: "the server takes \(limit) recipients at once")
        case .tooLarge(let limit):
            SubmissionFault(code: "too-large", text: "the server takes messages of \(limit) octets at most")
        case .needsSMTPUTF8:
            SubmissionFault(code: "smtputf8-unavailable", text: "the server takes no international addresses")
        case .needs8BitMIME:
            SubmissionFault(code: "8bitmime-unavailable", text: "the server takes no 8-bit messages")
        case .needsBinaryMIME:
            SubmissionFault(code: "binarymime-unavailable", text: "the server takes no lines over 998 octets and no NUL")
        case .needsRequireTLS:
            SubmissionFault(
                code: "requiretls-unavailable", text: "the server does not promise TLS all the way (REQUIRETLS)")
        case .needsDeliverBy(let minimum):
            SubmissionFault(
                code: "deliverby-unavailable",
                text: minimum.map { "the server delivers by no less than \($0) s" }
                    ?? "the server does not see to delivery in time (DELIVERBY)")
        case .needsFutureRelease:
            SubmissionFault(
                code: "futurerelease-unavailable", text: "the server keeps no mail until that time (FUTURERELEASE)")
        }
    }
}

extension SubmissionOutcome.Interruption {
    fileprivate func fault(acceptance: SubmissionOutcome.Acceptance) -> SubmissionFault {
        if acceptance == .ambiguous {
            return SubmissionFault(
                code: "outcome-unknown",
                text: "the message was handed over and no answer came; it may have been delivered")
        }
        return switch self {
        case .connectionLost: SubmissionFault(code: "connection-lost", text: "the server closed the connection")
        case .timedOut: SubmissionFault(code: "upstream-timeout", text: "the server did not answer in time")
        case .cancelled: SubmissionFault(code: "interrupted", text: "the attempt was interrupted by a shutdown")
        case .serviceClosing(let reply):
            SubmissionFault(code: "service-closing", text: "\(reply.code) \(reply.text)")
        case .protocolViolation: SubmissionFault(code: "protocol-violation", text: "the server did not speak SMTP")
        case .contentFailed: SubmissionFault(code: "content-unreadable", text: "the stored message could not be read")
        case .notConnected: SubmissionFault(code: "account-unavailable", text: "no connection to the server")
        }
    }
}
