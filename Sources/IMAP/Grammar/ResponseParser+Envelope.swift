import Wire

/// ENVELOPE and the addresses in it.
extension ResponseParser {
    // envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP env-bcc SP
    //            env-in-reply-to SP env-message-id ")"
    mutating func envelope(_ cursor: inout ByteCursor) throws(SyntaxError) -> Envelope {
        var envelope = Envelope()
        try cursor.expect(UInt8(ascii: "("), "an envelope")
        envelope.date = try nstring(&cursor)
        try space(&cursor)
        envelope.subject = try nstring(&cursor)
        try space(&cursor)
        let fromStart = cursor.position
        envelope.from = try addressList(&cursor)
        let fromRange = fromStart..<cursor.position
        // Servers repeat From where Sender and Reply-To are missing, as the RFC wants: one copy serves all three.
        try space(&cursor)
        envelope.sender = takeAgain(&cursor, fromRange) ? envelope.from : try addressList(&cursor)
        try space(&cursor)
        envelope.replyTo = takeAgain(&cursor, fromRange) ? envelope.from : try addressList(&cursor)
        try space(&cursor)
        envelope.to = try addressList(&cursor)
        try space(&cursor)
        envelope.cc = try addressList(&cursor)
        try space(&cursor)
        envelope.bcc = try addressList(&cursor)
        try space(&cursor)
        if !isAtListEnd(&cursor) { envelope.inReplyTo = try nstring(&cursor) }
        if !isAtListEnd(&cursor) { envelope.messageID = try nstring(&cursor) }
        try cursor.expect(UInt8(ascii: ")"), "the end of an envelope")
        return envelope
    }

    /// Whether the octets of `range` come once more, consumed where they do.
    private func takeAgain(_ cursor: inout ByteCursor, _ range: Range<Int>) -> Bool {
        let bytes = cursor.bytes
        let start = cursor.position
        guard range.count > 3, cursor.remaining >= range.count else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != bytes[start + offset] { return false }
        cursor.position = start + range.count
        return true
    }

    /// Whether the list closes here although the grammar has more fields.
    mutating func isAtListEnd(_ cursor: inout ByteCursor) -> Bool {
        if cursor.peek == UInt8(ascii: " ") { blanks(&cursor) }
        guard cursor.peek == UInt8(ascii: ")") else { return false }
        note(.shortList)
        return true
    }

    // "(" 1*address ")" / nil
    private mutating func addressList(_ cursor: inout ByteCursor) throws(SyntaxError) -> [EnvelopeAddress] {
        if takeNIL(&cursor) { return [] }
        if cursor.peek == UInt8(ascii: "\"") {
            // An empty string where the list should be: Lark.
            note(.emptyAddressList)
            _ = try quoted(&cursor)
            return []
        }
        try cursor.expect(UInt8(ascii: "("), "a list of addresses")
        if cursor.peek == UInt8(ascii: " ") { blanks(&cursor) }
        if cursor.take(UInt8(ascii: ")")) {
            note(.emptyAddressList)
            return []
        }
        var addresses: [EnvelopeAddress] = []
        repeat {
            if takeNIL(&cursor) { note(.unexpectedNIL) } else { addresses.append(try address(&cursor)) }
            if cursor.peek == UInt8(ascii: " ") {
                note(.extraSpaces)
                blanksQuietly(&cursor)
            }
        } while !cursor.take(UInt8(ascii: ")"))
        return addresses
    }

    // address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
    private mutating func address(_ cursor: inout ByteCursor) throws(SyntaxError) -> EnvelopeAddress {
        try cursor.expect(UInt8(ascii: "("), "an address")
        let name = try nstring(&cursor)
        try space(&cursor)
        if !takeNIL(&cursor) { _ = try nstring(&cursor) }
        try space(&cursor)
        let mailbox = try nstring(&cursor)
        try space(&cursor)
        let host = isAtListEnd(&cursor) ? nil : try nstring(&cursor)
        if cursor.peek == UInt8(ascii: " ") { blanks(&cursor) }
        try cursor.expect(UInt8(ascii: ")"), "the end of an address")
        return EnvelopeAddress(name: name, mailbox: mailbox, host: host)
    }
}
