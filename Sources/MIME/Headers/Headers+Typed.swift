extension Headers {
    /// The field's text, unfolded and decoded (RFC 2047); nil where there is no such field.
    package func text(_ name: String) -> String? { first(name).map(text(of:)) }

    package func text(of field: HeaderField) -> String {
        HeaderText.decode(field.rawValue.span, fallbackCharset: fallbackCharset)
    }

    /// Of all fields of that name, in order: a second To is as real as the first.
    package func groups(_ name: String) -> [AddressGroup] {
        all(name).flatMap { AddressParser($0.rawValue.span, fallbackCharset: fallbackCharset).groups }
    }

    package func addresses(_ name: String) -> [EmailAddress] { groups(name).flatMap(\.addresses) }

    /// Without angle brackets.
    package func messageIDs(_ name: String) -> [String] {
        guard let field = first(name) else { return [] }
        return MessageIDParser(field.rawValue.span).ids
    }

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
    package var date: MessageDate? { first("Date").flatMap { MessageDate(parsing: $0.rawValue) } }
    package var contentID: String? { messageIDs("Content-ID").first }

    /// Nil where there is none or it names no type.
    package var contentType: ContentType? {
        first("Content-Type").flatMap { ContentType(parsing: $0.rawValue, fallbackCharset: fallbackCharset) }
    }

    package var contentDisposition: ContentDisposition? {
        first("Content-Disposition").flatMap {
            ContentDisposition(parsing: $0.rawValue, fallbackCharset: fallbackCharset)
        }
    }

    package var transferEncoding: TransferEncoding {
        TransferEncoding(label: text("Content-Transfer-Encoding") ?? "7bit")
    }
}

extension AddressGroup {
    /// Reads a field's value, as bytes from a header.
    package static func parse(_ value: [UInt8], fallbackCharset: String? = nil) -> [AddressGroup] {
        AddressParser(value.span, fallbackCharset: fallbackCharset).groups
    }
}
