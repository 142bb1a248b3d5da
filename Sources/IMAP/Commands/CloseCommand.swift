/// CLOSE (RFC 9051, 6.4.1): leaves the mailbox and expunges every `\Deleted` message in it.
package struct CloseCommand: IMAPCommand {
    package typealias Result = Void

    package init() {}

    package var name: StaticString { "CLOSE" }
    package var pipelining: PipeliningRule { .selection }
    package var effect: CommandEffect { .deselects }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) { encoder.raw("CLOSE") }
}
