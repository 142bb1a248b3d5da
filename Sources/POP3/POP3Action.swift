/// What the driver of a session does next.
package enum POP3Action: Sendable, Equatable {
    /// Write these octets, then wait for the server. They may hold a password: never log them.
    case send([UInt8])
    /// Wait for more.
    case wait
    /// Do the TLS handshake, then call `tlsEstablished()`.
    case startTLS
    /// Logged in, and nothing is under way.
    case ready
    /// The answer to the oldest command; where it is positive and the command has content, that follows.
    case reply(POP3Reply)
    /// Some of the content, dots unstuffed, with CRLF line ends as they came.
    case content([UInt8])
    case endOfContent
    /// The answer to QUIT: only a positive one says that deleted messages are gone (RFC 1939, 6).
    case closed(POP3Reply)
}

extension POP3Action: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        switch self {
        case .send(let bytes): "send(\(bytes.count) octets)"
        case .wait: "wait"
        case .startTLS: "startTLS"
        case .ready: "ready"
        case .reply(let reply): "reply(\(reply))"
        case .content(let bytes): "content(\(bytes.count) octets)"
        case .endOfContent: "endOfContent"
        case .closed(let reply): "closed(\(reply))"
        }
    }

    package var debugDescription: String { description }
}
