/// A name and an address, as a header field shows them.
package struct Correspondent: Sendable, Hashable {
    package var name: String?
    package var email: String

    package init(name: String? = nil, email: String) {
        self.name = name
        self.email = email
    }
}

/// A message as the API shows it (RFC 8621's Email, with our names for bodies).
package struct Message: Sendable, Equatable {
    package var id: EmailID
    package var threadID: ThreadID?
    package var mailboxIDs: [MailboxID]
    /// JMAP keywords in lower case, such as `$seen` and `$flagged`.
    package var keywords: [String]
    /// Octets of the whole message.
    package var size: Int
    /// When the server took it (INTERNALDATE).
    package var receivedAt: Timestamp
    /// When it came into the mailbox where it was read, by delivery, APPEND, COPY or MOVE (SAVEDATE); nil where nobody asked, or
    /// nobody recorded it.
    package var savedAt: Timestamp?
    /// What the Date field says; nil where it is missing or unreadable.
    package var sentAt: Timestamp?
    package var subject: String?
    package var from: [Correspondent] = []
    package var sender: [Correspondent] = []
    package var to: [Correspondent] = []
    package var cc: [Correspondent] = []
    package var bcc: [Correspondent] = []
    package var replyTo: [Correspondent] = []
    /// The Message-ID field, without angle brackets.
    package var messageID: String?
    package var inReplyTo: [String] = []
    package var references: [String] = []
    package var preview: String?
    package var hasAttachment = false
    package var attachments: [Attachment] = []
    /// Bodies; nil where they were not asked for or there is none of this type.
    package var text: String?
    package var html: String?
    /// Whether a body was cut at the caller's limit.
    package var isTruncated = false
    /// Asked-for header fields, decoded, in message order.
    package var headers: [(name: String, value: String)] = []
    /// What a filter on the way here said; nil where none did.
    package var spam: SpamVerdict?
    /// What the receiving server says of the sender; nil where nobody says it whom the account believes.
    package var authentication: AuthenticationReport?
    /// What became of its DKIM signatures; nil where nobody asked.
    package var signatures: [SignatureVerdict]?
    /// Whether it has any; not shown.
    package var hasSignature = false
    /// The list that it came over; nil where it is of none.
    package var list: MailingList?
    /// Its parts that are signed or encrypted.
    package var protections: [MessageProtection] = []
    /// What will become of it on a POP3 server; nil of other servers, and where nobody asked.
    package var retention: MessageRetention?
    /// What could not be read as the standards say, as stable codes.
    package var problems: [String] = []
    /// Where it was read, and what tells it from others; not shown.
    package var place: MessagePlace?
    package var identity: MessageIdentity?

    package init(
        id: EmailID, threadID: ThreadID? = nil, mailboxIDs: [MailboxID], keywords: [String], size: Int,
        receivedAt: Timestamp
    ) {
        self.id = id
        self.threadID = threadID
        self.mailboxIDs = mailboxIDs
        self.keywords = keywords
        self.size = size
        self.receivedAt = receivedAt
    }

    package static func == (left: Message, right: Message) -> Bool {
        left.id == right.id && left.mailboxIDs == right.mailboxIDs && left.keywords == right.keywords
            && left.size == right.size && left.receivedAt == right.receivedAt && left.subject == right.subject
            && left.from == right.from && left.to == right.to && left.messageID == right.messageID
            && left.text == right.text && left.html == right.html && left.attachments == right.attachments
    }
}

/// A spam filter's opinion, as it wrote it into the header.
package struct SpamVerdict: Sendable, Equatable {
    package var isSpam: Bool
    /// In the filter's own units; they mean something only beside others of the same source.
    package var score: Double?
    /// The header field it was read from, in lower case.
    package var source: String

    package init(isSpam: Bool, score: Double? = nil, source: String) {
        self.isSpam = isSpam
        self.score = score
        self.source = source
    }
}

/// A part of a message that is not one of its bodies.
package struct Attachment: Sendable, Equatable {
    package var id: PartID
    package var name: String
    /// `type/subtype`, lower case.
    package var type: String
    /// Octets as transferred for an encoded part: an upper bound of the decoded size.
    package var size: Int
    package var isInline: Bool
    /// Content-ID without angle brackets.
    package var contentID: String?
    package var charset: String?

    package init(
        id: PartID, name: String, type: String, size: Int, isInline: Bool, contentID: String? = nil,
        charset: String? = nil
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.size = size
        self.isInline = isInline
        self.contentID = contentID
        self.charset = charset
    }
}

/// Which parts of a message a reader wants.
package struct MessageOptions: Sendable, Equatable {
    package var wantsText = true
    package var wantsHTML = true
    /// Header names to add, lower case; `["*"]` for all.
    package var headers: [String] = []
    package var maxBodyBytes: Int?
    /// Whether reading sets `$seen`.
    package var marksSeen = false
    /// Whether its DKIM signatures are verified, for which all of it is read.
    package var verifiesSignatures = false
    /// Whose word on its sender counts.
    package var authorities = AuthenticationAuthorities.none

    package init() {}
}
