package import SASL

/// AUTHENTICATE (RFC 9051, 6.2.2) with any SASL mechanism; the first message travels along where SASL-IR allows it.
package struct AuthenticateCommand: IMAPCommand {
    package typealias Result = Void

    private let exchange: SASLExchange

    package init(_ mechanism: any SASLMechanism, capabilities: CapabilitySet) throws(SASLError) {
        exchange = try SASLExchange(mechanism, sendsInitialResponse: capabilities.contains(.saslIR))
    }

    package var name: StaticString { "AUTHENTICATE" }
    package var pipelining: PipeliningRule { .alone }
    package var effect: CommandEffect { .authenticates }

    package func encode(into encoder: inout CommandEncoder) throws(IMAPError) {
        encoder.raw("AUTHENTICATE ")
        try encoder.atom(exchange.name)
        guard let initial = exchange.initialLine else { return }
        encoder.space()
        try encoder.atom(String(decoding: initial, as: UTF8.self))
    }

    package func makeResponder() throws(IMAPError) -> (any ContinuationResponder)? { Responder(exchange: exchange) }

    private struct Responder: ContinuationResponder {
        var exchange: SASLExchange

        /// A dialogue that cannot go on is given up with `*`; the server answers BAD.
        mutating func respond(to challenge: [UInt8]) throws(IMAPError) -> [UInt8]? {
            do throws(SASLError) {
                return try exchange.respond(toLine: challenge)
            } catch {
                return SASLExchange.cancellation
            }
        }

        mutating func succeed() throws(IMAPError) {
            do throws(SASLError) {
                try exchange.succeed()
            } catch {
                throw .authenticationDialogue
            }
        }
    }
}
