import Wire

/// Writes encoded words of RFC 2047: UTF-8, Q or B whichever is shorter, no character cut in two.
struct EncodedWordWriter {
    /// RFC 2047, section 2 allows 75; with this the first one fits behind `Subject:`.
    private static let longest = 64
    private static let overhead = "=?UTF-8?Q??=".utf8.count

    /// The words that stand for any text, one after the other.
    static func words(_ text: String) -> [[UInt8]] {
        let octets = Array(text.utf8)
        let quotedCount = octets.reduce(0) { $0 + (isPlain($1) || $1 == 0x20 ? 1 : 3) }
        let isQuoted = quotedCount <= (octets.count + 2) / 3 * 4
        let room = isQuoted ? longest - overhead : (longest - overhead) / 4 * 3
        var words: [[UInt8]] = []
        var chunk: [UInt8] = []
        var used = 0
        func flush() {
            guard !chunk.isEmpty else { return }
            words.append(word(chunk, isQuoted))
            chunk = []
            used = 0
        }
        for piece in pieces(text, room: room, isQuoted) {
            let cost = cost(piece, isQuoted)
            if used + cost > room { flush() }
            chunk.append(contentsOf: piece)
            used += cost
        }
        flush()
        return words
    }

    /// Characters as readers see them; one that fits into no word (a tower of accents) is cut between its scalars.
    private static func pieces(_ text: String, room: Int, _ isQuoted: Bool) -> [[UInt8]] {
        text.flatMap { character -> [[UInt8]] in
            let octets = Array(String(character).utf8)
            if cost(octets, isQuoted) <= room { return [octets] }
            return character.unicodeScalars.map { Array(String(Character($0)).utf8) }
        }
    }

    private static func cost(_ octets: [UInt8], _ isQuoted: Bool) -> Int {
        guard isQuoted else { return octets.count }
        return octets.reduce(0) { $0 + (isPlain($1) || $1 == 0x20 ? 1 : 3) }
    }

    private static func word(_ octets: [UInt8], _ isQuoted: Bool) -> [UInt8] {
        var result = Array((isQuoted ? "=?UTF-8?Q?" : "=?UTF-8?B?").utf8)
        if isQuoted {
            for byte in octets {
                if isPlain(byte) {
                    result.append(byte)
                } else if byte == 0x20 {
                    result.append(0x5F)
                } else {
                    result.append(0x3D)
                    result.append(upperHexDigit(byte >> 4))
                    result.append(upperHexDigit(byte & 15))
                }
            }
        } else {
            result.append(contentsOf: Base64.encode(octets.span))
        }
        return result + Array("?=".utf8)
    }

    /// What may stand in a phrase as it is: RFC 2047, section 5 (3).
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x21 || byte == 0x2A || byte == 0x2B || byte == 0x2D
            || byte == 0x2F
    }
}

/// `0`–`F`.
func upperHexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
