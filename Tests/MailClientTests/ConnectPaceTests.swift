import Testing
import Transport

@testable import MailClient

@Suite("How many connects to one host at once")
struct ConnectPaceTests {
    @Test("grows with every connect that went well, to the widest")
    func growth() {
        var pace = ConnectPace(narrowest: 2, widest: 5)
        var widths: [Int] = []
        for _ in 0..<5 {
            pace.succeed(in: .milliseconds(10))
            widths.append(pace.width)
        }
        #expect(widths == [3, 4, 5, 5, 5])
        #expect(!pace.staggers)
    }

    @Test("a refusal halves it, and growth is by one a round from then on")
    func refusal() {
        var pace = ConnectPace(narrowest: 8, widest: 64)
        pace.refuse()
        #expect(pace.width == 4)
        #expect(pace.staggers)
        for _ in 0..<3 { pace.succeed(in: .milliseconds(10)) }
        #expect(pace.width == 4)
        pace.succeed(in: .milliseconds(10))
        #expect(pace.width == 5)
        for _ in 0..<10 { pace.refuse() }
        #expect(pace.width == 1, "somebody must find out when the host is back")
    }

    @Test("a host that becomes slower under the load is not asked for more")
    func slowdown() {
        var pace = ConnectPace(narrowest: 8, widest: 64)
        pace.succeed(in: .milliseconds(200))
        #expect(pace.width == 9)
        pace.succeed(in: .milliseconds(900))
        #expect(pace.width == 9)
        pace.succeed(in: .milliseconds(700))
        #expect(pace.width == 10)
    }
}

@Suite("A queue for permits")
struct PermitQueueTests {
    @Test("a wider queue serves those who wait, a narrower one nobody until enough came back")
    func resizing() async throws {
        let loops = try EventLoopGroup(loops: 1)
        let loop = loops.next()
        let queue = PermitQueue(1)
        try await queue.acquire(on: loop, deadline: .after(.seconds(10)))
        await confirmation(expectedCount: 2) { served in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do {
                            try await queue.acquire(on: loop, deadline: .after(.seconds(10)))
                            served()
                        } catch {}
                    }
                }
                while queue.waiting < 2 { await Task.yield() }
                queue.resize(to: 3)
            }
        }
        queue.resize(to: 1)
        // Three are out of one: two must come back before the third makes room.
        queue.release()
        queue.release()
        await #expect(throws: PermitQueue.Failure.timedOut) {
            try await queue.acquire(on: loop, deadline: .after(.milliseconds(20)))
        }
        queue.release()
        try await queue.acquire(on: loop, deadline: .after(.seconds(10)))
    }
}
