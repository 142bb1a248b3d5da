/// The base64 encoding of RFC 4648, strict: what SASL, HTTP and keys want.
///
/// Message bodies need a tolerant decoder that works in pieces; that one is MIME's.
package enum Base64 {
    /// Section 4 of RFC 4648, and the URL- and filename-safe one of section 5.
    package enum Alphabet: Sendable {
        case standard
        case urlSafe
    }

    package static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: encode(bytes.span), as: UTF8.self)
    }

    /// The URL-safe alphabet without padding, as tokens, cursors and PKCE want it.
    package static func encodeURLSafe(_ bytes: [UInt8]) -> String {
        String(decoding: encode(bytes.span, alphabet: .urlSafe, padded: false), as: UTF8.self)
    }

    package static func encode(_ bytes: Span<UInt8>, alphabet: Alphabet = .standard, padded: Bool = true) -> [UInt8] {
        let letters = alphabet == .standard ? standardLetters : urlSafeLetters
        let table = letters.span
        let whole = bytes.count / 3
        let rest = bytes.count % 3
        var result = [UInt8](repeating: 0x3D, count: whole * 4 + (rest == 0 ? 0 : padded ? 4 : rest + 1))
        var output = result.mutableSpan
        var source = 0
        var target = 0
        for _ in 0..<whole {
            let group = UInt32(bytes[source]) << 16 | UInt32(bytes[source + 1]) << 8 | UInt32(bytes[source + 2])
            output[target] = table[Int(group >> 18)]
            output[target + 1] = table[Int(group >> 12 & 63)]
            output[target + 2] = table[Int(group >> 6 & 63)]
            output[target + 3] = table[Int(group & 63)]
            source += 3
            target += 4
        }
        if rest > 0 {
            let group = UInt32(bytes[source]) << 16 | (rest == 2 ? UInt32(bytes[source + 1]) << 8 : 0)
            output[target] = table[Int(group >> 18)]
            output[target + 1] = table[Int(group >> 12 & 63)]
            if rest == 2 { output[target + 2] = table[Int(group >> 6 & 63)] }
        }
        return result
    }

    /// Nil for anything that a correct encoder never writes: white space, wrong or missing padding, stray bits.
    package static func decode(_ text: String) -> [UInt8]? {
        decode(Array(text.utf8).span)
    }

    /// The URL-safe alphabet, with or without padding.
    package static func decodeURLSafe(_ text: String) -> [UInt8]? {
        decode(Array(text.utf8).span, alphabet: .urlSafe, padded: false)
    }

    /// As above, of octets; where `padded` is false the padding may be missing.
    package static func decode(
        _ bytes: Span<UInt8>, alphabet: Alphabet = .standard, padded: Bool = true
    ) -> [UInt8]? {
        let values = alphabet == .standard ? standardValues : urlSafeValues
        let table = values.span
        var end = bytes.count
        var padding = 0
        while padding < 2, end > 0, bytes[end - 1] == 0x3D {
            end -= 1
            padding += 1
        }
        let rest = end % 4
        guard rest != 1, padding == 0 || (end + padding) % 4 == 0 else { return nil }
        if padded, bytes.count % 4 != 0 { return nil }
        var result = [UInt8](repeating: 0, count: end / 4 * 3 + (rest == 0 ? 0 : rest - 1))
        var output = result.mutableSpan
        var source = 0
        var target = 0
        var invalid: UInt32 = 0
        while source + 4 <= end {
            let first = UInt32(table[Int(bytes[source])])
            let second = UInt32(table[Int(bytes[source + 1])])
            let third = UInt32(table[Int(bytes[source + 2])])
            let fourth = UInt32(table[Int(bytes[source + 3])])
            invalid |= first | second | third | fourth
            let group = first << 18 | second << 12 | third << 6 | fourth
            output[target] = UInt8(truncatingIfNeeded: group >> 16)
            output[target + 1] = UInt8(truncatingIfNeeded: group >> 8)
            output[target + 2] = UInt8(truncatingIfNeeded: group)
            source += 4
            target += 3
        }
        if rest > 0 {
            let first = UInt32(table[Int(bytes[source])])
            let second = UInt32(table[Int(bytes[source + 1])])
            let third = rest == 3 ? UInt32(table[Int(bytes[source + 2])]) : 0
            invalid |= first | second | third
            let group = first << 18 | second << 12 | third << 6
            if group & (rest == 3 ? 0xFF : 0xFFFF) != 0 { return nil }
            output[target] = UInt8(truncatingIfNeeded: group >> 16)
            if rest == 3 { output[target + 1] = UInt8(truncatingIfNeeded: group >> 8) }
        }
        return invalid & 0x80 == 0 ? result : nil
    }

    private static let standardLetters = letters("+/")
    private static let urlSafeLetters = letters("-_")
    private static let standardValues = values(standardLetters)
    private static let urlSafeValues = values(urlSafeLetters)

    private static func letters(_ last: String) -> [UInt8] {
        Array(0x41...0x5A) + Array(0x61...0x7A) + Array(0x30...0x39) + Array(last.utf8)
    }

    /// The value of each octet; 0x80 for one outside the alphabet.
    private static func values(_ letters: [UInt8]) -> [UInt8] {
        var table = [UInt8](repeating: 0x80, count: 256)
        for (value, letter) in letters.enumerated() { table[Int(letter)] = UInt8(value) }
        return table
    }
}
