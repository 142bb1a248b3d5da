/// Quoted-printable (RFC 2045, section 6.7) as it comes in mail: wrong escapes stay as they are.
struct QuotedPrintableDecoder: Sendable {
    /// White space that vanishes when a line end follows, or the beginning of an escape: a line at most.
    private var pending: [UInt8] = []
    private(set) var isMalformed = false
    /// More blanks than that are not waited for; a line has 76.
    private static let longestPending = 2_000

    mutating func decode(_ chunk: Span<UInt8>, into output: inout [UInt8]) {
        output.reserveCapacity(output.count + chunk.count)
        for index in chunk.indices {
            let byte = chunk[index]
            if pending.isEmpty, byte != 0x3D, byte != 0x20, byte != 0x09 {
                output.append(byte)
            } else {
                take(byte, &output)
            }
        }
    }

    private mutating func take(_ byte: UInt8, _ output: inout [UInt8]) {
        if pending.first == 0x3D {
            takeEscaped(byte, &output)
            return
        }
        switch byte {
        case 0x20, 0x09:
            pending.append(byte)
            if pending.count > QuotedPrintableDecoder.longestPending { flush(&output) }
        case 0x0A, 0x0D:
            pending = []
            output.append(byte)
        case 0x3D:
            flush(&output)
            pending = [byte]
        default:
            flush(&output)
            output.append(byte)
        }
    }

    /// After `=`: two digits, or a soft line break with blanks before it.
    private mutating func takeEscaped(_ byte: UInt8, _ output: inout [UInt8]) {
        let last = pending[pending.count - 1]
        if byte == 0x0A {
            let isSoftBreak = pending.dropFirst().allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            pending = isSoftBreak ? [] : pending
            if isSoftBreak { return }
        } else if pending.count == 1 {
            if hexValue(byte) != nil || byte == 0x20 || byte == 0x09 || byte == 0x0D {
                pending.append(byte)
                return
            }
        } else if pending.count == 2, let high = hexValue(last), let low = hexValue(byte) {
            output.append(high << 4 | low)
            pending = []
            return
        } else if hexValue(last) == nil, byte == 0x20 || byte == 0x09 || byte == 0x0D, last != 0x0D,
            pending.count < QuotedPrintableDecoder.longestPending
        {
            pending.append(byte)
            return
        }
        isMalformed = true
        if last == 0x0D, pending.dropFirst().dropLast().allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
            pending = []
        } else {
            flush(&output)
        }
        if byte == 0x3D || byte == 0x20 || byte == 0x09 { pending = [byte] } else { output.append(byte) }
    }

    private mutating func flush(_ output: inout [UInt8]) {
        output.append(contentsOf: pending)
        pending = []
    }

    mutating func finish(into output: inout [UInt8]) {
        guard let first = pending.first else { return }
        defer { pending = [] }
        guard first == 0x3D else { return }
        guard pending.count > 1, hexValue(pending[1]) != nil else { return }
        isMalformed = true
        output.append(contentsOf: pending)
    }
}
