/// Uuencode, as Outlook's "UUENCODE attachments" and old Unix mailers write it.
struct UUDecoder: Sendable {
    private enum State: Sendable {
        case beforeBegin
        case data
        case end
    }

    private var state = State.beforeBegin
    private var line: [UInt8] = []
    private(set) var isMalformed = false
    /// A data line has at most 61 octets; what is longer is none.
    private static let longestLine = 1_000

    mutating func decode(_ chunk: Span<UInt8>, into output: inout [UInt8]) {
        for index in chunk.indices {
            let byte = chunk[index]
            if byte == 0x0A {
                take(&output)
            } else if byte != 0x0D, line.count < UUDecoder.longestLine {
                line.append(byte)
            }
        }
    }

    mutating func finish(into output: inout [UInt8]) {
        if !line.isEmpty { take(&output) }
        if state != .end { isMalformed = true }
    }

    private mutating func take(_ output: inout [UInt8]) {
        defer { line.removeAll(keepingCapacity: true) }
        switch state {
        case .beforeBegin:
            if line.starts(with: "begin ".utf8) { state = .data }
        case .data:
            if line.elementsEqual("end".utf8) {
                state = .end
            } else if let first = line.first {
                decodeLine(count: Int((first &- 0x20) & 0x3F), &output)
            }
        case .end: break
        }
    }

    private mutating func decodeLine(count: Int, _ output: inout [UInt8]) {
        var left = count
        var index = 1
        while left > 0 {
            var group: UInt32 = 0
            for offset in 0..<4 {
                let byte = index + offset < line.count ? line[index + offset] : 0x20
                if byte < 0x20 || byte > 0x60 { isMalformed = true }
                group = group << 6 | UInt32((byte &- 0x20) & 0x3F)
            }
            output.append(UInt8(truncatingIfNeeded: group >> 16))
            if left > 1 { output.append(UInt8(truncatingIfNeeded: group >> 8)) }
            if left > 2 { output.append(UInt8(truncatingIfNeeded: group)) }
            left -= 3
            index += 4
        }
    }
}
