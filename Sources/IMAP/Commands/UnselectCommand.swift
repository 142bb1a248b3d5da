/// UNSELECT (RFC 9051, 6.4.2): leaves the mailbox and expunges nothing.
package struct UnselectCommand: IMAPCommand {
    package typealias Result = Void

    package init() {}

    package var name: StaticString { "UNSELECT" }
    package var pipelining: PipeliningRule { .selection }
    package var effect: CommandEffect { .deselects }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.unselect) else { throw .unsupported(.unselect) }
        encoder.raw("UNSELECT")
    }
}
