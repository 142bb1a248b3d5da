import Wire

extension MessageDate {
    /// Reads RFC 5322 dates, those of RFC 822, asctime and ISO 8601, and what mailers make of them; nil for what is none.
    package init?(parsing text: [UInt8]) {
        var reader = DateReader()
        reader.read(text)
        guard let date = reader.date else { return nil }
        self = date
    }

    package init?(parsing text: String) { self.init(parsing: Array(text.utf8)) }
}

/// Collects day, month, year, time and zone from words in nearly any order.
private struct DateReader {
    private var day: Int?
    private var month: Int?
    private var year: Int?
    private var time: (hour: Int, minute: Int, second: Int, millisecond: Int)?
    private var zone: Int?
    private var isPM: Bool?
    /// A date has about six words; more is an attack.
    private static let longest = 200

    mutating func read(_ text: [UInt8]) {
        let text = DateReader.compacted(Array(text.prefix(DateReader.longest)))
        for word in text.split(whereSeparator: { DateReader.separators.contains($0) }) { take(word) }
    }

    /// Without comments, and without the blanks that old syntax allows around the colons of a time.
    private static func compacted(_ text: [UInt8]) -> [UInt8] {
        var cursor = ByteCursor(text.span)
        var result: [UInt8] = []
        while true {
            let isApart = cursor.skipCFWS()
            guard let byte = cursor.takeByte() else { return result }
            if isApart, byte != 0x3A, result.last != 0x3A { result.append(0x20) }
            result.append(byte)
        }
    }

    private static let separators = ByteSet(0x00...0x20, and: ",;(\"")

    var date: MessageDate? {
        guard let day, let month, var year, (1...31).contains(day) else { return nil }
        if year < 50 { year += 2000 } else if year < 1000 { year += 1900 }
        guard (1...9999).contains(year), day <= CivilDate.days(inMonth: month, year: year) else { return nil }
        var (hour, minute, second, millisecond) = time ?? (0, 0, 0, 0)
        if let isPM, hour <= 12 { hour = hour % 12 + (isPM ? 12 : 0) }
        guard hour < 24 || hour == 24 && minute == 0, minute < 60, second <= 60 else { return nil }
        if second == 60 {
            second = 59
            millisecond = 999
        }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64((zone ?? 0) * 60)
        return MessageDate(millisecondsSinceEpoch: seconds * 1000 + Int64(millisecond), offsetMinutes: zone)
    }

    private mutating func take(_ word: ArraySlice<UInt8>) {
        guard let first = word.first else { return }
        if word.contains(0x3A) {
            if let split = word.firstIndex(where: { $0 == 0x54 || $0 == 0x74 }), word[..<split].contains(0x2D) {
                take(word[..<split])
                takeTime(word[(split + 1)...])
            } else {
                first == 0x2B || first == 0x2D ? takeZone(word) : takeTime(word)
            }
        } else if first == 0x2B || first == 0x2D {
            takeZone(word)
        } else if word.contains(where: { $0 == 0x2D || $0 == 0x2F }) {
            takeDashed(word)
        } else if first &- 0x30 < 10 {
            if time == nil, word.filter({ $0 == 0x2E }).count == 2, month != nil {
                takeTime(word)
            } else {
                takeNumber(word)
            }
        } else {
            takeName(word)
        }
    }

    private mutating func takeNumber(_ word: ArraySlice<UInt8>) {
        let digits = word.prefix { $0 &- 0x30 < 10 }
        guard let value = number(digits) else { return }
        if digits.count <= 2, day == nil {
            day = value
        } else if year == nil {
            year = value
        }
    }

    /// `1-Jan-2024`, `2024-01-31`, `2024/01/31`.
    private mutating func takeDashed(_ word: ArraySlice<UInt8>) {
        let pieces = word.split(whereSeparator: { $0 == 0x2D || $0 == 0x2F })
        guard pieces.count == 3, day == nil || year == nil else {
            takeName(word)
            return
        }
        if pieces[0].count == 4, let value = number(pieces[0]) {
            year = value
            month = number(pieces[1]).flatMap { (1...12).contains($0) ? $0 : nil }
            day = number(pieces[2])
        } else if let named = DateReader.month(pieces[1]) {
            day = number(pieces[0])
            month = named
            year = number(pieces[2])
        }
    }

    /// `10:11`, `10:11:12.345`, `10.11.12`, with a zone, `Z` or `PM` at its end.
    private mutating func takeTime(_ word: ArraySlice<UInt8>) {
        guard time == nil else { return }
        let end = word.firstIndex { $0 != 0x3A && $0 != 0x2E && $0 &- 0x30 >= 10 } ?? word.endIndex
        let pieces = word[..<end].split(whereSeparator: { $0 == 0x3A || $0 == 0x2E }).prefix(4).map { number($0) ?? -1 }
        guard pieces.count >= 2, pieces.allSatisfy({ $0 >= 0 }), pieces.prefix(3).allSatisfy({ $0 < 100 }) else {
            return
        }
        let fraction = word[..<end].split(whereSeparator: { $0 == 0x3A || $0 == 0x2E }).dropFirst(3).first
        var millisecond = 0
        if let fraction { millisecond = number(Array((fraction + [0x30, 0x30, 0x30]).prefix(3))[...]) ?? 0 }
        time = (pieces[0], pieces[1], pieces.count > 2 ? pieces[2] : 0, millisecond)
        if end < word.endIndex { take(word[end...]) }
    }

    /// `+hhmm`, `+hh:mm`, `-hh`; what is no zone of this world counts as unknown.
    private mutating func takeZone(_ word: ArraySlice<UInt8>) {
        guard time != nil, zone == nil else { return }
        let digits = word.dropFirst().filter { $0 &- 0x30 < 10 }
        guard let value = number(digits[...]), digits.count >= 1 else { return }
        let minutes =
            switch digits.count {
            case 1, 2: value * 60
            case 3, 4: value / 100 * 60 + value % 100
            default: Int.max
            }
        guard minutes <= 24 * 60 else { return }
        let isNegative = word.first == 0x2D
        if isNegative, minutes == 0 { return }
        zone = isNegative ? -minutes : minutes
    }

    private mutating func takeName(_ word: ArraySlice<UInt8>) {
        let letters = word.prefix { lowered($0) &- 0x61 < 26 }
        if month == nil, let named = DateReader.month(word) {
            month = named
            return
        }
        let name = String(decoding: letters.map(lowered), as: UTF8.self)
        guard time != nil else { return }
        if name == "am" || name == "pm" {
            isPM = name == "pm"
        } else if zone == nil, let minutes = DateReader.zones[name] {
            zone = minutes
            if letters.endIndex < word.endIndex {
                zone = nil
                takeZone(word[letters.endIndex...])
                zone = zone ?? minutes
            }
        }
    }

    private static func month(_ word: ArraySlice<UInt8>) -> Int? {
        guard word.count >= 3 else { return nil }
        let name = String(decoding: word.prefix(3).map(lowered), as: UTF8.self)
        return months.firstIndex(of: name).map { $0 + 1 }
    }

    private func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 9 else { return nil }
        var value = 0
        for digit in digits {
            guard digit &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// RFC 5322, section 4.3; the military letters mean nothing there, except Z.
    private static let zones = [
        "z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
        "mdt": -360, "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "met": 60, "mest": 120, "bst": 60, "wet": 0,
        "west": 60, "eet": 120, "eest": 180, "msk": 180, "jst": 540, "kst": 540,
    ]
}
