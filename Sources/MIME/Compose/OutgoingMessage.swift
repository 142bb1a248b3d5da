/// A message to be written: values only, nothing encoded yet.
package struct OutgoingMessage: Sendable {
    package var from: [EmailAddress]
    package var sender: EmailAddress?
    package var replyTo: [EmailAddress] = []
    package var to: [EmailAddress] = []
    package var cc: [EmailAddress] = []
    /// Recipients that are not written into the message; here so that one value names them all.
    package var bcc: [EmailAddress] = []
    /// Writes `bcc` all the same: for a draft, which nobody but its author sees.
    package var keepsBcc = false
    package var subject: String = ""
    package var date: MessageDate
    /// Without angle brackets; nil lets the composer make one in the domain of `from`.
    package var messageID: String?
    /// Without angle brackets.
    package var inReplyTo: [String] = []
    /// Without angle brackets.
    package var references: [String] = []
    package var text: String?
    package var html: String?
    /// Referred to by the HTML as `cid:`; written into its `multipart/related`.
    package var inlineAttachments: [OutgoingAttachment] = []
    package var attachments: [OutgoingAttachment] = []
    /// Further fields, in this order; those that the composer writes itself are refused.
    package var headers: [OutgoingHeader] = []

    package init(from: [EmailAddress], date: MessageDate) {
        self.from = from
        self.date = date
    }
}

/// A further field of an outgoing message, unencoded.
package struct OutgoingHeader: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A file that goes with a message.
package struct OutgoingAttachment: Sendable {
    /// Where its octets come from.
    package enum Content: Sendable {
        case bytes([UInt8])
        /// Not in memory: the composed message has a `.source` segment of this key where its octets belong.
        case source(key: String, size: Int)
    }

    package var name: String?
    /// `type/subtype`, without parameters.
    package var type: String
    /// Of a text; nil leaves it unsaid.
    package var charset: String?
    /// Without angle brackets; an inline attachment without one gets one.
    package var contentID: String?
    package var content: Content

    package init(name: String?, type: String, contentID: String? = nil, content: Content) {
        self.name = name
        self.type = type
        self.contentID = contentID
        self.content = content
    }
}
