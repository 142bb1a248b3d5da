/// What the driver of a session does next.
package enum SMTPAction: Sendable, Equatable {
    /// Write these octets, then wait for the server. They may hold a password: never log them.
    case send([UInt8])
    /// The reply was one of several: wait for the next.
    case wait
    /// Do the TLS handshake, then call `tlsEstablished()`.
    case startTLS
    /// Nothing is under way: a message may begin.
    case ready
    /// The server waits for the message: `encode` its chunks, write them, then `endContent()` and write that.
    case sendContent
    /// The message under way is done with; `canContinue` says whether another may follow.
    case finished(SubmissionOutcome)
    /// The conversation is over; close.
    case closed
}

extension SMTPAction: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String {
        switch self {
        case .send(let bytes): "send(\(bytes.count) octets)"
        case .wait: "wait"
        case .startTLS: "startTLS"
        case .ready: "ready"
        case .sendContent: "sendContent"
        case .finished(let outcome): "finished(\(outcome.disposition))"
        case .closed: "closed"
        }
    }

    package var debugDescription: String { description }
}
