import Testing
import Wire

@Suite struct ByteCursorTests {
    @Test func `takes tokens and says where they were`() {
        let bytes = Array("* 12 FETCH (FLAGS)".utf8)
        var cursor = ByteCursor(bytes.span)
        let star = cursor.take(UInt8(ascii: "*"))
        cursor.skip(while: .blanks)
        let number = cursor.takeNumber()
        cursor.skip(while: .blanks)
        let isFetch = cursor.take(caseInsensitive: "fetch")
        cursor.skip(while: .blanks)
        let rest = cursor.text(cursor.takeRange(until: ByteSet()))
        let ended = cursor.isAtEnd
        #expect(star)
        #expect(number == 12)
        #expect(isFetch)
        #expect(rest == "(FLAGS)")
        #expect(ended)
    }

    @Test(arguments: ["18446744073709551616", "99999999999999999999999", "", "x1"])
    func `refuses a number that is none or does not fit`(text: String) {
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        let number = cursor.takeNumber()
        let position = cursor.position
        #expect(number == nil)
        #expect(position == 0)
    }

    @Test func `throws with the offset and consumes nothing`() {
        let bytes = Array("ab".utf8)
        #expect(throws: SyntaxError(offset: 1, expected: "SP")) {
            var cursor = ByteCursor(bytes.span, position: 1)
            try cursor.expect(0x20, "SP")
        }
    }

    @Test func `a byte set knows each of its octets and no other`() {
        let set = ByteSet(0x30...0x39, and: "\r\n\u{7F}")
        for byte in UInt8.min...UInt8.max {
            let expected = (0x30...0x39).contains(byte) || byte == 13 || byte == 10 || byte == 0x7F
            #expect(set.contains(byte) == expected)
            #expect(set.inverted.contains(byte) == !expected)
        }
    }
}
