/// APPEND of several messages at once (RFC 3502): all are stored, or none.
package struct MultiAppendCommand: IMAPCommand {
    /// One message with its flags and date.
    package struct Message: Sendable, Equatable {
        package var flags: [Flag]
        /// Milliseconds since 1970-01-01 UTC.
        package var internalDate: Int64?
        package var octets: [UInt8]

        package init(flags: [Flag] = [], internalDate: Int64? = nil, octets: [UInt8]) {
            self.flags = flags
            self.internalDate = internalDate
            self.octets = octets
        }
    }

    private let mailbox: MailboxName
    private let messages: [Message]

    package init(to mailbox: MailboxName, _ messages: [Message]) {
        self.mailbox = mailbox
        self.messages = messages
    }

    /// APPENDUID: the new UIDs in the order of the messages; empty without UIDPLUS.
    package struct Result: Sendable, Equatable {
        package var uidValidity: UInt32?
        package var uids: [UInt32] = []
    }

    package var name: StaticString { "APPEND" }
    package var pipelining: PipeliningRule { .independent }
    package var emptyResult: Result { Result() }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard !messages.isEmpty else { throw .wrongState }
        guard messages.count == 1 || encoder.capabilities.contains(.multiAppend) else {
            throw .unsupported(.multiAppend)
        }
        encoder.raw("APPEND ")
        try encoder.mailbox(mailbox)
        for message in messages {
            encoder.space()
            try encoder.append(message.octets, flags: message.flags, internalDate: message.internalDate)
        }
    }

    package func finish(_ result: inout Result, with text: ResponseText) {
        guard case .appendUID(let validity, let ranges) = text.code else { return }
        result.uidValidity = validity
        // A server that announces more UIDs than there were messages is not believed.
        guard ranges.reduce(0, { $0 + $1.count }) == messages.count else { return }
        result.uids = ranges.flatMap { Array($0) }
    }
}
