/// What a message that arrived tells of one that was sent before.
package struct MailReport: Sendable, Equatable {
    /// The four that are told apart.
    package enum Kind: Sendable, Equatable {
        /// A delivery status notification: RFC 3464, its international form RFC 6533, or a bounce in a mailer's own words.
        case delivery
        /// A feedback report of RFC 5965: a recipient called it spam, or the like.
        case complaint(feedbackType: String)
        /// A message disposition notification, RFC 8098.
        case receipt
        /// An automatic answer, RFC 3834.
        case autoReply
    }

    package var kind: Kind
    /// `Original-Envelope-Id`: what the sender called the transaction (RFC 3461, section 4.4).
    package var envelopeID: String?
    /// What the message may have been called, without angle brackets; the likeliest first.
    package var messageIDs: [String]
    package var recipients: [ReportedRecipient]
    /// The host or program that reports.
    package var reporter: String?

    package init(
        kind: Kind, envelopeID: String?, messageIDs: [String], recipients: [ReportedRecipient], reporter: String?
    ) {
        self.kind = kind
        self.envelopeID = envelopeID
        self.messageIDs = messageIDs
        self.recipients = recipients
        self.reporter = reporter
    }
}

/// What is told of one recipient.
package struct ReportedRecipient: Sendable, Equatable {
    /// What became of the message, or what the recipient did with it.
    package enum Action: String, Sendable, CaseIterable {
        case failed
        /// Not delivered yet; the server goes on trying.
        case delayed
        case delivered
        /// Handed to a server that does not report.
        case relayed
        /// Handed to several people or to a list.
        case expanded
        case complained
        /// Shown to the recipient, as far as the recipient's program says.
        case displayed
        /// Deleted, perhaps without having been seen.
        case deleted
        case autoReplied = "auto-replied"
    }

    /// As the sender wrote it, where the report tells (`Original-Recipient`).
    package var originalAddress: String?
    /// Where it went in the end; nil where nobody says.
    package var address: String?
    package var action: Action
    /// RFC 3463, for example `5.1.1`.
    package var status: String?
    /// The words of the server that decided.
    package var text: String?

    package init(
        address: String?, originalAddress: String? = nil, action: Action, status: String? = nil, text: String? = nil
    ) {
        self.address = address
        self.originalAddress = originalAddress
        self.action = action
        self.status = status
        self.text = text
    }
}

extension MailReport {
    /// Nil for a message that reports nothing.
    ///
    /// The beginning of a message is enough, where it holds the report's parts.
    package init?(parsing raw: [UInt8]) { self.init(reading: ParsedMessage(parsing: raw)) }

    package init?(reading message: ParsedMessage) {
        guard
            let found = StatusReport.read(message) ?? FeedbackReport.read(message) ?? DispositionReport.read(message)
                ?? PlainBounce.read(message) ?? AutomaticReply.read(message)
        else {
            return nil
        }
        self = found
    }
}
