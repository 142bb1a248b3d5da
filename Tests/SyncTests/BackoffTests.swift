import Sync
import Testing

@Suite struct BackoffTests {
    @Test func `waits double up to ten minutes, and begin anew after a success`() {
        var backoff = Backoff()
        let waits = (0..<12).map { _ in backoff.fail(isRefusal: false, jitter: 1) }
        #expect(waits.prefix(4) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        #expect(waits.last == .seconds(600))
        backoff.succeed()
        #expect(backoff.fail(isRefusal: false, jitter: 0) == .milliseconds(500))
    }

    @Test func `connections that end after minutes are no failures in a row`() {
        var backoff = Backoff()
        for _ in 0..<8 { _ = backoff.fail(isRefusal: false, jitter: 1) }
        backoff.stood(for: .seconds(127))
        #expect(backoff.fail(isRefusal: false, jitter: 1) == .seconds(256), "it ended before what was waited for it")
        backoff.stood(for: .seconds(257))
        for _ in 0..<20 {
            #expect(backoff.fail(isRefusal: false, jitter: 1) == .seconds(1))
            backoff.stood(for: .seconds(120))
        }
        backoff.stood(for: .seconds(120))
        _ = backoff.fail(isRefusal: false, jitter: 1)
        backoff.stood(for: .seconds(3))
        #expect(backoff.fail(isRefusal: false, jitter: 1) == .seconds(2), "let in and dropped at once")
    }

    @Test func `a refused password is tried seldom: servers lock accounts`() {
        var backoff = Backoff()
        #expect(backoff.fail(isRefusal: true, jitter: 0) == .seconds(150))
        #expect((0..<8).map { _ in backoff.fail(isRefusal: true, jitter: 1) }.last == .seconds(3600))
    }
}
