package import Wire

/// Everything that can go wrong between two IMAP peers; a server's own words are kept.
package enum IMAPError: Error, Equatable, Sendable {
    /// Bytes that are no IMAP where the session cannot go on without them.
    case syntax(SyntaxError)
    case limit(IMAPLimit)
    /// A well-formed response at a place where the protocol has none; a fixed text.
    case protocolViolation(String)
    /// The command was understood and refused.
    case no(ResponseText)
    /// The server says that the command was wrong: an incompatibility, not the user's fault.
    case bad(ResponseText)
    /// The server ended the session.
    case bye(ResponseText)
    /// A text for a command contains CR, LF or NUL, which no IMAP string of ours may carry.
    case unsafeText
    /// The server does not announce what the command needs.
    case unsupported(Capability)
    /// The command needs another session state (for instance a selected mailbox).
    case wrongState
    /// The dialogue of an AUTHENTICATE did not follow its mechanism.
    case authenticationDialogue
    /// The connection ended before the answer.
    case closed
}

extension IMAPError {
    /// What the server said, where it said something.
    package var serverText: ResponseText? {
        switch self {
        case .no(let text), .bad(let text), .bye(let text): text
        default: nil
        }
    }

    /// The session must not be used after this error.
    package var endsSession: Bool {
        switch self {
        case .no, .bad, .unsafeText, .unsupported, .wrongState: false
        case .limit(.commandsInFlight), .limit(.nesting): false
        default: true
        }
    }
}
