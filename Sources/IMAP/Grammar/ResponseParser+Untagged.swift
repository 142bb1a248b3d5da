import Wire

/// response-data: what follows `* `.
extension ResponseParser {
    // response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / message-data / capability-data / …) CRLF
    mutating func untagged(_ cursor: inout ByteCursor) throws(SyntaxError) -> UntaggedResponse {
        blanksQuietly(&cursor)
        let start = cursor.position
        if let first = cursor.peek, first &- 0x30 < 10 { return try numbered(&cursor, from: start) }
        if let condition = responseCondition(&cursor) {
            switch cursor.peek {
            case nil, UInt8(ascii: " "), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                return .condition(condition, responseText(&cursor))
            default: cursor.position = start
            }
        }
        let name = try atom(&cursor, "a response")
        switch cursor.text(name).uppercased() {
        case "CAPABILITY": return .capability(capabilities(&cursor))
        case "ENABLED":
            var enabled: [Capability] = []
            while cursor.take(UInt8(ascii: " ")) {
                let word = cursor.takeRange(until: Self.atomEnds)
                if !word.isEmpty { enabled.append(Capability(cursor.text(word))) }
            }
            return .enabled(enabled)
        case "LIST", "XLIST":
            try space(&cursor)
            return .list(try mailboxList(&cursor))
        case "LSUB":
            try space(&cursor)
            return .lsub(try mailboxList(&cursor))
        case "STATUS":
            try space(&cursor)
            return try mailboxStatus(&cursor)
        case "FLAGS":
            try space(&cursor)
            return .flags(try flagList(&cursor))
        case "SEARCH": return .search(try search(&cursor))
        case "SORT": return .sort(try foundNumbers(&cursor).numbers)
        case "THREAD": return .thread(try threads(&cursor))
        case "ESEARCH": return .search(try extendedSearch(&cursor))
        case "VANISHED":
            try space(&cursor)
            let earlier = cursor.take(caseInsensitive: "(EARLIER)")
            if earlier { try space(&cursor) }
            return .vanished(earlier: earlier, NumberSet(ranges: try numberRanges(&cursor)))
        case "NAMESPACE":
            try space(&cursor)
            return .namespace(try namespaces(&cursor))
        case "QUOTA":
            try space(&cursor)
            return .quota(try quota(&cursor))
        case "QUOTAROOT":
            try space(&cursor)
            return try quotaRoot(&cursor)
        case "MYRIGHTS":
            try space(&cursor)
            let name = try mailbox(&cursor)
            try space(&cursor)
            return .myRights(name, MailboxRights(try astring(&cursor)))
        case "ID":
            try space(&cursor)
            return .id(try identification(&cursor))
        default: return .unknown(line(cursor, from: start))
        }
    }

    // message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att)), and EXISTS and RECENT of mailbox-data
    private mutating func numbered(_ cursor: inout ByteCursor, from start: Int) throws(SyntaxError) -> UntaggedResponse
    {
        let number = try number32(&cursor)
        try space(&cursor)
        let name = try atom(&cursor, "a response")
        if cursor.equals(name, caseInsensitive: "FETCH") {
            blanksQuietly(&cursor)
            return .fetch(messageData(&cursor, sequence: number))
        }
        if cursor.equals(name, caseInsensitive: "UIDFETCH") {
            // RFC 9586: the number is the UID, sequence numbers are off.
            blanksQuietly(&cursor)
            context.uid = number
            var message = messageData(&cursor, sequence: 0)
            message.uid = message.uid ?? number
            return .fetch(message)
        }
        if cursor.equals(name, caseInsensitive: "EXISTS") { return .exists(number) }
        if cursor.equals(name, caseInsensitive: "EXPUNGE") { return .expunge(number) }
        if cursor.equals(name, caseInsensitive: "RECENT") { return .recent(number) }
        return .unknown(line(cursor, from: start))
    }

    // sequence-set in the server's order; `*` never comes from a server
    mutating func numberRanges(_ cursor: inout ByteCursor) throws(SyntaxError) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        repeat {
            let first = try number32(&cursor)
            if cursor.take(UInt8(ascii: ":")) {
                let last = try number32(&cursor)
                result.append(min(first, last)...max(first, last))
            } else {
                result.append(first...first)
            }
        } while cursor.take(UInt8(ascii: ","))
        return result
    }

    // id-response = "ID" SP ("(" [string SP nstring *(SP string SP nstring)] ")" / nil)
    private mutating func identification(_ cursor: inout ByteCursor) throws(SyntaxError) -> [String: String] {
        if takeNIL(&cursor) { return [:] }
        var result: [String: String] = [:]
        try cursor.expect(UInt8(ascii: "("), "a list")
        blanksQuietly(&cursor)
        while !cursor.take(UInt8(ascii: ")")) {
            let key = try string(&cursor)
            blanksQuietly(&cursor)
            if let value = try nstring(&cursor) { result[key.lowercased()] = value }
            blanksQuietly(&cursor)
        }
        return result
    }
}
