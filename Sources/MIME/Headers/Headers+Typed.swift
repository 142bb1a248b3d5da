extension Headers {
    /// The field's text, unfolded and decoded (RFC 2047); nil where there is no such field.
    package func text(_ name: String) -> String? { nil }
    package func text(of field: HeaderField) -> String { "" }
    package func addresses(_ name: String) -> [EmailAddress] { [] }
    package func groups(_ name: String) -> [AddressGroup] { [] }
    package func messageIDs(_ name: String) -> [String] { [] }

    package var subject: String? { text("Subject") }
    package var from: [EmailAddress] { addresses("From") }
    package var sender: [EmailAddress] { addresses("Sender") }
    package var replyTo: [EmailAddress] { addresses("Reply-To") }
    package var to: [EmailAddress] { addresses("To") }
    package var cc: [EmailAddress] { addresses("Cc") }
    package var bcc: [EmailAddress] { addresses("Bcc") }
    /// Without angle brackets.
    package var messageID: String? { messageIDs("Message-ID").first }
    package var inReplyTo: [String] { messageIDs("In-Reply-To") }
    package var references: [String] { messageIDs("References") }
    package var date: MessageDate? { nil }
    package var contentType: ContentType? { nil }
    package var contentDisposition: ContentDisposition? { nil }
    package var transferEncoding: TransferEncoding { .sevenBit }
    package var contentID: String? { messageIDs("Content-ID").first }
}
