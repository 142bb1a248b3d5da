import Testing
import Wire

@Suite struct ByteCursorTests {
    @Test func `takes tokens and says where they were`() throws {
        let bytes = Array("* 12 FETCH (FLAGS)".utf8)
        var cursor = ByteCursor(bytes.span)
        let isUntagged = cursor.take(UInt8(ascii: "*"))
        #expect(isUntagged)
        cursor.skip(while: .blanks)
        let number = cursor.takeNumber()
        #expect(number == 12)
        cursor.skip(while: .blanks)
        let isFetch = cursor.take(caseInsensitive: "fetch")
        #expect(isFetch)
        cursor.skip(while: .blanks)
        let rest = cursor.text(cursor.takeRange(until: ByteSet()))
        #expect(rest == "(FLAGS)")
        let isAtEnd = cursor.isAtEnd
        #expect(isAtEnd)
    }

    @Test func `refuses a number that does not fit`() {
        let bytes = Array("18446744073709551616".utf8)
        var cursor = ByteCursor(bytes.span)
        let number = cursor.takeNumber()
        let position = cursor.position
        #expect(number == nil)
        #expect(position == 0)
    }

    @Test func `throws with the offset`() {
        let bytes = Array("ab".utf8)
        var cursor = ByteCursor(bytes.span, position: 1)
        #expect(throws: SyntaxError(offset: 1, expected: "SP")) {
            var inner = ByteCursor(bytes.span, position: 1)
            try inner.expect(0x20, "SP")
        }
        let isNext = cursor.take(UInt8(ascii: "b"))
        #expect(isNext)
    }
}
