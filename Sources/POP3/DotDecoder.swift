package import Wire

/// Undoes byte-stuffing as octets come: of lines that begin with a dot the first one is taken off, one that is a dot alone is the end
/// (RFC 1939, 3).
///
/// Only CRLF ends a line here. A server that passes bare line feeds on as they are stuffs no dot behind them, so taking
/// them for line ends would let a message end early and its author write what we take for the server's replies.
package struct DotDecoder: Sendable {
    private enum State: Sendable {
        case lineStart
        /// A dot began the line.
        case dot
        /// A dot and CR began the line.
        case dotCR
        case line
        /// In a line, behind CR.
        case lineCR
    }

    private var state = State.lineStart

    package init() {}

    /// Takes what `input` holds of the content and appends it to `output`; true where the end was read.
    package mutating func decode(_ input: inout InputBuffer, into output: inout [UInt8]) -> Bool {
        let (count, isEnd) = scan(input.span, into: &output)
        input.consume(count)
        return isEnd
    }

    private mutating func scan(_ bytes: Span<UInt8>, into output: inout [UInt8]) -> (count: Int, isEnd: Bool) {
        output.reserveCapacity(output.count + bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch state {
            case .lineStart where byte == 0x2E: state = .dot
            case .dot where byte == 0x0D: state = .dotCR
            case .dotCR where byte == 0x0A: return (index, true)
            case .dotCR:
                // The dot was stuffed, and what follows it is a CR of the message.
                output.append(0x0D)
                append(byte, to: &output, isAfterCR: true)
            case .lineCR: append(byte, to: &output, isAfterCR: true)
            case .lineStart, .dot, .line: append(byte, to: &output, isAfterCR: false)
            }
        }
        return (index, false)
    }

    private mutating func append(_ byte: UInt8, to output: inout [UInt8], isAfterCR: Bool) {
        output.append(byte)
        state = byte == 0x0D ? .lineCR : isAfterCR && byte == 0x0A ? .lineStart : .line
    }
}
