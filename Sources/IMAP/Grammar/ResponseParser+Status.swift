import Wire

/// resp-cond-state, resp-text and its codes.
extension ResponseParser {
    // "OK" / "NO" / "BAD" / "PREAUTH" / "BYE"
    func responseCondition(_ cursor: inout ByteCursor) -> ResponseCondition? {
        let start = cursor.position
        let word = cursor.takeRange(while: .letters)
        if cursor.equals(word, caseInsensitive: "OK") { return .ok }
        if cursor.equals(word, caseInsensitive: "NO") { return .no }
        if cursor.equals(word, caseInsensitive: "BAD") { return .bad }
        if cursor.equals(word, caseInsensitive: "BYE") { return .bye }
        if cursor.equals(word, caseInsensitive: "PREAUTH") { return .preAuthenticated }
        cursor.position = start
        return nil
    }

    // resp-text = ["[" resp-text-code "]" SP] [text]
    //
    // A broken code is left in the text: nothing in here is worth losing the answer for.
    mutating func responseText(_ cursor: inout ByteCursor) -> ResponseText {
        blanksQuietly(&cursor)
        let start = cursor.position
        var code: ResponseCode?
        if cursor.take(UInt8(ascii: "[")) {
            do throws(SyntaxError) {
                code = try responseCode(&cursor)
                blanksQuietly(&cursor)
            } catch {
                code = nil
                cursor.position = start
            }
        }
        let range = cursor.takeRange(until: Self.lineEnds)
        return ResponseText(code: code, text: cursor.text(range))
    }

    // resp-text-code, with its closing bracket
    private mutating func responseCode(_ cursor: inout ByteCursor) throws(SyntaxError) -> ResponseCode {
        let name = cursor.takeRange(until: Self.codeNameEnds)
        guard !name.isEmpty else { throw cursor.error("a response code") }
        let key = cursor.text(name).uppercased()
        let code: ResponseCode
        let afterName = cursor.position
        do throws(SyntaxError) {
            if let plain = Self.codesWithoutValue[key] { code = plain } else { code = try codeWithValue(key, &cursor) }
            blanksQuietly(&cursor)
            try cursor.expect(UInt8(ascii: "]"), "the end of a response code")
            return code
        } catch {
            // Known name, unknown shape: keep it as text up to the bracket.
            cursor.position = afterName
            blanksQuietly(&cursor)
            let value = cursor.takeRange(until: Self.codeEnds)
            try cursor.expect(UInt8(ascii: "]"), "the end of a response code")
            return .other(name: key, value: value.isEmpty ? nil : cursor.text(value))
        }
    }

    private mutating func codeWithValue(_ key: String, _ cursor: inout ByteCursor) throws(SyntaxError) -> ResponseCode {
        blanksQuietly(&cursor)
        switch key {
        case "CAPABILITY": return .capability(capabilities(&cursor))
        case "PERMANENTFLAGS": return .permanentFlags(try flagList(&cursor))
        case "UIDNEXT": return .uidNext(try number32(&cursor))
        case "UIDVALIDITY": return .uidValidity(try uidValidity(&cursor))
        case "UNSEEN": return .unseen(try number32(&cursor))
        case "HIGHESTMODSEQ": return .highestModificationSequence(try cursor.expectNumber())
        case "MODIFIED": return .modified(NumberSet(ranges: try numberRanges(&cursor)))
        case "APPENDUID":
            let validity = try uidValidity(&cursor)
            try space(&cursor)
            return .appendUID(validity: validity, uids: try numberRanges(&cursor))
        case "COPYUID":
            let validity = try uidValidity(&cursor)
            try space(&cursor)
            let source = try numberRanges(&cursor)
            try space(&cursor)
            return .copyUID(CopiedUIDs(validity: validity, source: source, destination: try numberRanges(&cursor)))
        case "MAILBOXID":
            try cursor.expect(UInt8(ascii: "("), "a parenthesis")
            let id = cursor.text(try atom(&cursor, "an object id"))
            try cursor.expect(UInt8(ascii: ")"), "a parenthesis")
            return .mailboxID(id)
        case "INPROGRESS": return try progress(&cursor)
        case "BADEVENT":
            _ = cursor.takeRange(until: Self.codeEnds)
            return .badEvent
        case "MESSAGELIMIT":
            let limit = try number32(&cursor)
            blanksQuietly(&cursor)
            return .messageLimit(limit, lowestUnprocessed: cursor.takeNumber().flatMap { UInt32(exactly: $0) })
        case "BADCHARSET":
            var charsets: [String] = []
            if cursor.take(UInt8(ascii: "(")) {
                while !cursor.take(UInt8(ascii: ")")) {
                    charsets.append(try astring(&cursor))
                    blanksQuietly(&cursor)
                }
            }
            return .badCharset(charsets)
        default:
            let value = cursor.takeRange(until: Self.codeEnds)
            return .other(name: key, value: value.isEmpty ? nil : cursor.text(value))
        }
    }

    // capability-data without its first word
    mutating func capabilities(_ cursor: inout ByteCursor) -> CapabilitySet {
        var result = CapabilitySet()
        while true {
            blanksQuietly(&cursor)
            let word = cursor.takeRange(until: Self.capabilityEnds)
            if word.isEmpty { return result }
            result.insert(Capability(cursor.text(word)))
        }
    }

    private static let codeNameEnds = ByteSet(and: " ]\r\n")
    private static let codeEnds = ByteSet(and: "]\r\n")
    private static let capabilityEnds = ByteSet(and: " ]\r\n")

    private static let codesWithoutValue: [String: ResponseCode] = [
        "ALERT": .alert, "PARSE": .parse, "READ-ONLY": .readOnly, "READ-WRITE": .readWrite, "TRYCREATE": .tryCreate,
        "UIDNOTSTICKY": .uidNotSticky, "CLOSED": .closed, "NOMODSEQ": .noModificationSequence,
        "UNAVAILABLE": .unavailable, "AUTHENTICATIONFAILED": .authenticationFailed,
        "AUTHORIZATIONFAILED": .authorizationFailed, "EXPIRED": .expired, "PRIVACYREQUIRED": .privacyRequired,
        "CONTACTADMIN": .contactAdmin, "NOPERM": .noPermission, "INUSE": .inUse, "EXPUNGEISSUED": .expungeIssued,
        "CORRUPTION": .corruption, "SERVERBUG": .serverBug, "CLIENTBUG": .clientBug, "CANNOT": .cannot,
        "LIMIT": .limit, "OVERQUOTA": .overQuota, "ALREADYEXISTS": .alreadyExists, "NONEXISTENT": .nonExistent,
        "HASCHILDREN": .hasChildren, "TOOBIG": .tooBig, "NOTSAVED": .notSaved, "UNKNOWN-CTE": .unknownCTE,
        "COMPRESSIONACTIVE": .compressionActive, "USEATTR": .useAttribute,
        "NOTIFICATIONOVERFLOW": .notificationOverflow, "UIDREQUIRED": .uidRequired,
    ]
}
