import Wire

/// Lists of message ids (RFC 5322, section 3.6.4) without their angle brackets.
///
/// Without any bracket each word is an id, as old mailers wrote In-Reply-To; phrases and comments around ids are skipped.
struct MessageIDParser {
    private(set) var ids: [String] = []
    /// References grow without end in long threads and by attack.
    private static let longest = 1_000

    init(_ bytes: Span<UInt8>) {
        let cursor = ByteCursor(bytes)
        var index = 0
        while index < bytes.count, ids.count < MessageIDParser.longest {
            guard bytes[index] == 0x3C else {
                index += 1
                continue
            }
            let start = index + 1
            index = start
            while index < bytes.count, bytes[index] != 0x3E, bytes[index] != 0x3C { index += 1 }
            add(cursor.array(start..<index))
            if index < bytes.count, bytes[index] == 0x3E { index += 1 }
        }
        guard ids.isEmpty else { return }
        for word in cursor.array(0..<bytes.count).split(whereSeparator: { $0 <= 0x20 || $0 == 0x2C }) {
            guard ids.count < MessageIDParser.longest else { return }
            if word.contains(0x40) || bytes.count < 200 && word.count == bytes.count { add(Array(word)) }
        }
    }

    private mutating func add(_ bytes: [UInt8]) {
        let id = bytes.filter { $0 > 0x20 && $0 != 0x7F }
        guard !id.isEmpty else { return }
        ids.append(String(decoding: id, as: UTF8.self))
    }
}
