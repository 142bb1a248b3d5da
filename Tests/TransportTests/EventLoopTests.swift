import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct EventLoopTests {
    actor Pinned: EventLoopBound {
        nonisolated let eventLoop: EventLoop
        private var count = 0

        init(_ loop: EventLoop) { eventLoop = loop }

        func work() async throws -> [Bool] {
            count += 1
            var seen = [eventLoop.isCurrent]
            try await eventLoop.sleep(for: .milliseconds(1))
            seen.append(eventLoop.isCurrent)
            await eventLoop.yield()
            seen.append(EventLoop.current === eventLoop)
            return seen
        }

        nonisolated func assumed() -> Int { assumeIsolated { $0.count } }
    }

    @Test func `an actor on a loop runs on its thread`() async throws {
        let actor = Pinned(try eventLoop(1))
        #expect(try await actor.work() == [true, true, true])
        #expect(EventLoop.current == nil)
        let count = await OneTask.run(on: try eventLoop(1)) { actor.assumed() }
        #expect(count == 1)
    }

    @Test func `a task with the preference stays on the loop`() async throws {
        let loop = try eventLoop()
        let seen = try await Task(executorPreference: loop) {
            var seen = [loop.isCurrent]
            try await loop.sleep(for: .milliseconds(1))
            seen.append(loop.isCurrent)
            return seen
        }.value
        #expect(seen == [true, true])
    }

    @Test func `blocking work leaves the loop`() async throws {
        let loop = try eventLoop()
        let (before, during, after) = try await Task(executorPreference: loop) {
            let before = EventLoop.current === loop
            let during = try await BlockingPool.work.run { EventLoop.current == nil }
            return (before, during, EventLoop.current === loop)
        }.value
        #expect(before && during && after)
    }

    @Test func `blocking work gives its error`() async throws {
        struct Failure: Error {}
        await #expect(throws: Failure.self) { try await BlockingPool.work.run { throw Failure() } }
    }

    @Test func `more blocking calls than threads all run`() async throws {
        let sum = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for value in 1...500 {
                group.addTask { try await BlockingPool.work.run { sum.change { $0 += value } } }
            }
            try await group.waitForAll()
        }
        #expect(sum.value == 125_250)
    }

    @Test func `timers run in order, cancelled ones do not`() async throws {
        let loop = try eventLoop()
        let order = Shared<[Int]>([])
        // In one job: none fires before all are armed.
        await OneTask.run(on: loop) {
            let start = Deadline.now
            for value in [3, 1, 2] {
                loop.schedule(at: start.advanced(by: .milliseconds(10 * value))) { order.change { $0.append(value) } }
            }
            loop.schedule(at: start.advanced(by: .milliseconds(15))) { order.change { $0.append(99) } }.cancel()
        }
        try await loop.sleep(for: .milliseconds(60))
        #expect(order.value == [1, 2, 3])
    }

    @Test func `an earlier timer from another thread interrupts the sleep`() async throws {
        let loop = try EventLoop(name: "quiet")
        let far = loop.schedule(at: .after(.seconds(60))) {}
        let start = Deadline.now
        try await loop.sleep(for: .milliseconds(20))
        let waited = Deadline.now.duration(since: start)
        #expect(waited >= .milliseconds(20) && waited < .seconds(20))
        far.cancel()
        await loop.shutdown()
    }

    @Test func `a cancelled sleep ends at once`() async throws {
        let loop = try eventLoop()
        let task = Task(executorPreference: loop) { await error { try await loop.sleep(for: .seconds(60)) } }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func `stopping ends every wait and runs what is left`() async throws {
        let group = try EventLoopGroup(loops: 2)
        let loop = group.loops[0]
        let listener = try Listener.bind(host: "127.0.0.1", port: 0, on: loop)
        let started = Shared(0)
        let waits = (0..<50).map { index in
            Task(executorPreference: loop) {
                started.change { $0 += 1 }
                let first = await error { try await loop.sleep(for: .seconds(60)) }
                // A wait after the stop ends as well.
                let second = await error { try await loop.sleep(for: .seconds(60)) }
                return [first, second]
            }
        }
        let accepting = Task(executorPreference: loop) { await error { _ = try await listener.accept() } }
        while started.value < 50 { await Task.yield() }
        await group.shutdown()
        for wait in waits { #expect(await wait.value == [.closed, .closed]) }
        #expect(await accepting.value == .closed)
        // A late job still runs.
        let late = await Task(executorPreference: loop) { 7 }.value
        #expect(late == 7)
        await group.shutdown()
    }

    @Test func `a busy task does not keep the others from running`() async throws {
        let loop = try EventLoop(name: "busy")
        let isDone = Shared(false)
        let busy = Task(executorPreference: loop) {
            var rounds = 0
            loop.schedule(at: .after(.milliseconds(20))) { isDone.value = true }
            while !isDone.value {
                rounds += 1
                await loop.yield()
            }
            return rounds
        }
        #expect(await busy.value > 1)
        let counters = loop.counters
        #expect(counters.turns > 1 && counters.timersFired >= 1)
        await loop.shutdown()
    }
}

enum OneTask {
    /// Runs `body` as a job of the loop.
    static func run<T: Sendable>(on loop: EventLoop, _ body: @escaping @Sendable () -> T) async -> T {
        await Task(executorPreference: loop) { body() }.value
    }
}
