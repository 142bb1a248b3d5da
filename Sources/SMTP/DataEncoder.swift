/// Makes a message fit for DATA, chunk by chunk: line ends, dot-stuffing, the final dot (RFC 5321 section 4.5.2).
///
/// A bare CR or a bare LF never leaves us, both become CRLF: a server that took one for a line end could be made to see
/// a final dot where there is none, and commands in a message (SMTP smuggling, CVE-2023-51764).
package struct DataEncoder: Sendable {
    /// How the end of a message is told from its text.
    package enum Framing: Sendable {
        /// DATA: a line with a dot alone ends it, so others get a dot more.
        case dot
        /// BDAT: the length is said before; only line ends are made right.
        case length
        /// BDAT with BINARYMIME: octets as they are.
        case binary
    }

    private let framing: Framing
    private var isAtLineStart = true
    private var isAfterCR = false

    package init(_ framing: Framing = .dot) { self.framing = framing }

    /// Appends to `output` what `chunk` looks like on the wire; chunks may be cut anywhere.
    package mutating func encode(_ chunk: ArraySlice<UInt8>, into output: inout [UInt8]) {
        if framing == .binary { return output.append(contentsOf: chunk) }
        output.reserveCapacity(output.count + chunk.count + chunk.count / 64)
        var start = chunk.startIndex
        var index = start
        while index < chunk.endIndex {
            let byte = chunk[index]
            if byte == 0x0D || byte == 0x0A {
                output.append(contentsOf: chunk[start..<index])
                if byte == 0x0D || !isAfterCR { output.append(contentsOf: [0x0D, 0x0A]) }
                isAfterCR = byte == 0x0D
                isAtLineStart = true
                start = index + 1
            } else {
                if isAtLineStart, byte == 0x2E, framing == .dot {
                    output.append(contentsOf: chunk[start..<index])
                    output.append(0x2E)
                    start = index
                }
                isAtLineStart = false
                isAfterCR = false
            }
            index += 1
        }
        output.append(contentsOf: chunk[start..<chunk.endIndex])
    }

    /// What `chunk` looks like on the wire.
    package mutating func encode(_ chunk: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        encode(chunk[...], into: &output)
        return output
    }

    /// The end of the message: closes the last line where it is open, then, for DATA, the line with the dot alone.
    package mutating func finish() -> [UInt8] {
        defer { self = DataEncoder(framing) }
        let lineEnd: [UInt8] = isAtLineStart || framing == .binary ? [] : [0x0D, 0x0A]
        return framing == .dot ? lineEnd + [0x2E, 0x0D, 0x0A] : lineEnd
    }
}
