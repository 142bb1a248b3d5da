package import SASL
import Synchronization

/// What the mechanism learnt that the command's own end does not tell.
package final class AuthenticationReport: Sendable {
    private struct Content {
        var refusal: SASLRefusal?
        var fault: SASLError?
    }

    private let content = Mutex(Content())

    package init() {}

    /// Why the server refuses, in the mechanism's words.
    package var refusal: SASLRefusal? { content.withLock { $0.refusal } }
    /// Why we gave the dialogue up.
    package var fault: SASLError? { content.withLock { $0.fault } }

    fileprivate func note(_ exchange: SASLExchange) { content.withLock { $0.refusal = exchange.refusal } }
    fileprivate func note(_ fault: SASLError) {
        content.withLock {
            $0.fault = fault
            if case .refused(let refusal) = fault { $0.refusal = refusal }
        }
    }
}

/// AUTHENTICATE (RFC 9051, 6.2.2) with any SASL mechanism; the first message travels along where SASL-IR allows it.
package struct AuthenticateCommand: IMAPCommand {
    package typealias Result = Void

    package let exchange: SASLExchange
    package let report = AuthenticationReport()

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

    package func makeResponder() throws(IMAPError) -> (any ContinuationResponder)? {
        Responder(exchange: exchange, report: report)
    }

    private struct Responder: ContinuationResponder {
        var exchange: SASLExchange
        let report: AuthenticationReport

        /// A dialogue that cannot go on is given up with `*`; the server answers BAD.
        mutating func respond(to challenge: [UInt8]) throws(IMAPError) -> [UInt8]? {
            do throws(SASLError) {
                let response = try exchange.respond(toLine: challenge)
                report.note(exchange)
                return response
            } catch {
                report.note(error)
                return SASLExchange.cancellation
            }
        }

        mutating func succeed() throws(IMAPError) {
            do throws(SASLError) {
                try exchange.succeed()
            } catch {
                report.note(error)
                throw .authenticationDialogue
            }
        }
    }
}
