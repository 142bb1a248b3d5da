/// ENABLE (RFC 9051, 6.3.1).
package struct EnableCommand: IMAPCommand {
    private let wanted: [Capability]

    package init(_ wanted: [Capability]) { self.wanted = wanted }

    package var name: StaticString { "ENABLE" }
    package var pipelining: PipeliningRule { .alone }
    package var emptyResult: [Capability] { [] }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.enable) else { throw .unsupported(.enable) }
        encoder.raw("ENABLE")
        for capability in wanted {
            encoder.space()
            try encoder.atom(capability.name)
        }
    }

    package func collect(_ response: UntaggedResponse, into result: inout [Capability]) -> Bool {
        guard case .enabled(let enabled) = response else { return false }
        result += enabled
        return true
    }
}
