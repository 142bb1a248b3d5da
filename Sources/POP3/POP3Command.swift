/// A command for a session that is logged in (RFC 1939, 5 and 7).
///
/// QUIT is not among them: it is the session's own, because what it is answered decides what became of deleted messages.
package enum POP3Command: Sendable, Equatable {
    /// All messages with their sizes.
    case list
    /// All messages with their unique ids.
    case uniqueIDs
    case retrieve(Int)
    /// The header and so many lines of the body.
    case top(Int, lines: Int)
    /// Takes effect when QUIT is answered with success, and not before.
    case delete(Int)

    /// Whether lines follow a positive reply, up to one with a dot alone.
    package var hasContent: Bool {
        switch self {
        case .list, .uniqueIDs, .retrieve, .top: true
        case .delete: false
        }
    }

    var line: String {
        switch self {
        case .list: "LIST"
        case .uniqueIDs: "UIDL"
        case .retrieve(let number): "RETR \(number)"
        case .top(let number, let lines): "TOP \(number) \(lines)"
        case .delete(let number): "DELE \(number)"
        }
    }

    package var bytes: [UInt8] { Array(line.utf8) + [0x0D, 0x0A] }
}
