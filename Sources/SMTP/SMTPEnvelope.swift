/// What one message needs of the transport: sender, recipients, size and the kind of its octets (RFC 5321 section 2.3.1).
package struct SMTPEnvelope: Sendable, Equatable {
    /// What the octets of a message are (RFC 6152).
    package enum Body: Sendable, Equatable {
        case sevenBit
        /// Has octets over 127: needs 8BITMIME.
        case eightBit
        /// Has NUL, or lines longer than 998 octets: needs BINARYMIME and CHUNKING (RFC 3030).
        case binary

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
    package var options: SMTPDeliveryOptions

    package init(
        mailFrom: SMTPPath, recipients: [SMTPPath], size: Int? = nil, body: Body = .sevenBit,
        hasInternationalHeader: Bool = false, options: SMTPDeliveryOptions = SMTPDeliveryOptions()
    ) {
        self.mailFrom = mailFrom
        self.recipients = recipients
        self.size = size
        self.body = body
        self.hasInternationalHeader = hasInternationalHeader
        self.options = options
    }

    package var needsSMTPUTF8: Bool {
        hasInternationalHeader || !mailFrom.isASCII || recipients.contains { !$0.isASCII }
    }

    /// Why `server` cannot take this, known before a command was sent; nil where nothing speaks against it.
    func refusal(by server: SMTPCapabilities, isEncrypted: Bool) -> SMTPRefusal? {
        if recipients.isEmpty { return .noRecipients }
        let most = min(SMTPLimits.maximumRecipients, server.maximumRecipients ?? .max)
        if recipients.count > most { return .tooManyRecipients(limit: most) }
        if let size, let limit = server.maximumMessageOctets, size > limit { return .tooLarge(limit: limit) }
        if needsSMTPUTF8, !server.offersSMTPUTF8 { return .needsSMTPUTF8 }
        if body == .eightBit, !server.offersEightBitMIME { return .needs8BitMIME }
        if body == .binary, !(server.offersBinaryMIME && server.offersChunking) { return .needsBinaryMIME }
        return options.refusal(by: server, isEncrypted: isEncrypted)
    }

    /// Whether the message goes out by BDAT: where it must, and where it is so large that an early refusal saves much.
    func isChunked(for server: SMTPCapabilities) -> Bool {
        server.offersChunking && (body == .binary || (size ?? 0) >= SMTPLimits.minimumChunkedOctets)
    }

    /// As many of the recipients, from the first on, as one transaction may have, and those that need another one.
    ///
    /// RFC 9422: servers say how many they take, and of how many domains.
    package func split(for server: SMTPCapabilities) -> (first: SMTPEnvelope, later: [SMTPPath]) {
        let most = min(SMTPLimits.maximumRecipients, server.maximumRecipients ?? .max)
        let domains = server.maximumRecipientDomains ?? .max
        guard recipients.count > most || domains < recipients.count else { return (self, []) }
        var first = self
        first.recipients = []
        var later: [SMTPPath] = []
        var seen: Set<String> = []
        for path in recipients {
            let isKnown = seen.contains(path.domain)
            if first.recipients.count < most, isKnown || seen.count < domains {
                seen.insert(path.domain)
                first.recipients.append(path)
            } else {
                later.append(path)
            }
        }
        return (first, later)
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
    /// Lines that are too long, or NUL, and a server without BINARYMIME (RFC 3030).
    case needsBinaryMIME
    /// It must go by TLS all the way, and the server does not promise that (RFC 8689).
    case needsRequireTLS
    /// It must come back when late, and the server does not see to that, or only beyond so many seconds (RFC 2852).
    case needsDeliverBy(minimum: Int?)
    /// The server keeps no mail for later, or not so long (RFC 4865).
    case needsFutureRelease
}
