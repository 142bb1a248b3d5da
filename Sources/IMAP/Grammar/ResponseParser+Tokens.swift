import Wire

/// The terminals that everything else is made of.
extension ResponseParser {
    /// What ends an atom of a server.
    ///
    /// Far fewer than `atom-specials`: servers put `[`, `%`, `*` and 8-bit in flags and codes.
    static let atomEnds = ByteSet(and: " ()\r\n\"{")
    static let quotedEnds = ByteSet(and: "\"\\\r\n")

    /// SP; tolerant of several, and of none before `(`, `)` or a line end.
    mutating func space(_ cursor: inout ByteCursor) throws(SyntaxError) {
        guard cursor.take(UInt8(ascii: " ")) else {
            switch cursor.peek {
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\""), UInt8(ascii: "\r"): note(.missingSpace)
            default: throw cursor.error("a space")
            }
            return
        }
        if cursor.peek == UInt8(ascii: " ") { blanks(&cursor) }
    }

    /// Any spaces, one of which is normal.
    mutating func blanks(_ cursor: inout ByteCursor) {
        let bytes = cursor.bytes
        var index = cursor.position
        while index < bytes.count, bytes[index] == 0x20 { index += 1 }
        if index - cursor.position > 1
            || cursor.position > 0 && bytes[cursor.position - 1] == 0x20 && index > cursor.position
        {
            note(.extraSpaces)
        }
        cursor.position = index
    }

    // atom, in the wide sense of `atomEnds`
    func atom(_ cursor: inout ByteCursor, _ name: String) throws(SyntaxError) -> Range<Int> {
        let bytes = cursor.bytes
        let start = cursor.position
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x28, 0x29, 0x0D, 0x0A, 0x22, 0x7B: break
            default:
                index += 1
                continue
            }
            break
        }
        guard index > start else { throw cursor.error(name) }
        cursor.position = index
        return start..<index
    }

    /// Whether NIL comes, as a whole word; consumed where it does.
    func takeNIL(_ cursor: inout ByteCursor) -> Bool {
        guard let first = cursor.peek, first | 0x20 == UInt8(ascii: "n") else { return false }
        let start = cursor.position
        guard cursor.take(caseInsensitive: "NIL") else { return false }
        guard let next = cursor.peek, !Self.atomEnds.contains(next) else { return true }
        cursor.position = start
        return false
    }

    // nstring = string / nil
    mutating func nstring(_ cursor: inout ByteCursor) throws(SyntaxError) -> String? {
        if cursor.peek == UInt8(ascii: "\"") { return try quoted(&cursor) }
        if takeNIL(&cursor) { return nil }
        return try string(&cursor)
    }

    // string = quoted / literal; an atom is taken too
    mutating func string(_ cursor: inout ByteCursor) throws(SyntaxError) -> String {
        switch cursor.peek {
        case UInt8(ascii: "\""): return try quoted(&cursor)
        case UInt8(ascii: "{"), UInt8(ascii: "~"):
            switch try literal(&cursor) {
            case .inline(let range): return text(cursor, range)
            case .collected(let bytes): return text(bytes)
            case .streamed: throw cursor.error("a shorter literal")
            }
        default:
            let range = try atom(&cursor, "a string")
            note(.bareAtom)
            return text(cursor, range)
        }
    }

    // astring = 1*ASTRING-CHAR / string
    mutating func astring(_ cursor: inout ByteCursor) throws(SyntaxError) -> String {
        switch cursor.peek {
        case UInt8(ascii: "\""), UInt8(ascii: "{"): return try string(&cursor)
        default: return text(cursor, try atom(&cursor, "an atom or a string"))
        }
    }

    // astring as octets: names of mailboxes
    mutating func astringBytes(_ cursor: inout ByteCursor) throws(SyntaxError) -> [UInt8] {
        switch cursor.peek {
        case UInt8(ascii: "\""): return try quotedBytes(&cursor)
        case UInt8(ascii: "{"):
            switch try literal(&cursor) {
            case .inline(let range): return cursor.array(range)
            case .collected(let bytes): return bytes
            case .streamed: throw cursor.error("a shorter literal")
            }
        default: return cursor.array(try atom(&cursor, "an atom or a string"))
        }
    }

    // quoted = DQUOTE *QUOTED-CHAR DQUOTE
    mutating func quoted(_ cursor: inout ByteCursor) throws(SyntaxError) -> String {
        let bytes = cursor.bytes
        let start = cursor.position + 1
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 {
                guard Self.endsQuoted(bytes, index) else { break }
                cursor.position = index + 1
                return text(cursor, start..<index)
            }
            if byte == 0x5C || byte == 0x0D || byte == 0x0A { break }
            index += 1
        }
        return text(try quotedBytes(&cursor))
    }

    /// The same as octets, with escapes undone.
    mutating func quotedBytes(_ cursor: inout ByteCursor) throws(SyntaxError) -> [UInt8] {
        try cursor.expect(UInt8(ascii: "\""), "a quotation mark")
        var result: [UInt8] = []
        while true {
            let run = cursor.takeRange(until: Self.quotedEnds)
            result += cursor.array(run)
            switch cursor.takeByte() {
            case UInt8(ascii: "\""):
                if Self.endsQuoted(cursor.bytes, cursor.position - 1) { return result }
                note(.unescapedQuote)
                result.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"):
                guard let escaped = cursor.takeByte() else { throw cursor.error("an escaped character") }
                if escaped != UInt8(ascii: "\""), escaped != UInt8(ascii: "\\") {
                    note(.badEscape)
                    result.append(UInt8(ascii: "\\"))
                }
                result.append(escaped)
            case .some(let lineEnd):
                guard !cursor.isAtEnd else { throw cursor.error("the end of a quoted string") }
                note(.bareLineFeed)
                result.append(lineEnd)
            case nil: throw cursor.error("the end of a quoted string")
            }
        }
    }

    /// Whether the quotation mark at `index` closes a string: something must follow that can.
    private static func endsQuoted(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
        guard index + 1 < bytes.count else { return true }
        switch bytes[index + 1] {
        case 0x20, 0x28, 0x29, 0x0D, 0x0A, 0x5D, 0x3E: return true
        default: return false
        }
    }

    /// Where the octets of a literal are.
    enum LiteralOctets {
        case inline(Range<Int>)
        case collected([UInt8])
        case streamed(Int)
    }

    // literal = "{" number ["+"] "}" CRLF *CHAR8, literal8 = "~{" number "}" CRLF *OCTET
    mutating func literal(_ cursor: inout ByteCursor) throws(SyntaxError) -> LiteralOctets {
        _ = cursor.take(UInt8(ascii: "~"))
        try cursor.expect(UInt8(ascii: "{"), "a literal")
        let size = try cursor.expectNumber("the size of a literal")
        _ = cursor.take(UInt8(ascii: "+"))
        try cursor.expect(UInt8(ascii: "}"), "the end of a literal's size")
        _ = cursor.take(UInt8(ascii: "\r"))
        try cursor.expect(UInt8(ascii: "\n"), "a line end after a literal's size")
        if let known = outOfLine.first(where: { $0.offset == cursor.position }) {
            return known.bytes.map { .collected($0) } ?? .streamed(known.size)
        }
        guard let count = Int(exactly: size), let range = cursor.takeRange(count: count) else {
            throw cursor.error("as many octets as the literal announced")
        }
        return .inline(range)
    }

    /// The text of `range`; what is no UTF-8 is noted.
    mutating func text(_ cursor: borrowing ByteCursor, _ range: Range<Int>) -> String {
        guard let text = cursor.utf8(range) else {
            note(.notUTF8)
            return String(decoding: cursor.array(range), as: UTF8.self)
        }
        return text
    }

    private mutating func text(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            note(.notUTF8)
            return String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    /// Steps over any value: an atom, a string, or a parenthesised list of values, without recursion.
    mutating func skipValue(_ cursor: inout ByteCursor) throws(SyntaxError) {
        var depth = 0
        repeat {
            blanksQuietly(&cursor)
            switch cursor.peek {
            case UInt8(ascii: "("):
                cursor.position += 1
                depth += 1
            case UInt8(ascii: ")"):
                guard depth > 0 else { throw cursor.error("a value") }
                cursor.position += 1
                depth -= 1
            case UInt8(ascii: "\""): _ = try quotedBytes(&cursor)
            case UInt8(ascii: "{"): _ = try literal(&cursor)
            case UInt8(ascii: "~") where cursor.peek(at: 1) == UInt8(ascii: "{"): _ = try literal(&cursor)
            default: _ = try atom(&cursor, "a value")
            }
        } while depth > 0
    }

    func blanksQuietly(_ cursor: inout ByteCursor) {
        while cursor.take(UInt8(ascii: " ")) {}
    }
}
