import MIME
import Testing

@Suite struct DateTests {
    static let dates: [(String, Int64, Int?)] = [
        ("Fri, 21 Nov 1997 09:55:06 -0600", 880_127_706_000, -360),
        ("Tue, 1 Jul 2003 10:52:37 +0200", 1_057_049_557_000, 120),
        ("Thu, 13 Feb 1969 23:32:54 -0330", -27_723_426_000, -210), ("21 Nov 97 09:55:06 GMT", 880_106_106_000, 0),
        ("Mon, 23 Nov 2026 19:12:45 +0000", 1_795_461_165_000, 0), ("Mon Nov 23 19:12:45 2026", 1_795_461_165_000, nil),
        ("2026-11-23T19:12:45Z", 1_795_461_165_000, 0), ("2026-11-23 20:12:45.250+01:00", 1_795_461_165_250, 60),
        ("Mon, 23-Nov-2026 19:12:45 GMT", 1_795_461_165_000, 0),
        ("Mon,23 Nov 2026 14:12:45 EST", 1_795_461_165_000, -300),
        ("Mon, 23 Nov 2026 20:12:45 GMT+0100", 1_795_461_165_000, 60),
        ("Mon, 23 November 2026 19:12:45 UT", 1_795_461_165_000, 0),
        ("Mon, 23 Nov 2026 19.12.45 +0000", 1_795_461_165_000, 0),
        ("Mon, 23 Nov 2026 07:12:45 PM", 1_795_461_165_000, nil),
        ("23 Nov 2026 19:12", 1_795_461_120_000, nil), ("Mon, 23 Nov 2026 19:12:45 -0000", 1_795_461_165_000, nil),
        ("Mon, 23 Nov 126 19:12:45 +0000", 1_795_461_165_000, 0),
        ("Mon, 23 Nov 2026 19:12:45 +0000 (UTC)", 1_795_461_165_000, 0),
        ("Sat, 31 Dec 2016 23:59:60 +0000", 1_483_228_799_999, 0),
        ("Thu, 29 Feb 2024 00:00:00 +0000", 1_709_164_800_000, 0),
        ("Mon, 23 Nov 2026 19:12:45 +9999", 1_795_461_165_000, nil), ("Mon, 23 Nov 2026", 1_795_392_000_000, nil),
    ]

    @Test(arguments: dates)
    func `reads a date`(text: String, milliseconds: Int64, offset: Int?) {
        let date = MessageDate(parsing: text)
        #expect(date == MessageDate(millisecondsSinceEpoch: milliseconds, offsetMinutes: offset))
    }

    @Test(arguments: [
        "", "yesterday", "Fri, 30 Feb 2024 00:00:00 +0000", "29 Feb 2023 00:00:00 +0000", "32 Jan 2024 00:00 +0000",
        "1 Jan 2024 25:00:00 +0000", "1 Foo 2024 00:00:00 +0000", "0 Jan 2024 00:00:00 +0000", "((((((((",
        "1 Jan 99999999999",
    ])
    func `refuses what is none`(text: String) {
        #expect(MessageDate(parsing: text) == nil)
    }

    @Test func `writes what it reads`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: -30_000_000_000...200_000_000_000, using: &generator)
            let offset = Int.random(in: -840...840, using: &generator)
            let date = MessageDate(millisecondsSinceEpoch: seconds * 1000, offsetMinutes: offset)
            let year = date.fieldValue.map { $0.split(separator: " ")[3] }
            guard let text = date.fieldValue, year?.first != "0" else { continue }
            #expect(MessageDate(parsing: text) == date)
        }
    }

    @Test func `writes an unknown zone and a day before the epoch`() {
        #expect(
            MessageDate(millisecondsSinceEpoch: -1, offsetMinutes: nil).fieldValue == "Wed, 31 Dec 1969 23:59:59 -0000")
        #expect(MessageDate(millisecondsSinceEpoch: .min).fieldValue == nil)
        #expect(
            MessageDate(millisecondsSinceEpoch: 0, offsetMinutes: -210).fieldValue == "Wed, 31 Dec 1969 20:30:00 -0330")
    }
}
