/// Base64 as it comes in mail: white space and foreign octets are skipped, padding may be missing or in the middle.
struct Base64Decoder: Sendable {
    private var group: UInt32 = 0
    private var digits = 0
    /// Something other than white space was skipped, or the end was no end.
    private(set) var isMalformed = false

    mutating func decode(_ chunk: Span<UInt8>, into output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: (chunk.count + 3) / 4 * 3 + 3))
        let table = Base64Decoder.values
        let made = decode(chunk, table.span, into: &output, at: start)
        output.removeLast(output.count - made)
    }

    private mutating func decode(
        _ chunk: Span<UInt8>, _ table: Span<UInt8>, into output: inout [UInt8], at start: Int
    ) -> Int {
        var target = output.mutableSpan
        var write = start
        var read = 0
        let count = chunk.count
        while read < count {
            if digits == 0 {
                Base64Decoder.decodeDigits(chunk, &read, into: &target, &write)
                guard read < count else { break }
            }
            let value = table[Int(chunk[read])]
            read += 1
            switch value {
            case 0..<64:
                group = group << 6 | UInt32(value)
                digits += 1
                guard digits == 4 else { continue }
                target[write] = UInt8(truncatingIfNeeded: group >> 16)
                target[write + 1] = UInt8(truncatingIfNeeded: group >> 8)
                target[write + 2] = UInt8(truncatingIfNeeded: group)
                write += 3
                group = 0
                digits = 0
            case Base64Decoder.padding: write = flush(&target, at: write)
            case Base64Decoder.blank: continue
            default: isMalformed = true
            }
        }
        return write
    }

    /// As many groups as there are with nothing but digits in them: four groups at once, two digits a look.
    ///
    /// This is where the time of a large attachment goes: nearly twice as fast as digit by digit.
    private static func decodeDigits(
        _ chunk: Span<UInt8>, _ read: inout Int, into target: inout MutableSpan<UInt8>, _ write: inout Int
    ) {
        let pairs = Base64Decoder.pairs
        let table = pairs.span
        // Sound: the octets of spans are read and written as such, and each place is checked.
        let source = unsafe chunk.bytes
        var octets = unsafe target.mutableBytes
        let (count, room) = (source.byteCount, octets.byteCount)
        // Eight octets are written for six: what is behind them is written after.
        while read + 16 <= count, write + 14 <= room {
            // Sound: any eight octets are an integer.
            let first = unsafe groups(source.unsafeLoadUnaligned(fromByteOffset: read, as: UInt64.self), table)
            let second = unsafe groups(source.unsafeLoadUnaligned(fromByteOffset: read + 8, as: UInt64.self), table)
            guard let first, let second else { break }
            octets.storeBytes(of: first.bigEndian, toByteOffset: write, as: UInt64.self)
            octets.storeBytes(of: second.bigEndian, toByteOffset: write + 6, as: UInt64.self)
            read += 16
            write += 12
        }
        while read + 4 <= count {
            let first = UInt32(table[Int(chunk[read]) | Int(chunk[read + 1]) << 8])
            let second = UInt32(table[Int(chunk[read + 2]) | Int(chunk[read + 3]) << 8])
            guard (first | second) & 0xF000 == 0 else { break }
            let group = first << 12 | second
            octets.storeBytes(of: UInt8(truncatingIfNeeded: group >> 16), toByteOffset: write, as: UInt8.self)
            octets.storeBytes(of: UInt8(truncatingIfNeeded: group >> 8), toByteOffset: write + 1, as: UInt8.self)
            octets.storeBytes(of: UInt8(truncatingIfNeeded: group), toByteOffset: write + 2, as: UInt8.self)
            read += 4
            write += 3
        }
    }

    /// Six octets in the upper bits, of eight digits as they lie in memory; nil where one is none.
    @inline(__always) private static func groups(_ digits: UInt64, _ table: Span<UInt16>) -> UInt64? {
        let digits = UInt64(littleEndian: digits)
        // Sound: there is a place for all of 16 bits.
        let first = unsafe UInt64(table[unchecked: Int(digits & 0xFFFF)])
        let second = unsafe UInt64(table[unchecked: Int(digits >> 16 & 0xFFFF)])
        let third = unsafe UInt64(table[unchecked: Int(digits >> 32 & 0xFFFF)])
        let fourth = unsafe UInt64(table[unchecked: Int(digits >> 48)])
        guard (first | second | third | fourth) & 0xF000 == 0 else { return nil }
        return first << 52 | second << 40 | third << 28 | fourth << 16
    }

    /// The rest of a group that padding or the end cut short.
    private mutating func flush(_ target: inout MutableSpan<UInt8>, at start: Int) -> Int {
        var write = start
        if digits == 1 { isMalformed = true }
        if digits >= 2 {
            let bits = group << UInt32((4 - digits) * 6)
            target[write] = UInt8(truncatingIfNeeded: bits >> 16)
            write += 1
            if digits == 3 {
                target[write] = UInt8(truncatingIfNeeded: bits >> 8)
                write += 1
            }
        }
        group = 0
        digits = 0
        return write
    }

    mutating func finish(into output: inout [UInt8]) {
        guard digits > 0 else { return }
        isMalformed = true
        let start = output.count
        output.append(contentsOf: [0, 0])
        var target = output.mutableSpan
        let made = flush(&target, at: start)
        output.removeLast(output.count - made)
    }

    /// The twelve bits of two digits, the first one in the low octet of the index; `0xFFFF` where one is none.
    private static let pairs: [UInt16] = {
        var pairs = [UInt16](repeating: 0xFFFF, count: 1 << 16)
        for (first, high) in values.enumerated() where high < 64 {
            for (second, low) in values.enumerated() where low < 64 {
                pairs[first | second << 8] = UInt16(high) << 6 | UInt16(low)
            }
        }
        return pairs
    }()
    private static let blank: UInt8 = 0x40
    private static let padding: UInt8 = 0x41
    /// 0–63 digits, then classes; the alphabet for URLs is understood too.
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0x80, count: 256)
        let letters = Array(0x41...0x5A) + Array(0x61...0x7A) + Array(0x30...0x39)
        for (value, letter) in letters.enumerated() { table[letter] = UInt8(value) }
        table[0x2B] = 62
        table[0x2D] = 62
        table[0x2F] = 63
        table[0x5F] = 63
        table[0x3D] = padding
        for letter in [0x20, 0x09, 0x0A, 0x0D] { table[letter] = blank }
        return table
    }()
}
