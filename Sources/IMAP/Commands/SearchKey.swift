/// search-key of RFC 9051, 6.4.4, as a tree.
package indirect enum SearchKey: Sendable, Hashable {
    case all
    case and([SearchKey])
    case or(SearchKey, SearchKey)
    case not(SearchKey)
    /// A flag is set. Flags without a search key of their own are searched as keywords.
    case flag(Flag)
    case from(String)
    case to(String)
    case cc(String)
    case bcc(String)
    case subject(String)
    case body(String)
    /// Header and body.
    case text(String)
    /// An empty value finds every message with such a field.
    case header(name: String, value: String)
    /// By INTERNALDATE, its zone disregarded: `before` excludes the day, `since` includes it.
    case before(CalendarDay)
    case on(CalendarDay)
    case since(CalendarDay)
    /// By the Date header.
    case sentBefore(CalendarDay)
    case sentOn(CalendarDay)
    case sentSince(CalendarDay)
    /// By SAVEDATE (RFC 8514, 4.3), its zone disregarded; where a mailbox records none, by INTERNALDATE.
    case savedBefore(CalendarDay)
    case savedSince(CalendarDay)
    case larger(UInt64)
    case smaller(UInt64)
    case messages(MessageSet)
    /// RFC 5032, seconds.
    case younger(UInt32)
    case older(UInt32)
    /// RFC 7162: at least this modification sequence.
    case modificationSequence(UInt64)
    /// RFC 8474.
    case emailID(String)
    case threadID(String)
    /// Gmail's own search language.
    case gmailRaw(String)
    case gmailThreadID(UInt64)

    /// Any of these; nothing in the list finds nothing, which IMAP says as NOT ALL.
    package static func any(_ keys: [SearchKey]) -> SearchKey {
        guard let first = keys.first else { return .not(.all) }
        // Balanced, so that a thousand alternatives do not nest a thousand deep.
        guard keys.count > 2 else { return keys.count == 1 ? first : .or(keys[0], keys[1]) }
        let middle = keys.count / 2
        return .or(any(Array(keys[..<middle])), any(Array(keys[middle...])))
    }

    /// Whether a text in the tree needs CHARSET UTF-8.
    var needsCharset: Bool {
        switch self {
        case .and(let keys): keys.contains(where: \.needsCharset)
        case .or(let left, let right): left.needsCharset || right.needsCharset
        case .not(let key): key.needsCharset
        case .from(let text), .to(let text), .cc(let text), .bcc(let text), .subject(let text), .body(let text),
            .text(let text), .gmailRaw(let text):
            !text.utf8.allSatisfy { $0 < 0x80 }
        case .header(_, let value): !value.utf8.allSatisfy { $0 < 0x80 }
        default: false
        }
    }

    /// Whether sequence numbers occur, which must not move meanwhile.
    var usesSequences: Bool {
        switch self {
        case .and(let keys): keys.contains(where: \.usesSequences)
        case .or(let left, let right): left.usesSequences || right.usesSequences
        case .not(let key): key.usesSequences
        case .messages(let set): !set.isUIDBased
        default: false
        }
    }
}
