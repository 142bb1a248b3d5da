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
                while read + 4 <= count {
                    let first = UInt32(table[Int(chunk[read])])
                    let second = UInt32(table[Int(chunk[read + 1])])
                    let third = UInt32(table[Int(chunk[read + 2])])
                    let fourth = UInt32(table[Int(chunk[read + 3])])
                    if (first | second | third | fourth) & 0xC0 != 0 { break }
                    let group = first << 18 | second << 12 | third << 6 | fourth
                    target[write] = UInt8(truncatingIfNeeded: group >> 16)
                    target[write + 1] = UInt8(truncatingIfNeeded: group >> 8)
                    target[write + 2] = UInt8(truncatingIfNeeded: group)
                    write += 3
                    read += 4
                }
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
