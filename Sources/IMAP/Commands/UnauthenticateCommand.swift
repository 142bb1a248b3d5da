/// UNAUTHENTICATE (RFC 8437): the session is again as before the login, and may log in as somebody else.
package struct UnauthenticateCommand: IMAPCommand {
    package typealias Result = Void

    package init() {}

    package var name: StaticString { "UNAUTHENTICATE" }
    package var pipelining: PipeliningRule { .alone }
    package var effect: CommandEffect { .unauthenticates }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.unauthenticate) else { throw .unsupported(.unauthenticate) }
        encoder.raw("UNAUTHENTICATE")
    }
}
