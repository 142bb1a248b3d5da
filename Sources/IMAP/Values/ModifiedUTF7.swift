import Wire

/// The encoding of mailbox names in IMAP4rev1 (RFC 3501, 5.1.3): ASCII, with runs of UTF-16 in base64 between `&` and `-`.
package enum ModifiedUTF7 {
    /// Any text as printable ASCII.
    package static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        var pending: [UInt8] = []
        func flush() {
            guard !pending.isEmpty else { return }
            result.append(ampersand)
            for byte in Base64.encode(pending.span, padded: false) { result.append(byte == slash ? comma : byte) }
            result.append(hyphen)
            pending = []
        }
        for unit in text.utf16 {
            if unit >= 0x20, unit <= 0x7E {
                flush()
                result.append(UInt8(unit))
                if UInt8(unit) == ampersand { result.append(hyphen) }
            } else {
                pending.append(UInt8(unit >> 8))
                pending.append(UInt8(unit & 0xFF))
            }
        }
        flush()
        return result
    }

    /// The text, or nil where the octets are no modified UTF-7; raw UTF-8 of servers that forgot to encode is taken too.
    package static func decode(_ bytes: [UInt8]) -> String? {
        guard bytes.contains(ampersand) else { return String(validating: bytes, as: UTF8.self) }
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == ampersand else {
                units.append(UInt16(byte))
                continue
            }
            guard let end = bytes[index...].firstIndex(of: hyphen) else { return nil }
            if end == index {
                units.append(UInt16(ampersand))
            } else {
                guard let run = decodeRun(bytes[index..<end]) else { return nil }
                units += run
            }
            index = end + 1
        }
        return String(validating: units, as: UTF16.self)
    }

    private static func decodeRun(_ run: ArraySlice<UInt8>) -> [UInt16]? {
        var units: [UInt16] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in run {
            guard let value = sextet(byte) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 16 {
                count -= 16
                units.append(UInt16(truncatingIfNeeded: bits >> count))
                bits &= (1 << count) - 1
            }
        }
        // Left-over bits must be padding: fewer than six, all zero.
        return count < 6 && bits == 0 ? units : nil
    }

    private static func sextet(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte - 0x41)
        case 0x61...0x7A: UInt32(byte - 0x61 + 26)
        case 0x30...0x39: UInt32(byte - 0x30 + 52)
        case 0x2B: 62
        case comma: 63
        default: nil
        }
    }

    private static let ampersand = UInt8(ascii: "&")
    private static let hyphen = UInt8(ascii: "-")
    private static let slash = UInt8(ascii: "/")
    private static let comma = UInt8(ascii: ",")
}
