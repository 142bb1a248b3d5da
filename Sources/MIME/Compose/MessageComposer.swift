import Wire

/// Writes messages: RFC 5322 and MIME, lines ending in CRLF and of bounded length.
package enum MessageComposer {
    /// Randomness for message ids and boundaries comes from outside, so that tests have known answers.
    package static func compose(
        _ message: OutgoingMessage, using generator: inout some RandomNumberGenerator
    ) throws(ComposeError) -> ComposedMessage {
        try message.validate()
        let messageID = message.messageID ?? token(24, using: &generator) + "@" + domain(of: message.from)
        var header = HeaderWriter()
        header.field("Date", [Array((message.date.fieldValue ?? "").utf8)])
        header.addresses("From", message.from)
        if let sender = message.sender { header.addresses("Sender", [sender]) }
        header.addresses("Reply-To", message.replyTo)
        header.addresses("To", message.to)
        header.addresses("Cc", message.cc)
        if message.keepsBcc { header.addresses("Bcc", message.bcc) }
        header.text("Subject", message.subject)
        header.messageIDs("Message-ID", [messageID])
        header.messageIDs("In-Reply-To", message.inReplyTo)
        header.messageIDs("References", shortened(message.references))
        for extra in message.headers { header.text(extra.name, extra.value) }
        header.field("MIME-Version", [Array("1.0".utf8)])
        var writer = EntityWriter(header: header, contents: message.scannedContents)
        let root = Entity(message, using: &generator)
        writer.write(root, using: &generator)
        let written = message.from + message.replyTo + message.to + message.cc + [message.sender].compactMap { $0 }
        return ComposedMessage(
            segments: writer.finish(), messageID: messageID,
            needsSMTPUTF8: (written + message.bcc).contains(where: \.needsSMTPUTF8), needs8BitMIME: writer.has8Bit)
    }

    /// Digits and lower-case letters; 24 of them are 120 bits.
    static func token(_ count: Int, using generator: inout some RandomNumberGenerator) -> String {
        let digits = Array("0123456789abcdefghijklmnopqrstuv".utf8)
        return String(decoding: randomDigits(count, of: digits, using: &generator), as: UTF8.self)
    }

    private static func domain(of from: [EmailAddress]) -> String {
        from.first.flatMap { Punycode.asciiDomain($0.domain) } ?? "localhost"
    }

    /// The first and the last ones of a long thread (RFC 5537, section 3.4.4 does so for news).
    private static func shortened(_ references: [String]) -> [String] {
        references.count <= 50 ? references : Array(references.prefix(1) + references.suffix(49))
    }
}

extension OutgoingMessage {
    /// Texts that are written as they are, in which no boundary may stand.
    fileprivate var scannedContents: [[UInt8]] {
        var contents = [text, html].compactMap { $0.map { Array($0.utf8) } }
        for attachment in attachments + inlineAttachments where attachment.type.lowercased() == "message/rfc822" {
            if case .bytes(let bytes) = attachment.content { contents.append(bytes) }
        }
        return contents
    }
}
