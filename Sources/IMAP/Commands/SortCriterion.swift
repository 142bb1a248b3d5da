/// sort-criterion of RFC 5256 and RFC 5957.
package struct SortCriterion: Sendable, Hashable {
    /// What messages are compared by.
    package enum Key: Sendable, Hashable, CaseIterable {
        /// INTERNALDATE with its time.
        case arrival
        /// The Date header, or INTERNALDATE where there is none.
        case date
        /// The local part of the first sender.
        case from
        case size
        /// Without `Re:`, `[list]` and the like.
        case subject
        /// The name of the first sender, as people read it; needs SORT=DISPLAY.
        case displayFrom
    }

    package var key: Key
    package var isReversed: Bool

    package init(_ key: Key, isReversed: Bool = false) {
        self.key = key
        self.isReversed = isReversed
    }

    func encode(into encoder: inout CommandEncoder) {
        if isReversed { encoder.raw("REVERSE ") }
        switch key {
        case .arrival: encoder.raw("ARRIVAL")
        case .date: encoder.raw("DATE")
        case .from: encoder.raw("FROM")
        case .size: encoder.raw("SIZE")
        case .subject: encoder.raw("SUBJECT")
        case .displayFrom: encoder.raw("DISPLAYFROM")
        }
    }
}
