/// UID THREAD (RFC 5256) by references: the conversations among what a search finds.
package struct ThreadCommand: IMAPCommand {
    private let key: SearchKey

    package init(_ key: SearchKey = .all) { self.key = key }

    /// Whether the server groups by references; ORDEREDSUBJECT, which guesses by subject, is not asked for.
    package static func isOffered(_ capabilities: CapabilitySet) -> Bool {
        capabilities.contains(.threadRefs) || capabilities.contains(.threadReferences)
    }

    package var name: StaticString { "UID THREAD" }

    package var pipelining: PipeliningRule { SearchCommand(key).pipelining }

    package var emptyResult: [[UInt32]] { [] }

    /// REFS (draft-ietf-morg-inthread) before REFERENCES, which also joins by subject what has no references.
    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard Self.isOffered(encoder.capabilities) else { throw .unsupported(.threadReferences) }
        encoder.raw(name)
        if encoder.capabilities.contains(.threadRefs) {
            encoder.raw(" REFS UTF-8 ")
        } else {
            encoder.raw(" REFERENCES UTF-8 ")
        }
        try key.encode(into: &encoder)
    }

    package func collect(_ response: UntaggedResponse, into result: inout [[UInt32]]) -> Bool {
        guard case .thread(let threads) = response else { return false }
        result += threads
        return true
    }
}
