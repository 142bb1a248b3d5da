/// APPEND (RFC 9051, 6.3.12); the result is APPENDUID where the server has UIDPLUS.
package struct AppendCommand: IMAPCommand {
    private let mailbox: MailboxName
    private let flags: [Flag]
    private let internalDate: Int64?
    private let message: [UInt8]

    /// `internalDate` is milliseconds since 1970-01-01 UTC.
    package init(to mailbox: MailboxName, flags: [Flag] = [], internalDate: Int64? = nil, message: [UInt8]) {
        self.mailbox = mailbox
        self.flags = flags
        self.internalDate = internalDate
        self.message = message
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
        try encoder.mailbox(mailbox)
        encoder.space()
        if !flags.isEmpty {
            try encoder.flags(flags)
            encoder.space()
        }
        if let internalDate {
            encoder.dateTime(internalDate)
            encoder.space()
        }
        // NUL is the one octet a literal may not hold (RFC 9051, 4.3); APPEND of literal8 needs BINARY.
        guard !message.contains(0) else { throw .unsafeText }
        encoder.literal(message)
    }

    package func finish(_ result: inout Result, with text: ResponseText) {
        guard case .appendUID(let validity, let uids) = text.code else { return }
        result.uidValidity = validity
        result.uid = uids.first?.lowerBound
    }
}

extension CommandEncoder {
    fileprivate mutating func dateTime(_ milliseconds: Int64) {
        for piece in CalendarDay.dateTime(epochMilliseconds: milliseconds).utf8 { octet(piece) }
    }
}
