/// NAMESPACE (RFC 9051, 6.3.10).
package struct NamespaceCommand: IMAPCommand {
    package init() {}

    package var name: StaticString { "NAMESPACE" }
    package var pipelining: PipeliningRule { .independent }
    package var emptyResult: Namespaces { Namespaces() }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.namespace) else { throw .unsupported(.namespace) }
        encoder.raw("NAMESPACE")
    }

    package func collect(_ response: UntaggedResponse, into result: inout Namespaces) -> Bool {
        guard case .namespace(let namespaces) = response else { return false }
        result = namespaces
        return true
    }
}
