import Wire

/// mailbox-data: LIST, STATUS, FLAGS and NAMESPACE.
extension ResponseParser {
    // mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]
    mutating func mailboxList(_ cursor: inout ByteCursor) throws(SyntaxError) -> MailboxListing {
        try cursor.expect(UInt8(ascii: "("), "a list of mailbox attributes")
        var attributes: Set<MailboxAttribute> = []
        blanksQuietly(&cursor)
        while !cursor.take(UInt8(ascii: ")")) {
            attributes.insert(MailboxAttribute(cursor.text(try atom(&cursor, "a mailbox attribute"))))
            blanksQuietly(&cursor)
        }
        try space(&cursor)
        let delimiter = try nstring(&cursor)?.first
        try space(&cursor)
        var listing = MailboxListing(name: try mailbox(&cursor), delimiter: delimiter, attributes: attributes)
        blanksQuietly(&cursor)
        guard cursor.take(UInt8(ascii: "(")) else { return listing }
        blanksQuietly(&cursor)
        while !cursor.take(UInt8(ascii: ")")) {
            let tag = try astring(&cursor)
            blanksQuietly(&cursor)
            let start = cursor.position
            try skipValue(&cursor)
            listing.extended.append((tag: tag.uppercased(), value: cursor.array(start..<cursor.position)))
            blanksQuietly(&cursor)
        }
        return listing
    }

    // mailbox = "INBOX" / astring
    //
    // An unquoted name may hold spaces on servers that forget the quotes; the rest of the line is not guessed at.
    mutating func mailbox(_ cursor: inout ByteCursor) throws(SyntaxError) -> MailboxName {
        MailboxName(wire: try astringBytes(&cursor), encoding: mailboxEncoding)
    }

    // "STATUS" SP mailbox SP "(" [status-att-list] ")"
    mutating func mailboxStatus(_ cursor: inout ByteCursor) throws(SyntaxError) -> UntaggedResponse {
        let name = try mailbox(&cursor)
        try space(&cursor)
        var status = MailboxStatus()
        try cursor.expect(UInt8(ascii: "("), "a list of status items")
        blanksQuietly(&cursor)
        while !cursor.take(UInt8(ascii: ")")) {
            let item = cursor.text(try atom(&cursor, "a status item")).uppercased()
            blanksQuietly(&cursor)
            switch item {
            case "MESSAGES": status.messages = try looseNumber32(&cursor)
            case "RECENT": status.recent = try looseNumber32(&cursor)
            case "UNSEEN": status.unseen = try looseNumber32(&cursor)
            case "DELETED": status.deleted = try looseNumber32(&cursor)
            case "UIDNEXT": status.uidNext = try looseNumber32(&cursor)
            case "UIDVALIDITY": status.uidValidity = takeNIL(&cursor) ? nil : try uidValidity(&cursor)
            case "SIZE": status.size = try looseNumber(&cursor)
            case "HIGHESTMODSEQ": status.highestModificationSequence = try looseNumber(&cursor)
            case "APPENDLIMIT": status.appendLimit = takeNIL(&cursor) ? nil : try looseNumber(&cursor)
            case "MAILBOXID":
                try cursor.expect(UInt8(ascii: "("), "an object id")
                status.mailboxID = cursor.text(try atom(&cursor, "an object id"))
                try cursor.expect(UInt8(ascii: ")"), "a parenthesis")
            default: try skipValue(&cursor)
            }
            blanksQuietly(&cursor)
        }
        return .status(name, status)
    }

    private mutating func looseNumber32(_ cursor: inout ByteCursor) throws(SyntaxError) -> UInt32? {
        guard let number = try looseNumber(&cursor) else { return nil }
        return UInt32(exactly: number)
    }

    // flag-list = "(" [flag *(SP flag)] ")"
    mutating func flagList(_ cursor: inout ByteCursor) throws(SyntaxError) -> [Flag] {
        try cursor.expect(UInt8(ascii: "("), "a list of flags")
        if cursor.take(UInt8(ascii: ")")) { return [] }
        var flags: [Flag] = []
        blanksQuietly(&cursor)
        while !cursor.take(UInt8(ascii: ")")) {
            let range = try atom(&cursor, "a flag")
            flags.append(flag(cursor, range))
            if cursor.take(UInt8(ascii: " ")) { blanksQuietly(&cursor) }
        }
        return flags
    }

    /// The usual flags without making a string of them.
    private mutating func flag(_ cursor: borrowing ByteCursor, _ range: Range<Int>) -> Flag {
        if cursor.bytes[range.lowerBound] == UInt8(ascii: "\\") {
            switch range.count {
            case 5 where cursor.equals(range, caseInsensitive: #"\Seen"#): return .seen
            case 6 where cursor.equals(range, caseInsensitive: #"\Draft"#): return .draft
            case 7 where cursor.equals(range, caseInsensitive: #"\Recent"#): return .recent
            case 8 where cursor.equals(range, caseInsensitive: #"\Flagged"#): return .flagged
            case 8 where cursor.equals(range, caseInsensitive: #"\Deleted"#): return .deleted
            case 9 where cursor.equals(range, caseInsensitive: #"\Answered"#): return .answered
            default: break
            }
        }
        if range.count > 2, range.contains(where: { Self.oddInAtom.contains(cursor.bytes[$0]) }) {
            note(.specialsInAtom)
        }
        return Flag(cursor.text(range))
    }

    private static let oddInAtom = ByteSet(and: "[]<>%*")

    // namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace
    mutating func namespaces(_ cursor: inout ByteCursor) throws(SyntaxError) -> Namespaces {
        var result = Namespaces()
        result.personal = try namespace(&cursor)
        try space(&cursor)
        result.otherUsers = try namespace(&cursor)
        try space(&cursor)
        result.shared = try namespace(&cursor)
        return result
    }

    // namespace = nil / "(" 1*namespace-descr ")"
    private mutating func namespace(_ cursor: inout ByteCursor) throws(SyntaxError) -> [Namespace] {
        if takeNIL(&cursor) { return [] }
        var result: [Namespace] = []
        try cursor.expect(UInt8(ascii: "("), "a namespace")
        while !cursor.take(UInt8(ascii: ")")) {
            blanksQuietly(&cursor)
            try cursor.expect(UInt8(ascii: "("), "a namespace")
            let prefix = MailboxName(wire: try astringBytes(&cursor), encoding: mailboxEncoding)
            try space(&cursor)
            result.append(Namespace(prefix: prefix, delimiter: try nstring(&cursor)?.first))
            blanksQuietly(&cursor)
            while !cursor.take(UInt8(ascii: ")")) {
                try skipValue(&cursor)
                blanksQuietly(&cursor)
            }
            blanksQuietly(&cursor)
        }
        return result
    }
}
