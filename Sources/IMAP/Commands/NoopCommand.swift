/// NOOP (RFC 9051, 6.1.2): asks for news, keeps the session alive.
package struct NoopCommand: IMAPCommand {
    package typealias Result = Void

    package init() {}

    package var name: StaticString { "NOOP" }
    package var pipelining: PipeliningRule { PipeliningRule(does: [.runs, .usesMailbox, .mayExpunge]) }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) { encoder.raw("NOOP") }
}
