import Model
import Testing
import Webhooks

@Suite struct `Circuit breaker` {
    @Test func `opens after failures in a row, probes, and pauses longer each time`() {
        var breaker = CircuitBreaker()
        for count in 1..<5 {
            breaker.failed(wasProbe: false, at: .at(0), random: 0.5)
            #expect(breaker.failures == count && breaker.allowance(at: .at(0)) == .all)
        }
        breaker.failed(wasProbe: false, at: .at(0), random: 0.5)
        var until = 5.0
        for pause in [10.0, 20, 40, 80, 160, 300, 300, 300] {
            #expect(breaker.allowance(at: .at(until - 0.001)) == .none(until: .at(until)))
            #expect(breaker.allowance(at: .at(until)) == .probe)
            breaker.failed(wasProbe: true, at: .at(until), random: 0.5)
            until += pause
        }
        breaker.succeeded()
        #expect(breaker.allowance(at: .at(until)) == .all && breaker.failures == 0 && breaker.pauses == 0)
    }

    @Test func `success in between keeps it closed`() {
        var breaker = CircuitBreaker()
        for _ in 0..<20 {
            for _ in 0..<4 { breaker.failed(wasProbe: false, at: .at(0), random: 0.5) }
            breaker.succeeded()
        }
        #expect(breaker.allowance(at: .at(0)) == .all)
    }

    @Test func `attempts that began before it opened do not open it further`() {
        var breaker = CircuitBreaker()
        for _ in 0..<30 { breaker.failed(wasProbe: false, at: .at(0), random: 0.5) }
        #expect(breaker.pauses == 1 && breaker.allowance(at: .at(5)) == .probe)
    }

    @Test func `goes on where it was before a restart`() {
        let health = WebhookHealth(failures: 7, pauses: 3, openUntil: .at(30))
        var breaker = CircuitBreaker(health)
        #expect(breaker.allowance(at: .at(29)) == .none(until: .at(30)))
        breaker.failed(wasProbe: true, at: .at(30), random: 0.5)
        #expect(breaker.openUntil == .at(70) && breaker.failures == 8)
    }
}
