/// A file that goes out with a message.
package struct SubmissionAttachment: Sendable, Equatable {
    /// Where its octets are.
    package enum Content: Sendable, Equatable {
        case bytes([UInt8])
        /// An attachment of a message of the same account, on its mail server.
        case stored(EmailID, PartID)
        /// A part of the form that the draft came with, by its name.
        case part(String)
    }

    /// The stored attachment's own, or the uploaded file's, where nil.
    package var name: String?
    /// `type/subtype`, perhaps with a charset; the same where nil.
    package var type: String?
    package var content: Content
    /// Set for an image shown inside the html.
    package var contentID: String?

    package init(name: String?, type: String?, content: Content, contentID: String? = nil) {
        self.name = name
        self.type = type
        self.content = content
        self.contentID = contentID
    }

    package init(name: String?, type: String?, content: [UInt8], contentID: String? = nil) {
        self.init(name: name, type: type, content: .bytes(content), contentID: contentID)
    }
}
