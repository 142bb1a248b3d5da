/// Base32 of RFC 4648, section 6, in lower case and without padding: identifiers that survive case-folding and URLs.
package enum Base32 {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 8 + 4) / 5)
        var pending: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(pending >> UInt32(bits)) & 31])
            }
        }
        if bits > 0 { text.append(alphabet[Int(pending << UInt32(5 - bits)) & 31]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for another alphabet, a length that cannot be, or rest bits that are not zero: one text for each value.
    package static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var pending: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            let digit: UInt8
            switch character {
            case 0x61...0x7A: digit = character - 0x61
            case 0x32...0x37: digit = character - 0x32 + 26
            default: return nil
            }
            pending = (pending << 5 | UInt32(digit)) & 0xFFF
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
            }
        }
        guard bits < 5, pending & (1 << UInt32(bits) - 1) == 0 else { return nil }
        return bytes
    }
}
