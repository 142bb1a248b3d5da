package import Model

/// Something to be done after mail was sent, or has arrived that tells of mail that was sent.
package struct OutcomeTask: Sendable, Equatable {
    /// What is to be done.
    package enum Kind: Sendable, Equatable {
        /// Read the message: it may be a report.
        case report
        /// Set this keyword on the message, which a submission answered or passed on.
        case mark(keyword: String)
    }

    let id: String
    package let kind: Kind
    package let account: AccountID
    package let message: EmailID
    package let createdAt: Timestamp
    /// This one included; who took the task later has a higher number.
    package let attempts: Int
}

/// A message that has arrived and may be a report.
package struct ReportCandidate: Sendable, Equatable {
    package var account: AccountID
    package var message: EmailID
    /// It is one only where one of these Message-IDs is that of a submission; nil where it is one in any case.
    package var onlyIfOneOf: [String]?

    package init(account: AccountID, message: EmailID, onlyIfOneOf: [String]? = nil) {
        self.account = account
        self.message = message
        self.onlyIfOneOf = onlyIfOneOf
    }
}

/// What a stretch of the event log means for tasks.
package struct OutcomeTurn: Sendable, Equatable {
    /// The place in the log up to which it was looked at before.
    package var after: Int64
    package var position: Int64
    package var candidates: [ReportCandidate] = []
    /// Submissions whose originals are to be marked.
    package var sent: [SubmissionID] = []
    /// Submissions that will never be.
    package var failed: [SubmissionID] = []

    package init(after: Int64, position: Int64) {
        self.after = after
        self.position = position
    }
}

/// Whom a report tells of: as much as it says.
package struct ReportedMessage: Sendable, Equatable {
    package var envelopeID: String?
    /// The likeliest first.
    package var messageIDs: [String]

    package init(envelopeID: String?, messageIDs: [String]) {
        self.envelopeID = envelopeID
        self.messageIDs = messageIDs
    }
}
