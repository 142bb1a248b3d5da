/// A message's flag or keyword (RFC 9051, 2.3.2); unknown ones are kept as they came.
package enum Flag: Sendable, Hashable {
    case seen
    case answered
    case flagged
    case deleted
    case draft
    case recent
    /// `\*` in PERMANENTFLAGS: new keywords can be made.
    case wildcard
    /// A keyword such as `$Forwarded`, in the server's spelling.
    case keyword(String)
    /// Another flag with a backslash, without it.
    case system(String)

    /// The flag for its text on the wire.
    package init(_ text: String) {
        guard text.utf8.first == 0x5C else {
            self = .keyword(text)
            return
        }
        self =
            switch text.lowercased() {
            case #"\seen"#: .seen
            case #"\answered"#: .answered
            case #"\flagged"#: .flagged
            case #"\deleted"#: .deleted
            case #"\draft"#: .draft
            case #"\recent"#: .recent
            case #"\*"#: .wildcard
            default: .system(String(text.dropFirst()))
            }
    }

    /// The flag as it goes over the wire.
    package var text: String {
        switch self {
        case .seen: #"\Seen"#
        case .answered: #"\Answered"#
        case .flagged: #"\Flagged"#
        case .deleted: #"\Deleted"#
        case .draft: #"\Draft"#
        case .recent: #"\Recent"#
        case .wildcard: #"\*"#
        case .keyword(let name): name
        case .system(let name): #"\"# + name
        }
    }
}
