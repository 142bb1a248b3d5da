/// Percent-encoding of RFC 3986 section 2.1.
package enum PercentEncoding {
    /// The octets that `encoded` stands for; a `%` without two digits stands for itself (the request parser refuses it
    /// before it comes here).
    package static func decode(_ encoded: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        guard encoded.contains(0x25) || (plusIsSpace && encoded.contains(0x2B)) else { return Array(encoded) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index < encoded.endIndex {
            let byte = encoded[index]
            if byte == 0x25, index + 2 < encoded.endIndex, let high = Octet.hexValue(encoded[index + 1]),
                let low = Octet.hexValue(encoded[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(plusIsSpace && byte == 0x2B ? 0x20 : byte)
                index += 1
            }
        }
        return decoded
    }

    /// `text` as one path segment or query value: all but unreserved characters encoded.
    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: encoded.append(byte)
            default:
                encoded.append(0x25)
                encoded.append(digits[Int(byte >> 4)])
                encoded.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
