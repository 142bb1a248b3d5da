/// STARTTLS (RFC 9051, 6.2.1).
///
/// After its OK every capability is forgotten, and octets that followed it are an attack.
package struct StartTLSCommand: IMAPCommand {
    package typealias Result = Void

    package init() {}

    package var name: StaticString { "STARTTLS" }
    package var pipelining: PipeliningRule { .alone }
    package var effect: CommandEffect { .startTLS }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.startTLS) else { throw .unsupported(.startTLS) }
        encoder.raw("STARTTLS")
    }
}
