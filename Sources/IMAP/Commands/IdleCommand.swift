/// IDLE (RFC 9051, 6.3.13): after the server's `+` its news come as events, until `IMAPSession.endIdle()` sends DONE.
package struct IdleCommand: IMAPCommand {
    package typealias Result = Void

    package init() {}

    package var name: StaticString { "IDLE" }
    package var pipelining: PipeliningRule { .alone }
    package var effect: CommandEffect { .idles }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        guard encoder.capabilities.contains(.idle) else { throw .unsupported(.idle) }
        encoder.raw("IDLE")
    }

    package func makeResponder() throws(IMAPError) -> (any ContinuationResponder)? { Responder() }

    private struct Responder: ContinuationResponder {
        mutating func respond(to challenge: [UInt8]) throws(IMAPError) -> [UInt8]? { nil }
    }
}
