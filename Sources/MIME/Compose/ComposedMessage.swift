/// A message ready to be sent or stored: segments, so that a big attachment is never in memory as a whole.
package struct ComposedMessage: Sendable {
    /// A stretch of the message, and how its octets are had.
    package enum Segment: Sendable, Equatable {
        case bytes([UInt8])
        /// Octets to be written as base64 lines (`Base64LineEncoder`).
        case base64([UInt8])
        /// The content of an attachment that is not in memory, to be written as base64 lines.
        case source(key: String, size: Int)
    }

    package let segments: [Segment]
    /// Without angle brackets.
    package let messageID: String
    /// Some address has a local part outside ASCII: only a server with SMTPUTF8 (RFC 6531) can take it.
    package let needsSMTPUTF8: Bool
    /// Some part is 8bit (RFC 6152); only a nested message ever is.
    package let needs8BitMIME: Bool

    /// Octets of the whole message.
    package var size: Int {
        segments.reduce(0) { sum, segment in
            switch segment {
            case .bytes(let bytes): sum + bytes.count
            case .base64(let content): sum + Base64LineEncoder.encodedCount(content.count)
            case .source(_, let size): sum + Base64LineEncoder.encodedCount(size)
            }
        }
    }

    /// The whole message; nil where a segment's source is not in memory.
    package func bytes() -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(size)
        for piece in pieces() {
            guard case .bytes(let bytes) = piece else { return nil }
            result.append(contentsOf: bytes)
        }
        return result
    }

    /// The message bit by bit, for a sink that takes its time.
    package func pieces(maximum: Int = 64 << 10) -> Pieces { Pieces(segments, maximum: maximum) }

    /// What `pieces` gives.
    package enum Piece: Sendable, Equatable {
        /// To be written as they are; at most about the maximum.
        case bytes([UInt8])
        /// To be fetched, passed through a `Base64LineEncoder` and written.
        case source(key: String, size: Int)
    }

    /// Encodes attachments while they are asked for.
    package struct Pieces: Sequence, IteratorProtocol, Sendable {
        private let segments: [Segment]
        private let maximum: Int
        private var index = 0
        private var offset = 0

        fileprivate init(_ segments: [Segment], maximum: Int) {
            self.segments = segments
            self.maximum = Swift.max(maximum / 78, 1)
        }

        package mutating func next() -> Piece? {
            while index < segments.count {
                switch segments[index] {
                case .source(let key, let size):
                    index += 1
                    return .source(key: key, size: size)
                case .bytes(let bytes):
                    guard let chunk = advance(bytes, by: maximum * 78) else { continue }
                    return .bytes(Array(chunk))
                case .base64(let content):
                    guard let chunk = advance(content, by: maximum * 57) else { continue }
                    var encoder = Base64LineEncoder()
                    let lines = encoder.encode(Array(chunk))
                    return .bytes(lines + encoder.finish())
                }
            }
            return nil
        }

        /// The next octets of the segment; nil at its end.
        private mutating func advance(_ bytes: [UInt8], by count: Int) -> ArraySlice<UInt8>? {
            guard offset < bytes.count else {
                index += 1
                offset = 0
                return nil
            }
            let end = Swift.min(offset + count, bytes.count)
            defer { offset = end }
            return bytes[offset..<end]
        }
    }
}
