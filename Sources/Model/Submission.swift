/// A message handed over for sending, and how far it got.
package struct Submission: Sendable, Equatable {
    package var id: SubmissionID
    package var accountID: AccountID
    package var state: SubmissionState
    /// The Message-ID field, without angle brackets.
    package var messageID: String
    package var sendAt: Timestamp?
    package var createdAt: Timestamp
    package var attempts: Int
    package var nextAttemptAt: Timestamp?
    package var mailFrom: String
    package var recipients: [SubmissionRecipient]
    package var saveToSent: Bool
    /// The copy in Sent, once it is there.
    package var sentMessageID: EmailID?
    package var error: SubmissionFault?
    package var options = DeliveryOptions()
    package var content = ContentKind()
    package var sentCopy = SentCopy()
    /// See `SubmissionTerms.source`; known only while it is handed over.
    package var source: String?
    /// Since when it is not known whether a server has it.
    package var unknownSince: Timestamp?

    package init(
        id: SubmissionID, accountID: AccountID, state: SubmissionState, messageID: String, sendAt: Timestamp? = nil,
        createdAt: Timestamp, attempts: Int = 0, nextAttemptAt: Timestamp?, mailFrom: String,
        recipients: [SubmissionRecipient], saveToSent: Bool, sentMessageID: EmailID? = nil,
        error: SubmissionFault? = nil
    ) {
        self.id = id
        self.accountID = accountID
        self.state = state
        self.messageID = messageID
        self.sendAt = sendAt
        self.createdAt = createdAt
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.mailFrom = mailFrom
        self.recipients = recipients
        self.saveToSent = saveToSent
        self.sentMessageID = sentMessageID
        self.error = error
        sentCopy.state = saveToSent ? .pending : .none
    }
}

/// The life of a submission; see the design's "Sending".
package enum SubmissionState: String, Sendable, CaseIterable {
    case scheduled
    case queued
    case sending
    case sent
    case partiallySent = "partially-sent"
    case failed
    case canceled
    /// The final dot went out and no reply came: it may have been accepted, so it is never blindly repeated.
    case unknown
}

/// One recipient's fate, in the server's words.
package struct SubmissionRecipient: Sendable, Equatable {
    package var email: String
    package var state: RecipientState
    /// SMTP reply code.
    package var code: Int?
    /// RFC 3463, for example `5.1.1`.
    package var enhancedCode: String?
    package var text: String?
    /// Attempts to hand the message over to this recipient that were refused for now.
    package var deferrals = 0
    /// When a deferred one is tried again.
    package var nextAttemptAt: Timestamp?
    /// What came by mail later, oldest first.
    package var reports: [RecipientReport] = []

    package init(
        email: String, state: RecipientState = .queued, code: Int? = nil, enhancedCode: String? = nil,
        text: String? = nil
    ) {
        self.email = email
        self.state = state
        self.code = code
        self.enhancedCode = enhancedCode
        self.text = text
    }
}

/// Whether one recipient's copy was taken by the server.
package enum RecipientState: String, Sendable, CaseIterable {
    case queued
    case accepted
    /// Refused for now; tried again.
    case deferred
    case refused
    case unknown
    /// Taken, and reported as delivered by the server that put it into the mailbox.
    case delivered
    /// Taken, and reported as undeliverable later.
    case bounced
}

/// Why a submission is where it is.
package struct SubmissionFault: Sendable, Equatable {
    /// A stable code, for example `authentication-failed`, `recipients-refused`, `upstream-timeout`.
    package var code: String
    package var text: String

    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }
}

/// What a caller wants sent, member by member.
package struct SubmissionDraft: Sendable, Equatable {
    package var from: Correspondent?
    package var to: [Correspondent] = []
    package var cc: [Correspondent] = []
    package var bcc: [Correspondent] = []
    package var replyTo: [Correspondent] = []
    package var subject: String?
    package var text: String?
    package var html: String?
    package var attachments: [SubmissionAttachment] = []
    package var headers: [(name: String, value: String)] = []
    package var unsubscribe: Unsubscribe?
    package var autoSubmitted: AutoSubmitted?
    package var reference: MessageReference?
    /// Stands for subject and bodies, together with `values`.
    package var template: TemplateID?
    package var values: [String: String]?
    package var saveToSent = true
    /// Those that the copy in Sent gets, besides `$seen`.
    package var keywords: [String] = []
    package var envelope: SubmissionEnvelope?
    package var sendAt: Timestamp?
    package var options = DeliveryOptions()

    package init() {}

    package static func == (left: SubmissionDraft, right: SubmissionDraft) -> Bool {
        left.from == right.from && left.to == right.to && left.cc == right.cc && left.bcc == right.bcc
            && left.replyTo == right.replyTo && left.subject == right.subject && left.text == right.text
            && left.html == right.html && left.attachments == right.attachments
            && left.headers.elementsEqual(right.headers, by: ==) && left.saveToSent == right.saveToSent
            && left.envelope == right.envelope && left.sendAt == right.sendAt && left.options == right.options
            && left.unsubscribe == right.unsubscribe
            && left.autoSubmitted == right.autoSubmitted && left.reference == right.reference
            && left.template == right.template && left.values == right.values && left.keywords == right.keywords
    }
}

/// Sender and recipients of the SMTP transaction where they differ from the header.
package struct SubmissionEnvelope: Sendable, Equatable {
    package var mailFrom: String?
    package var rcptTo: [String]?

    package init(mailFrom: String? = nil, rcptTo: [String]? = nil) {
        self.mailFrom = mailFrom
        self.rcptTo = rcptTo
    }
}
