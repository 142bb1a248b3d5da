import Wire

/// A moment as HTTP writes it, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7), without a calendar library.
package enum HTTPDate {
    /// The IMF-fixdate of `seconds` since 1970.
    package static func format(_ seconds: Int) -> [UInt8] {
        let (days, ofDay) = seconds.flooredDivision(by: 86400)
        let date = CivilDate(daysSinceEpoch: days)
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text.append(contentsOf: weekdays[(days % 7 + 11) % 7])
        text.append(contentsOf: ", ".utf8)
        appendTwo(date.day, &text)
        text.append(Octet.space)
        text.append(contentsOf: months[date.month - 1])
        text.append(Octet.space)
        appendTwo(date.year / 100, &text)
        appendTwo(date.year % 100, &text)
        text.append(Octet.space)
        appendTwo(ofDay / 3600, &text)
        text.append(Octet.colon)
        appendTwo(ofDay / 60 % 60, &text)
        text.append(Octet.colon)
        appendTwo(ofDay % 60, &text)
        text.append(contentsOf: " GMT".utf8)
        return text
    }

    /// Seconds since 1970 of an IMF-fixdate; nil for anything else.
    ///
    /// The two obsolete forms are not sent by anything alive.
    package static func parse(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 29, Array(bytes[25...]) == Array(" GMT".utf8), bytes[3] == 0x2C, bytes[4] == 0x20,
            let day = number(bytes[5..<7]), let year = number(bytes[12..<16]), let hour = number(bytes[17..<19]),
            let minute = number(bytes[20..<22]), let second = number(bytes[23..<25]),
            let month = months.firstIndex(of: Array(bytes[8..<11])), weekdays.contains(Array(bytes[0..<3])),
            [bytes[7], bytes[11], bytes[16]] == [0x20, 0x20, 0x20], bytes[19] == 0x3A, bytes[22] == 0x3A,
            (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        return CivilDate(year: year, month: month + 1, day: day).daysSinceEpoch * 86400 + hour * 3600 + minute * 60
            + second
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard Octet.isDigit(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    private static func appendTwo(_ number: Int, _ text: inout [UInt8]) {
        text.append(0x30 + UInt8(truncatingIfNeeded: number / 10 % 10))
        text.append(0x30 + UInt8(truncatingIfNeeded: number % 10))
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].map { Array($0.utf8) }
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ].map { Array($0.utf8) }
}

extension Int {
    fileprivate func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
