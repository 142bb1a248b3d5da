/// CAPABILITY (RFC 9051, 6.1.1).
package struct CapabilityCommand: IMAPCommand {
    package init() {}

    package var name: StaticString { "CAPABILITY" }
    package var pipelining: PipeliningRule { .independent }
    package var emptyResult: CapabilitySet { CapabilitySet() }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) { encoder.raw("CAPABILITY") }

    package func collect(_ response: UntaggedResponse, into result: inout CapabilitySet) -> Bool {
        guard case .capability(let capabilities) = response else { return false }
        result = capabilities
        return true
    }
}
