/// A set of octets, tested in one load: the character classes of every grammar in the program.
package struct ByteSet: Sendable, Equatable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    package init() {}

    package init(_ ranges: ClosedRange<UInt8>..., and members: StaticString = "") {
        for range in ranges {
            for byte in range { insert(byte) }
        }
        members.withUTF8Buffer { buffer in
            for index in buffer.indices { unsafe insert(buffer[index]) }
        }
    }

    package static func == (left: ByteSet, right: ByteSet) -> Bool { left.words == right.words }

    package func contains(_ byte: UInt8) -> Bool { bit(byte) }

    /// Internal twin of `contains`, so that the cursor's loops inline it.
    func bit(_ byte: UInt8) -> Bool {
        let mask: UInt64 = 1 << UInt64(byte & 63)
        return switch byte >> 6 {
        case 0: words.0 & mask != 0
        case 1: words.1 & mask != 0
        case 2: words.2 & mask != 0
        default: words.3 & mask != 0
        }
    }

    package mutating func insert(_ byte: UInt8) {
        let mask: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.0 |= mask
        case 1: words.1 |= mask
        case 2: words.2 |= mask
        default: words.3 |= mask
        }
    }

    package func union(_ other: ByteSet) -> ByteSet {
        var result = self
        result.words.0 |= other.words.0
        result.words.1 |= other.words.1
        result.words.2 |= other.words.2
        result.words.3 |= other.words.3
        return result
    }

    package var inverted: ByteSet {
        var result = self
        result.words = (~words.0, ~words.1, ~words.2, ~words.3)
        return result
    }
}

extension ByteSet {
    package static let digits = ByteSet(0x30...0x39)
    package static let letters = ByteSet(0x41...0x5A, 0x61...0x7A)
    package static let hexDigits = ByteSet(0x30...0x39, 0x41...0x46, 0x61...0x66)
    /// SP and HTAB: WSP of RFC 5234.
    package static let blanks = ByteSet(and: " \t")
    /// CTL of RFC 5234: 0–31 and 127.
    package static let controls = ByteSet(0x00...0x1F, 0x7F...0x7F)
    /// VCHAR of RFC 5234: 33–126.
    package static let visible = ByteSet(0x21...0x7E)
}
