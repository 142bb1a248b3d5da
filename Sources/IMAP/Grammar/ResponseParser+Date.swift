import Wire

/// INTERNALDATE without a calendar library.
extension ResponseParser {
    // date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
    //
    // Milliseconds since 1970-01-01 UTC. One-digit days, more blanks and a missing zone (taken as UTC) are lived with.
    mutating func dateTime(_ cursor: inout ByteCursor) throws(SyntaxError) -> Int64 {
        try cursor.expect(UInt8(ascii: "\""), "a date")
        blanksQuietly(&cursor)
        let day = try field(&cursor, 1...31)
        try cursor.expect(UInt8(ascii: "-"), "a hyphen")
        let month = try month(&cursor)
        try cursor.expect(UInt8(ascii: "-"), "a hyphen")
        var year = try field(&cursor, 0...9999)
        if year < 100 { year += year < 70 ? 2000 : 1900 }
        blanksQuietly(&cursor)
        let hour = try field(&cursor, 0...24)
        try cursor.expect(UInt8(ascii: ":"), "a colon")
        let minute = try field(&cursor, 0...59)
        try cursor.expect(UInt8(ascii: ":"), "a colon")
        let second = try field(&cursor, 0...60)
        blanksQuietly(&cursor)
        var zone = 0
        if cursor.peek == UInt8(ascii: "\"") {
            note(.looseDate)
        } else {
            zone = try self.zone(&cursor)
        }
        blanksQuietly(&cursor)
        try cursor.expect(UInt8(ascii: "\""), "the end of a date")
        let days = CalendarDay(year: year, month: month, day: day).daysSinceEpoch
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - zone
        return Int64(seconds) * 1_000
    }

    private func field(_ cursor: inout ByteCursor, _ range: ClosedRange<UInt64>) throws(SyntaxError) -> Int {
        guard let number = cursor.takeNumber(), range.contains(number) else { throw cursor.error("a date") }
        return Int(number)
    }

    // date-month = "Jan" / "Feb" / …
    private func month(_ cursor: inout ByteCursor) throws(SyntaxError) -> Int {
        guard let name = cursor.takeRange(count: 3) else { throw cursor.error("a month") }
        let bytes = cursor.bytes
        let start = name.lowerBound
        let key = [bytes[start] | 0x20, bytes[start + 1] | 0x20, bytes[start + 2] | 0x20]
        guard let index = CalendarDay.monthNames.firstIndex(where: { $0.lowercased().utf8.elementsEqual(key) }) else {
            throw cursor.error("a month")
        }
        return index + 1
    }

    // zone = ("+" / "-") 4DIGIT, in seconds east of UTC; names such as GMT count as UTC
    private mutating func zone(_ cursor: inout ByteCursor) throws(SyntaxError) -> Int {
        let sign: Int
        if cursor.take(UInt8(ascii: "+")) {
            sign = 1
        } else if cursor.take(UInt8(ascii: "-")) {
            sign = -1
        } else {
            note(.looseDate)
            cursor.skip(while: .letters)
            return 0
        }
        let value = try field(&cursor, 0...9_959)
        return sign * (value / 100 * 3_600 + value % 100 * 60)
    }
}
