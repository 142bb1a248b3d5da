package import MIME
package import Model
import Representation
package import Store

/// What events mean for mail that was sent: a pure function, so that every case is a line in a test.
package enum OutcomePlan {
    /// The types that are looked at.
    static let types: Set<EventType> = [.messageCreated, .submissionSent, .submissionFailed]

    package static func turn(_ events: [Event], after: Int64, next: Int64) -> OutcomeTurn {
        var turn = OutcomeTurn(after: after, position: next)
        for event in events {
            guard let account = event.accountID, let data = try? JSONParser.parse(event.data),
                let id = data["id"]?.text
            else { continue }
            switch event.type {
            case .messageCreated:
                if let candidate = candidate(data, EmailID(rawValue: id), in: account) {
                    turn.candidates.append(candidate)
                }
            case .submissionSent: turn.sent.append(SubmissionID(rawValue: id))
            case .submissionFailed where data["state"]?.text == SubmissionState.failed.rawValue:
                turn.failed.append(SubmissionID(rawValue: id))
            default: break
            }
        }
        return turn
    }

    /// A message whose summary looks like a report, or that answers something which may be ours.
    private static func candidate(_ data: JSONValue, _ id: EmailID, in account: AccountID) -> ReportCandidate? {
        let attachments = data["attachments"]?.elements.compactMap { $0["type"]?.text } ?? []
        if attachments.contains(where: reportTypes.contains) { return ReportCandidate(account: account, message: id) }
        let from = data["from"]?.elements.first
        let local = from?["email"]?.text?.split(separator: "@").first?.lowercased() ?? ""
        let subject = data["subject"]?.text?.lowercased() ?? ""
        if local.isEmpty || daemons.contains(local) || local.hasPrefix("microsoftexchange")
            || subjects.contains(where: subject.contains)
        {
            return ReportCandidate(account: account, message: id)
        }
        let ids = ["inReplyTo", "references"].flatMap { data[$0]?.elements.compactMap(\.text) ?? [] }
        let answered = Array(ids.suffix(Limits.answeredIDs))
        return answered.isEmpty ? nil : ReportCandidate(account: account, message: id, onlyIfOneOf: answered)
    }

    private static let reportTypes: Set<String> = [
        "message/delivery-status", "message/global-delivery-status", "message/feedback-report",
        "message/disposition-notification", "message/global-disposition-notification",
    ]
    private static let daemons: Set<String> = [
        "mailer-daemon", "postmaster", "maildaemon", "mail-daemon", "mdaemon", "mailerdaemon", "mailer_daemon",
        "bounce",
        "bounces", "mail-delivery-subsystem",
    ]
    private static let subjects = [
        "undeliver", "delivery status notification", "delivery failure", "failure notice", "returned mail",
        "mail delivery failed", "unzustellbar", "non remis", "no se pudo entregar",
    ]

    /// The recipients of a submission as a report names them, each as the message was addressed.
    package static func notices(_ report: MailReport, of submission: Submission?) -> [DeliveryNotice] {
        report.recipients.map { reported in
            let known = submission.flatMap { recipient(reported, of: $0) }
            return DeliveryNotice(
                email: known ?? reported.originalAddress ?? reported.address,
                action: DeliveryNotice.Action(rawValue: reported.action.rawValue) ?? .failed,
                enhancedCode: reported.status, text: reported.text)
        }
    }

    /// Whether a report tells of one of these recipients.
    package static func isMeant(_ submission: Submission, by report: MailReport) -> Bool {
        report.recipients.contains { recipient($0, of: submission) != nil }
    }

    /// The original address counts before the one where the message went in the end.
    private static func recipient(_ reported: ReportedRecipient, of submission: Submission) -> String? {
        for address in [reported.originalAddress, reported.address] {
            guard let wanted = address.map(comparable) else { continue }
            if let found = submission.recipients.first(where: { comparable($0.email) == wanted }) { return found.email }
        }
        // Forwarded or rewritten: where there was one recipient only, it is meant. An automatic answer can come from anybody.
        guard submission.recipients.count == 1, reported.action != .autoReplied else { return nil }
        return submission.recipients[0].email
    }

    private static func comparable(_ address: String) -> String {
        EmailAddress(email: address).wireForm.lowercased()
    }

    /// What is told of a report; receipts and answers are kept with the recipient and make no event.
    package static func eventTypes(_ report: MailReport, of submission: Submission?) -> [EventType] {
        let actions = Set(report.recipients.map(\.action))
        if actions.contains(.complained) { return [.messageComplained] }
        guard report.kind == .delivery else { return [] }
        if actions.contains(.failed) { return [.messageBounced] }
        return actions.contains(.delayed) && submission != nil ? [.submissionDeferred] : []
    }
}

extension JSONValue {
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }
}
