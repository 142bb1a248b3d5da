package import Wire

/// Takes the chunked coding off a body as it arrives (RFC 9112 section 7.1), as strictly as the head was read: a
/// lenient chunk parser is another way to smuggle.
package struct ChunkedDecoder: Sendable {
    /// What comes next of the body.
    package enum Part: Sendable, Equatable {
        case bytes([UInt8])
        /// The body's end, with its trailer fields; those that concern framing or routing are dropped.
        case end(HTTPFields)
    }

    private enum State {
        case size
        case data(left: Int)
        case dataEnd
        case trailers(HeadReader)
        case done
    }

    private let limits: HTTPLimits
    private var state = State.size
    private var extensions = 0

    package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// The next part of the body, at most `atMost` octets; nil where more input is needed.
    package mutating func next(_ input: inout InputBuffer, atMost: Int) throws(HTTPRefusal) -> Part? {
        while true {
            switch state {
            case .size:
                guard let line = try sizeLine(input.span) else { return nil }
                input.consume(line.count)
                extensions += line.extensions
                guard extensions <= limits.chunkExtensions else { throw .malformed("too many chunk extensions") }
                state = line.size == 0 ? .trailers(HeadReader()) : .data(left: line.size)
            case .data(let left):
                guard !input.isEmpty else { return nil }
                let bytes = input.take(min(left, input.count, atMost))
                state = bytes.count == left ? .dataEnd : .data(left: left - bytes.count)
                return .bytes(bytes)
            case .dataEnd:
                guard input.count >= 2 else {
                    guard input.isEmpty || input[0] == Octet.cr else { throw .malformed("chunk longer than its size") }
                    return nil
                }
                guard input[0] == Octet.cr, input[1] == Octet.lf else { throw .malformed("chunk longer than its size") }
                input.consume(2)
                state = .size
            case .trailers(var reader):
                guard let end = try reader.readFields(input.span, limits) else {
                    state = .trailers(reader)
                    return nil
                }
                state = .done
                var fields = HTTPFields(bytes: input.take(end), entries: reader.entries)
                for name in Self.forbiddenTrailers { fields.remove(name) }
                return .end(fields)
            case .done:
                return .end(HTTPFields())
            }
        }
    }

    /// Reads `chunk-size [ chunk-ext ] CRLF`; nil while it is not all there.
    private func sizeLine(
        _ bytes: Span<UInt8>
    ) throws(HTTPRefusal) -> (size: Int, extensions: Int, count: Int)? {
        var size = 0
        var index = 0
        while index < bytes.count, let digit = Octet.hexValue(bytes[index]) {
            guard index < 16 else { throw .malformed("chunk size too long") }
            size = size << 4 | Int(digit)
            guard size <= Bound.length else { throw .bodyTooLarge(limit: Bound.length) }
            index += 1
        }
        guard index < bytes.count else { return nil }
        guard index > 0 else { throw .malformed("no chunk size") }
        let extensionStart = index
        if bytes[index] != Octet.cr {
            guard bytes[index] == 0x3B || Octet.isBlank(bytes[index]) else { throw .malformed("no valid chunk size") }
            while index < bytes.count, Octet.isFieldValue(bytes[index]) { index += 1 }
        }
        guard index <= limits.chunkLine else { throw .malformed("chunk extension too long") }
        guard index < bytes.count else { return nil }
        guard bytes[index] == Octet.cr else { throw .malformed("control character in a chunk size line") }
        guard index + 1 < bytes.count else { return nil }
        guard bytes[index + 1] == Octet.lf else { throw .malformed("CR without LF") }
        return (size, index - extensionStart, index + 2)
    }

    /// RFC 9110 section 6.5.1.
    private static let forbiddenTrailers: [HTTPFieldName] = [
        .transferEncoding, .contentLength, .host, .authorization, .contentType, .contentRange, .connection, .expect,
    ]
}
