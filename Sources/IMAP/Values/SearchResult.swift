/// What SEARCH found: the answer of ESEARCH (RFC 4731), or the same worked out of a plain SEARCH response.
package struct SearchResult: Sendable, Equatable {
    /// The tag of the command, where the server says which one this answers.
    package var tag: String?
    package var isUIDBased = false
    package var all: NumberSet?
    /// The part that was asked for (RFC 5267, RFC 9394), in the server's order; empty where there is none.
    package var partial: [UInt32]?
    package var minimum: UInt32?
    package var maximum: UInt32?
    package var count: UInt32?
    package var modificationSequence: UInt64?

    package init() {}
}
