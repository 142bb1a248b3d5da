/// UID SORT (RFC 5256): the UIDs of what a search finds, in order.
///
/// With `window` only those at these places (from 1) are asked for, where the server has ESORT and can cut
/// (RFC 5267, RFC 9394); check `SortCommand.cuts` before.
package struct SortCommand: IMAPCommand {
    private let criteria: [SortCriterion]
    private let key: SearchKey
    private let window: ClosedRange<UInt32>?

    package init(_ criteria: [SortCriterion], _ key: SearchKey = .all, window: ClosedRange<UInt32>? = nil) {
        self.criteria = criteria
        self.key = key
        self.window = window
    }

    /// Whether such a server can answer a window alone.
    package static func cuts(_ capabilities: CapabilitySet) -> Bool {
        capabilities.contains(.esort) && (capabilities.contains(.contextSort) || capabilities.contains(.partial))
    }

    package var name: StaticString { "UID SORT" }

    package var pipelining: PipeliningRule { SearchCommand(key).pipelining }

    package var emptyResult: [UInt32] { [] }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.sort) else { throw .unsupported(.sort) }
        encoder.raw(name)
        encoder.space()
        if let window, Self.cuts(encoder.capabilities) {
            encoder.raw("RETURN (PARTIAL ")
            encoder.number(window.lowerBound)
            encoder.raw(":")
            encoder.number(window.upperBound)
            encoder.raw(") ")
        }
        encoder.raw("(")
        for (index, criterion) in criteria.enumerated() {
            if index > 0 { encoder.space() }
            criterion.encode(into: &encoder)
        }
        // The charset is no option of SORT, also after ENABLE UTF8=ACCEPT.
        encoder.raw(") UTF-8 ")
        try key.encode(into: &encoder)
    }

    package func collect(_ response: UntaggedResponse, into result: inout [UInt32]) -> Bool {
        switch response {
        case .sort(let numbers): result += numbers
        case .search(let found):
            guard let numbers = found.partial else { return false }
            result += numbers
        default: return false
        }
        return true
    }
}
