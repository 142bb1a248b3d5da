/// APPEND (RFC 9051, 6.3.12); the result is APPENDUID where the server has UIDPLUS.
package struct AppendCommand: IMAPCommand {
    private let mailbox: MailboxName
    private let flags: [Flag]
    private let internalDate: Int64?
    private let content: Content

    private enum Content {
        case octets([UInt8])
        /// Without NUL.
        case source(LiteralSource, hasEightBitHeader: Bool)
    }

    /// `internalDate` is milliseconds since 1970-01-01 UTC.
    package init(to mailbox: MailboxName, flags: [Flag] = [], internalDate: Int64? = nil, message: [UInt8]) {
        self.mailbox = mailbox
        self.flags = flags
        self.internalDate = internalDate
        content = .octets(message)
    }

    /// A message that is not held, and that has no NUL octet.
    package init(
        to mailbox: MailboxName, flags: [Flag] = [], internalDate: Int64? = nil, message: LiteralSource,
        hasEightBitHeader: Bool
    ) {
        self.mailbox = mailbox
        self.flags = flags
        self.internalDate = internalDate
        content = .source(message, hasEightBitHeader: hasEightBitHeader)
    }

    /// APPENDUID; nil members without UIDPLUS.
    package struct Result: Sendable, Equatable {
        package var uidValidity: UInt32?
        package var uid: UInt32?

        package init(uidValidity: UInt32? = nil, uid: UInt32? = nil) {
            self.uidValidity = uidValidity
            self.uid = uid
        }
    }

    package var name: StaticString { "APPEND" }
    package var pipelining: PipeliningRule { .independent }
    package var emptyResult: Result { Result() }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("APPEND ")
        try encodeArguments(into: &encoder)
    }

    func encodeArguments(into encoder: inout CommandEncoder) throws(IMAPError) {
        try encoder.mailbox(mailbox)
        encoder.space()
        try encoder.appendAttributes(flags, internalDate)
        switch content {
        case .octets(let message): try encoder.appendData(message)
        case .source(let source, let hasEightBitHeader):
            let isUTF8 =
                hasEightBitHeader && encoder.capabilities.contains(.utf8Accept) && encoder.mailboxEncoding == .utf8
            if isUTF8 { encoder.raw("UTF8 (") }
            encoder.literal(source, isBinary: isUTF8)
            if isUTF8 { encoder.raw(")") }
        }
    }

    package func finish(_ result: inout Result, with text: ResponseText) {
        guard case .appendUID(let validity, let uids) = text.code else { return }
        result.uidValidity = validity
        result.uid = uids.first?.lowerBound
    }
}

extension CommandEncoder {
    // append-message = [SP flag-list] [SP date-time] SP append-data, without its first space
    mutating func append(_ message: [UInt8], flags: [Flag], internalDate: Int64?) throws(IMAPError) {
        try appendAttributes(flags, internalDate)
        try appendData(message)
    }

    mutating func appendAttributes(_ flags: [Flag], _ internalDate: Int64?) throws(IMAPError) {
        if !flags.isEmpty {
            try self.flags(flags)
            space()
        }
        if let internalDate {
            for piece in CalendarDay.dateTime(epochMilliseconds: internalDate).utf8 { octet(piece) }
            space()
        }
    }

    mutating func appendData(_ message: [UInt8]) throws(IMAPError) {
        if capabilities.contains(.utf8Accept), mailboxEncoding == .utf8, hasEightBitHeader(message) {
            // RFC 6855, 4: once UTF8=ACCEPT is enabled, a header in UTF-8 is refused unless it says so.
            raw("UTF8 (")
            literal8(message)
            return raw(")")
        }
        if message.contains(0) {
            // NUL is the one octet a literal may not hold (RFC 9051, 4.3); literal8 may (RFC 3516).
            guard capabilities.contains(.binary) else { throw .unsafeText }
            return literal8(message)
        }
        literal(message)
    }

    private func hasEightBitHeader(_ message: [UInt8]) -> Bool {
        var lineIsEmpty = true
        for byte in message {
            switch byte {
            case 0x80...: return true
            case 0x0A:
                if lineIsEmpty { return false }
                lineIsEmpty = true
            case 0x0D: break
            default: lineIsEmpty = false
            }
        }
        return false
    }
}
