/// Writes messages: RFC 5322 and MIME, lines ending in CRLF and of bounded length.
package struct MessageComposer {
    /// Randomness for message ids and boundaries comes from outside, so that tests have known answers.
    package static func compose(
        _ message: OutgoingMessage, using generator: inout some RandomNumberGenerator
    ) throws(ComposeError) -> ComposedMessage {
        throw .missing(member: "from")
    }
}
