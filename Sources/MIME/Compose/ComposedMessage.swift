/// A message ready to be sent or stored: segments, so that a big attachment is never in memory as a whole.
package struct ComposedMessage: Sendable {
    package enum Segment: Sendable, Equatable {
        case bytes([UInt8])
        /// Octets to be written as base64 lines (`Base64LineEncoder`).
        case base64([UInt8])
        /// The content of an attachment that is not in memory, to be written as base64 lines.
        case source(key: String, size: Int)
    }

    package let segments: [Segment]
    package let messageID: String
    /// Some address has a local part outside ASCII: only a server with SMTPUTF8 (RFC 6531) can take it.
    package let needsSMTPUTF8: Bool
    /// Some part is 8bit (RFC 6152); only a nested message ever is.
    package let needs8BitMIME: Bool
    /// Octets of the whole message.
    package let size: Int

    /// The whole message; nil where a segment's source is not in memory.
    package func bytes() -> [UInt8]? { nil }
}
