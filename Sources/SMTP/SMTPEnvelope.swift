/// What one message needs of the transport: sender, recipients, size and the kind of its octets (RFC 5321 section 2.3.1).
package struct SMTPEnvelope: Sendable, Equatable {
    /// What the octets of a message are (RFC 6152).
    package enum Body: Sendable, Equatable {
        case sevenBit
        /// Has octets over 127: needs 8BITMIME.
        case eightBit

        /// Looks at all of `content`.
        package init(scanning content: [UInt8]) {
            self = content.allSatisfy { $0 < 0x80 } ? .sevenBit : .eightBit
        }
    }

    package var mailFrom: SMTPPath
    package var recipients: [SMTPPath]
    /// Octets of the content with CRLF line ends; nil where not known before it is read.
    package var size: Int?
    package var body: Body
    /// Whether the message's own header is in UTF-8 (RFC 6532); addresses are looked at anyway.
    package var hasInternationalHeader: Bool

    package init(
        mailFrom: SMTPPath, recipients: [SMTPPath], size: Int? = nil, body: Body = .sevenBit,
        hasInternationalHeader: Bool = false
    ) {
        self.mailFrom = mailFrom
        self.recipients = recipients
        self.size = size
        self.body = body
        self.hasInternationalHeader = hasInternationalHeader
    }

    package var needsSMTPUTF8: Bool {
        hasInternationalHeader || !mailFrom.isASCII || recipients.contains { !$0.isASCII }
    }

    /// Why `server` cannot take this, known before a command was sent; nil where nothing speaks against it.
    func refusal(by server: SMTPCapabilities) -> SMTPRefusal? {
        if recipients.isEmpty { return .noRecipients }
        let most = min(SMTPLimits.maximumRecipients, server.maximumRecipients ?? .max)
        if recipients.count > most { return .tooManyRecipients(limit: most) }
        if let size, let limit = server.maximumMessageOctets, size > limit { return .tooLarge(limit: limit) }
        if needsSMTPUTF8, !server.offersSMTPUTF8 { return .needsSMTPUTF8 }
        if body == .eightBit, !server.offersEightBitMIME { return .needs8BitMIME }
        return nil
    }
}

/// Why a message was not offered to a server at all.
package enum SMTPRefusal: Error, Equatable, Sendable {
    case noRecipients
    /// More than the server (RFC 9422) or we take in one transaction: send it in several.
    case tooManyRecipients(limit: Int)
    /// More octets than the server's SIZE (RFC 1870).
    case tooLarge(limit: Int)
    /// An address or header in UTF-8, and a server without SMTPUTF8 (RFC 6531).
    case needsSMTPUTF8
    /// Octets over 127, and a server without 8BITMIME: encode the parts in base64 or quoted-printable and offer it again.
    case needs8BitMIME
}
