import SASL
import Testing
import Wire

/// A server-proving mechanism in miniature: shows that SCRAM's shape fits.
private struct Proving: SASLMechanism {
    let name = "PROVING"
    let revealsPassword = false
    private(set) var isComplete = false

    mutating func initialResponse() throws(SASLError) -> [UInt8]? { [] }

    mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
        if challenge == Array("v=proof".utf8) {
            isComplete = true
            return []
        }
        return challenge
    }
}

@Suite struct ExchangeTests {
    private let plain = PLAIN(username: "tim", password: Secret("tanstaaftanstaaf"))
    private let encoded = "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"

    @Test func `sends the first message with the command`() throws {
        let exchange = try SASLExchange(plain, sendsInitialResponse: true)
        #expect(exchange.initialLine == Array(encoded.utf8))
        #expect(exchange.name == "PLAIN")
        try exchange.succeed()
    }

    @Test func `sends the first message when asked, where the command cannot carry it`() throws {
        var exchange = try SASLExchange(plain, sendsInitialResponse: false)
        #expect(exchange.initialLine == nil)
        #expect(throws: SASLError.prematureSuccess) { try exchange.succeed() }
        #expect(try exchange.respond(toLine: []) == Array(encoded.utf8))
        try exchange.succeed()
        #expect(throws: SASLError.unexpectedChallenge) { try exchange.respond(toLine: Array("eA==".utf8)) }
    }

    @Test func `believes success only after the proof`() throws {
        var exchange = try SASLExchange(Proving(), sendsInitialResponse: true)
        #expect(exchange.initialLine == Array("=".utf8))
        #expect(throws: SASLError.prematureSuccess) { try exchange.succeed() }
        #expect(try exchange.respond(toLine: Array("eA==".utf8)) == Array("eA==".utf8))
        #expect(throws: SASLError.malformedChallenge) { try exchange.respond(toLine: Array("e".utf8)) }
        #expect(try exchange.respond(toLine: Base64.encode(Array("v=proof".utf8).span)).isEmpty)
        try exchange.succeed()
    }

    @Test func `stops a server that asks for ever`() throws {
        var exchange = try SASLExchange(Proving(), sendsInitialResponse: true)
        for _ in 0..<SASLLimits.maximumChallenges { _ = try exchange.respond(toLine: []) }
        #expect(throws: SASLError.tooManyChallenges) { try exchange.respond(toLine: []) }
    }

    @Test func `stops an endless challenge`() throws {
        var exchange = try SASLExchange(Proving(), sendsInitialResponse: true)
        let line = [UInt8](repeating: UInt8(ascii: "A"), count: SASLLimits.maximumChallengeOctets * 2)
        #expect(throws: SASLError.malformedChallenge) { try exchange.respond(toLine: line) }
    }
}
