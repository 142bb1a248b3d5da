/// SEARCH and UID SEARCH (RFC 9051, 6.4.4), answered by ESEARCH where the server has it.
package struct SearchCommand: IMAPCommand {
    /// What is wanted of the messages found; with a plain SEARCH all of it is worked out here.
    package enum Return: Sendable, Hashable {
        case all
        case minimum
        case maximum
        case count

        var word: StaticString {
            switch self {
            case .all: "ALL"
            case .minimum: "MIN"
            case .maximum: "MAX"
            case .count: "COUNT"
            }
        }
    }

    let key: SearchKey
    let returning: [Return]
    let byUID: Bool
    /// Only messages with UIDs of at most this are searched.
    var highest: UInt32?

    package init(_ key: SearchKey, returning: [Return] = [.all], byUID: Bool = true) {
        self.key = key
        self.returning = returning
        self.byUID = byUID
    }

    package var name: StaticString { byUID ? "UID SEARCH" : "SEARCH" }

    package var pipelining: PipeliningRule {
        var rule = PipeliningRule.messages(byUID ? .uids(.all) : .sequences(.all), readsFlags: true, mayExpunge: false)
        if key.usesSequences { rule.needs.formUnion([.noUntaggedExpunge, .noUIDCommands]) }
        rule.needs.insert(.noAnswer(.search))
        rule.does.insert(.answers(.search))
        return rule
    }

    package var emptyResult: SearchResult { SearchResult() }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw(name)
        encoder.space()
        if encoder.capabilities.contains(.esearch) {
            encoder.raw("RETURN (")
            for (index, item) in returning.enumerated() {
                if index > 0 { encoder.space() }
                encoder.raw(item.word)
            }
            encoder.raw(") ")
        }
        if key.needsCharset, encoder.mailboxEncoding != .utf8 { encoder.raw("CHARSET UTF-8 ") }
        if let highest {
            encoder.raw("UID 1:")
            encoder.number(highest)
            encoder.space()
        }
        try key.encode(into: &encoder)
    }

    package func collect(_ response: UntaggedResponse, into result: inout SearchResult) -> Bool {
        guard case .search(let found) = response else { return false }
        guard let earlier = result.all, let more = found.all else {
            result = found
            return true
        }
        // A long plain answer may come in several lines (hMailServer).
        let all = NumberSet(ranges: earlier.ranges + more.ranges)
        result.all = all
        result.minimum = all.first
        result.maximum = all.last
        result.count = UInt32(clamping: all.count)
        return true
    }

    /// An ESEARCH that found nothing says so by leaving ALL, MIN and MAX out; a plain SEARCH may not come at all.
    package func finish(_ result: inout SearchResult, with text: ResponseText) {
        if result.all == nil, returning.contains(.all) { result.all = NumberSet() }
        if result.count == nil { result.count = result.all.map { UInt32(clamping: $0.count) } }
    }
}
