/// LOGOUT (RFC 9051, 6.1.3); the BYE that comes before its OK is no error.
package struct LogoutCommand: IMAPCommand {
    package typealias Result = Void

    package init() {}

    package var name: StaticString { "LOGOUT" }
    package var pipelining: PipeliningRule { .alone }
    package var effect: CommandEffect { .logsOut }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) { encoder.raw("LOGOUT") }
}
