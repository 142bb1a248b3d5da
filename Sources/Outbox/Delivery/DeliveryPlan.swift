package import MailClient
package import Model
package import SMTP

/// What an attempt means for a submission: a function of the two, but for the jitter of its
/// schedule, so that every case is a line in a test.
package struct DeliveryPlan: Sendable {
    package var schedule = RetrySchedule()

    package init() {}

    /// The submission as an attempt begins with it: those who are tried now are undecided again.
    ///
    /// That is what a crash after the final dot is judged by.
    package func beginning(_ submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        for index in result.recipients.indices where result.recipients[index].isDue(now) {
            result.recipients[index].state = .queued
            result.recipients[index].nextAttemptAt = nil
        }
        return result
    }

    /// The submission after an attempt that reached a server, however it ended.
    package func applying(_ outcome: SubmissionOutcome, to submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        // Keyed by address: an attempt names only those recipients that were still open.
        let byAddress = Dictionary(
            outcome.recipients.map { ($0.path.address, $0) }, uniquingKeysWith: { first, _ in first })
        let untried = Set(outcome.untried.map(\.address))
        let hasProgress = outcome.recipients.contains { $0.disposition == .delivered || $0.disposition == .permanent }
        for (index, recipient) in result.recipients.enumerated() {
            guard let share = byAddress[recipient.email] else { continue }
            if hasProgress, untried.contains(recipient.email) || share.isTooManyRecipients {
                result.recipients[index].state = .queued
                result.recipients[index].nextAttemptAt = nil
                continue
            }
            result.recipients[index] = settle(recipient, by: share, of: submission, now)
        }
        result.error = fault(of: outcome)
        return closing(result, now: now)
    }

    /// The submission after an attempt that found no server to talk to; nothing was handed over.
    package func applying(_ error: MailClientError, to submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        let fault = error.submissionFault
        for (index, recipient) in result.recipients.enumerated() where recipient.isDue(now) {
            result.recipients[index].text = fault.text
            deferRecipient(&result.recipients[index], of: submission, now)
        }
        result.error = fault
        return closing(result, now: now)
    }

    /// The submission once it is known that a server has it: those who were in question have it.
    package func applyingEvidence(to submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        for index in result.recipients.indices where result.recipients[index].state == .unknown {
            result.recipients[index].state = .accepted
        }
        result.error = nil
        return closing(result, now: now)
    }

    /// The submission that is to be sent again to those who may not have it.
    package func repeating(_ submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        for index in result.recipients.indices where result.recipients[index].state == .unknown {
            result.recipients[index].state = .queued
        }
        result.error = nil
        result.unknownSince = nil
        return closing(result, now: now)
    }

    /// The submission with recipients refused here, because no server can be asked about them.
    package func refusing(_ faults: [String: String], in submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        for (index, recipient) in result.recipients.enumerated() {
            guard let text = faults[recipient.email] else { continue }
            result.recipients[index].state = .refused
            result.recipients[index].text = text
        }
        return closing(result, now: now)
    }

    /// The submission that cannot be sent at all.
    package func failing(_ fault: SubmissionFault, _ submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        for index in result.recipients.indices where result.recipients[index].isOpen {
            result.recipients[index].state = .refused
            result.recipients[index].text = fault.text
        }
        result.error = fault
        return closing(result, now: now)
    }

    private func settle(
        _ recipient: SubmissionRecipient, by share: SubmissionOutcome.Recipient, of submission: Submission,
        _ now: Timestamp
    ) -> SubmissionRecipient {
        var result = recipient
        result.code = share.reply?.code
        result.enhancedCode = share.reply?.enhancedCode?.description
        result.text = share.reply?.text
        result.nextAttemptAt = nil
        switch share.disposition {
        case .delivered: result.state = .accepted
        case .retryLater: deferRecipient(&result, of: submission, now)
        case .permanent: result.state = .refused
        case .unknown: result.state = .unknown
        }
        return result
    }

    /// Each recipient has waits of its own: one that is put off often does not make the others wait.
    private func deferRecipient(_ recipient: inout SubmissionRecipient, of submission: Submission, _ now: Timestamp) {
        recipient.deferrals += 1
        let start = max(submission.createdAt, submission.sendAt ?? submission.createdAt)
        recipient.nextAttemptAt = schedule.next(afterAttempt: recipient.deferrals, createdAt: start, now: now)
        recipient.state = recipient.nextAttemptAt == nil ? .refused : .deferred
    }

    /// The state that the recipients add up to, and the next attempt where one is due.
    private func closing(_ submission: Submission, now: Timestamp) -> Submission {
        var result = submission
        result.nextAttemptAt = nil
        if result.recipients.contains(where: { $0.state == .unknown }) {
            result.state = .unknown
            return result
        }
        let open = result.recipients.filter(\.isOpen)
        if !open.isEmpty {
            result.state = .queued
            result.nextAttemptAt = open.map { $0.nextAttemptAt ?? now }.min()
            return result
        }
        let accepted = result.recipients.count { [.accepted, .delivered, .bounced].contains($0.state) }
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

    /// Whether an attempt now is for this recipient.
    package func isDue(_ now: Timestamp) -> Bool {
        isOpen && nextAttemptAt.map { $0 <= now.advanced(by: Limits.mergedRecipients) } != false
    }
}

extension SubmissionOutcome.Recipient {
    /// A refusal that only means: in another transaction (RFC 5321 section 4.5.3.1.10).
    fileprivate var isTooManyRecipients: Bool {
        guard disposition == .retryLater, let reply, reply.code == 452 || reply.code == 552 else { return false }
        return reply.enhancedCode.map { $0.subject == 5 && $0.detail == 3 } != false
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
            SubmissionFault(
                code: "binarymime-unavailable", text: "the server takes no lines over 998 octets and no NUL")
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
