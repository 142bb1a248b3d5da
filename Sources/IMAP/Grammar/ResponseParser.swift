import Wire

/// Reads one complete response: recursive descent, once over the octets, its ABNF line above each function.
///
/// It never fails: what it does not know is `unknown`, what is broken is `malformed` or a problem of the FETCH item,
/// and the session goes on with the next response.
package struct ResponseParser: Sendable {
    package let limits: IMAPLimits
    /// How names in LIST, STATUS and NAMESPACE are written now.
    package var mailboxEncoding = MailboxName.Encoding.modifiedUTF7
    /// Deviations met in the current response.
    package internal(set) var quirks: Quirks = []
    /// Literals that are not in the frame, in their order.
    var outOfLine: [ResponseFramer.OutOfLineLiteral] = []
    /// The FETCH item that is being read, for `literalContext`.
    var context = LiteralContext(size: 0)

    package init(limits: IMAPLimits = IMAPLimits()) { self.limits = limits }

    // response = continue-req / response-data / response-done
    package mutating func parse(
        _ frame: Span<UInt8>, outOfLine literals: [ResponseFramer.OutOfLineLiteral] = []
    ) -> IMAPResponse {
        quirks = []
        if !literals.isEmpty || !outOfLine.isEmpty { outOfLine = literals }
        var cursor = ByteCursor(frame)
        if cursor.peek == 0 {
            cursor.skip(while: Self.nulls)
            note(.leadingNUL)
        }
        let start = cursor.position
        switch cursor.peek {
        case UInt8(ascii: "+"):
            cursor.position += 1
            if !cursor.take(UInt8(ascii: " ")) { note(.barePlus) }
            return .continuation(cursor.array(cursor.takeRange(until: Self.lineEnds)))
        case UInt8(ascii: "*") where cursor.peek(at: 1) == UInt8(ascii: " "):
            cursor.position += 2
            do throws(SyntaxError) {
                return .untagged(try untagged(&cursor))
            } catch {
                return .untagged(.malformed(line(cursor, from: start), error))
            }
        default:
            do throws(SyntaxError) {
                return try tagged(&cursor)
            } catch {
                return .untagged(lineOfItsOwn(cursor, from: start))
            }
        }
    }

    /// What the literal is that the framer just met at the end of `frame`.
    package mutating func literalContext(
        _ frame: Span<UInt8>, outOfLine literals: [ResponseFramer.OutOfLineLiteral]
    ) -> LiteralContext {
        context = LiteralContext(size: 0)
        _ = parse(frame, outOfLine: literals)
        context.size = literals.last?.size ?? 0
        return context
    }

    // response-tagged = tag SP resp-cond-state CRLF
    private mutating func tagged(_ cursor: inout ByteCursor) throws(SyntaxError) -> IMAPResponse {
        let tag = try cursor.expectRange(while: Self.tagCharacters, "a tag")
        try space(&cursor)
        guard let condition = responseCondition(&cursor), condition != .bye, condition != .preAuthenticated else {
            throw cursor.error("OK, NO or BAD")
        }
        return .tagged(tag: cursor.text(tag), condition: condition, text: responseText(&cursor))
    }

    /// A line without tag and asterisk: Exchange's farewell, or nothing we know.
    private mutating func lineOfItsOwn(_ cursor: borrowing ByteCursor, from start: Int) -> UntaggedResponse {
        let octets = line(cursor, from: start)
        guard octets.starts(with: "Server Unavailable.".utf8) else { return .unknown(octets) }
        note(.bareUnavailable)
        return .condition(.bye, ResponseText(code: .unavailable, text: String(decoding: octets, as: UTF8.self)))
    }

    mutating func note(_ quirk: Quirks) { quirks.insert(quirk) }

    /// The response's octets without its line end, as evidence.
    func line(_ cursor: borrowing ByteCursor, from start: Int) -> [UInt8] {
        var end = cursor.bytes.count
        while end > start, cursor.bytes[end - 1] == 0x0A || cursor.bytes[end - 1] == 0x0D { end -= 1 }
        return cursor.array(start..<end)
    }

    static let nulls = ByteSet(0...0)
    static let lineEnds = ByteSet(and: "\r\n")
    // ASTRING-CHAR but "+"
    static let tagCharacters = ByteSet(0x21...0x7E).subtracting(ByteSet(and: "(){%*\"\\+"))
}

extension ByteSet {
    func subtracting(_ other: ByteSet) -> ByteSet { inverted.union(other).inverted }
}
