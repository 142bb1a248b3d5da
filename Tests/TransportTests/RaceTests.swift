import Glibc
import Testing
import Transport
import Wire

/// Readiness, deadline, cancellation and close against each other, on two threads.
///
/// A waiter that was woken twice would crash the process, one that was not woken would meet the time limit, and an event
/// that got lost would show in the sums.
@Suite(.timeLimit(.minutes(2)), .serialized) struct RaceTests {
    @Test func `a wait ends exactly once and loses nothing`() async throws {
        let rounds = 4000
        try await connected { server in
            // One octet for each one that asks: at about the moment at which the other side gives up.
            var generator = SeededGenerator(state: 3)
            while try await server.fill(deadline: soon) > 0 {
                let asked = server.input.takeAll()
                for _ in 0..<Int.random(in: 0..<60, using: &generator) { await server.eventLoop.yield() }
                try await server.write(asked, deadline: soon)
            }
        } client: { client in
            let stream = Client(client)
            var outcomes: [TransportError?: Int] = [:]
            var generator = SeededGenerator(state: 4)
            for round in 0..<rounds {
                let deadline = Deadline.after(.microseconds(Int.random(in: 0..<1500, using: &generator)))
                try await stream.ask()
                let reader = Task { await stream.read(until: deadline) }
                if round % 6 == 1 {
                    reader.cancel()
                } else if round % 3 == 0 {
                    let delay = Int.random(in: 0..<400, using: &generator)
                    Task.detached {
                        for _ in 0..<delay { sched_yield() }
                        reader.cancel()
                    }
                }
                outcomes[await reader.value, default: 0] += 1
            }
            try await stream.finish(total: rounds)
            #expect(outcomes[.some(.cancelled), default: 0] > 0)
            #expect(outcomes[.some(.deadlineExceeded(.read)), default: 0] > 0)
            #expect(outcomes[.none, default: 0] > 0)
            #expect(outcomes.count == 3)
        }
    }

    /// The client's stream in an actor on its loop, so that each read is a task that can be cancelled.
    actor Client: EventLoopBound {
        nonisolated let eventLoop: EventLoop
        private let stream: ByteStream
        private var received = 0

        init(_ stream: sending ByteStream) {
            eventLoop = stream.eventLoop
            self.stream = stream
        }

        func ask() async throws { try await stream.write([1], deadline: soon) }

        func read(until deadline: Deadline) async -> TransportError? {
            do throws(TransportError) {
                received += try await stream.fill(deadline: deadline)
                return nil
            } catch {
                return error
            }
        }

        func finish(total: Int) async throws {
            while received < total { received += try await stream.fill(deadline: soon) }
            #expect(received == total)
            stream.close()
        }
    }

    @Test func `closing races with waiting`() async throws {
        let listener = try listener()
        let (home, away) = (try eventLoop(0), try eventLoop(1))
        for round in 0..<1500 {
            let dialled = Task(executorPreference: home) {
                let stream = try await Dialer().connect(to: [listener.address], on: home, deadline: soon)
                return await error { if try await stream.fill(deadline: soon) == 0 { throw TransportError.closed } }
            }
            let socket = try await listener.accept()
            await Task(executorPreference: away) {
                guard let stream = try? socket.stream(on: away) else { return }
                for _ in 0..<(round % 20) { await away.yield() }
                stream.close()
            }.value
            let outcome = try await dialled.value
            #expect(outcome == .closed)
        }
    }

    @Test func `a listener is closed while it accepts`() async throws {
        let (home, away) = (try eventLoop(0), try eventLoop(1))
        for round in 0..<300 {
            let listener = try listener(on: home)
            let accepting = Task(executorPreference: away) {
                var count = 0
                while true {
                    do throws(TransportError) {
                        _ = try await listener.accept()
                        count += 1
                    } catch {
                        return (count, error)
                    }
                }
            }
            let isConnected = try await Task(executorPreference: home) {
                try await Dialer().connect(to: [listener.address], on: home, deadline: soon).isClosed == false
            }.value
            for _ in 0..<(round % 10) { await Task.yield() }
            listener.close()
            let (count, failure) = await accepting.value
            #expect(isConnected && count <= 1)
            #expect(failure == .closed)
        }
    }

    @Test func `a reused descriptor gets no event of its predecessor`() async throws {
        let listener = try listener(backlog: 1024)
        let (home, away) = (try eventLoop(0), try eventLoop(1))
        let before = (home.registrationCount, away.registrationCount)
        let server = Task(executorPreference: away) {
            await withDiscardingTaskGroup { group in
                while let socket = try? await listener.accept() {
                    let loop = socket.peer.port % 2 == 0 ? home : away
                    group.addTask(executorPreference: loop) { try? await socket.stream(on: loop).echo() }
                }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<16 {
                let loop = worker % 2 == 0 ? home : away
                group.addTask(executorPreference: loop) {
                    for round in 0..<150 {
                        let stream = try await Dialer().connect(to: [listener.address], on: loop, deadline: soon)
                        let message = pattern(9, seed: UInt64(worker << 20 | round))
                        try await stream.write(message, deadline: soon)
                        // Some go away with their answer on the way, which would reach the next with that number.
                        if round % 3 != 0 {
                            let answer = try await stream.take(9)
                            #expect(answer == message)
                        }
                        stream.close()
                    }
                }
            }
            try await group.waitForAll()
        }
        listener.close()
        await server.value
        // Other suites share the loops: what is left must be theirs, not the 4,800 registrations of this test.
        #expect(home.registrationCount + away.registrationCount < before.0 + before.1 + 1200)
    }
}
