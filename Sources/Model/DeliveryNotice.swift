/// What a report that arrived by mail says of one recipient of a message that was sent.
package struct DeliveryNotice: Sendable, Equatable {
    /// What became of the message, or what the recipient did with it.
    package enum Action: String, Sendable, CaseIterable {
        case failed
        case delayed
        case delivered
        case relayed
        case expanded
        case complained
        case displayed
        case deleted
        case autoReplied = "auto-replied"
    }

    /// As the message was addressed, where that is known; else as the report names it.
    package var email: String?
    package var action: Action
    /// RFC 3463, for example `5.1.1`.
    package var enhancedCode: String?
    /// The words of the server that decided.
    package var text: String?

    package init(email: String?, action: Action, enhancedCode: String? = nil, text: String? = nil) {
        self.email = email
        self.action = action
        self.enhancedCode = enhancedCode
        self.text = text
    }
}

/// A report that arrived by mail, and the message that it arrived as.
package struct DeliveryReport: Sendable, Equatable {
    /// The account in whose mail it lies.
    package var accountID: AccountID
    package var messageID: EmailID
    package var arrivedAt: Timestamp
    /// The Message-ID of what it tells of.
    package var originalMessageID: String?
    /// The host or program that reports.
    package var reporter: String?
    /// Of a complaint: `abuse`, `fraud` and so on (RFC 5965, section 7.3).
    package var feedbackType: String?
    package var notices: [DeliveryNotice]

    package init(
        accountID: AccountID, messageID: EmailID, arrivedAt: Timestamp, originalMessageID: String? = nil,
        reporter: String? = nil, feedbackType: String? = nil, notices: [DeliveryNotice]
    ) {
        self.accountID = accountID
        self.messageID = messageID
        self.arrivedAt = arrivedAt
        self.originalMessageID = originalMessageID
        self.reporter = reporter
        self.feedbackType = feedbackType
        self.notices = notices
    }
}

/// One report's word on a recipient, as the recipient keeps it.
package struct RecipientReport: Sendable, Equatable {
    package var notice: DeliveryNotice
    /// The message that told so, and the account in whose mail it lies.
    package var messageID: EmailID
    package var accountID: AccountID
    package var at: Timestamp

    package init(_ notice: DeliveryNotice, in report: DeliveryReport) {
        self.notice = notice
        messageID = report.messageID
        accountID = report.accountID
        at = report.arrivedAt
    }
}

extension SubmissionRecipient {
    /// What a report says counts from then on: an accepted message can still come back.
    package mutating func add(_ report: RecipientReport) {
        reports.append(report)
        switch report.notice.action {
        case .failed: state = .bounced
        case .delivered where state == .accepted || state == .unknown: state = .delivered
        default: break
        }
    }
}
