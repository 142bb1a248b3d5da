import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(2))) struct ByteStreamTests {
    @Test func `many connections get their own bytes back`() async throws {
        let (home, away) = (try eventLoop(0), try eventLoop(1))
        let listener = try listener()
        let server = Task(executorPreference: home) {
            await withDiscardingTaskGroup { group in
                while let socket = try? await listener.accept() {
                    group.addTask(executorPreference: away) { try? await socket.stream(on: away).echo() }
                }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask(executorPreference: index % 2 == 0 ? home : away) {
                    let loop = index % 2 == 0 ? home : away
                    let stream = try await Dialer().connect(
                        to: [listener.address], on: loop, deadline: soon)
                    for round in 0..<20 {
                        let message = pattern(1 + index * 7 + round, seed: UInt64(index * 100 + round))
                        try await stream.write(message, deadline: soon)
                        let answer = try await stream.take(message.count)
                        #expect(answer == message)
                    }
                    try await stream.finishWriting()
                    let rest = try await stream.takeAll()
                    #expect(rest.isEmpty)
                }
            }
            try await group.waitForAll()
        }
        listener.close()
        await server.value
    }

    @Test func `pieces arrive as one, against a slow reader`() async throws {
        let pieces = (0..<60).map { pattern($0 % 3 == 0 ? 0 : $0 * 4001, seed: UInt64($0)) }
        let whole = Array(pieces.joined())
        try await connected { server in
            var received: [UInt8] = []
            var buffer = InputBuffer()
            while try await server.read(into: &buffer, deadline: soon) > 0 {
                received += buffer.takeAll()
                if received.count < 3_000_000 { try await server.eventLoop.sleep(for: .milliseconds(1)) }
            }
            #expect(received == whole)
        } client: { client in
            try await client.write(pieces, deadline: soon)
            try await client.finishWriting(deadline: soon)
            let end = try await client.takeAll()
            #expect(end.isEmpty)
        }
    }

    @Test func `a write to a peer that does not read ends at its deadline`() async throws {
        let isOver = OneSignal()
        try await connected { server in
            _ = await isOver.value()
            server.close()
        } client: { client in
            let big = [UInt8](repeating: 7, count: 64 << 20)
            let failure = await error { try await client.write(big, deadline: .after(.milliseconds(20))) }
            isOver.set(true)
            #expect(failure == .deadlineExceeded(.write))
        }
    }

    @Test func `a peer that takes a little at a time does not move the deadline`() async throws {
        try await connected { server in
            while try await server.fill(deadline: soon) > 0 { _ = server.input.takeAll() }
        } client: { client in
            let big = [UInt8](repeating: 7, count: 256 << 20)
            let start = Deadline.now
            let failure = await error { try await client.write(big, deadline: start.advanced(by: .milliseconds(5))) }
            #expect(failure == .deadlineExceeded(.write))
            client.close()
        }
    }

    @Test func `half a close leaves the other half`() async throws {
        try await connected { server in
            let request = try await server.takeAll()
            #expect(request == Array("question".utf8))
            try await server.write(Array("answer".utf8))
        } client: { client in
            try await client.write(Array("question".utf8))
            try await client.finishWriting()
            let answer = try await client.takeAll()
            #expect(answer == Array("answer".utf8))
        }
    }

    @Test func `a read and a write wait at the same time in one actor`() async throws {
        actor Connection: EventLoopBound {
            nonisolated let eventLoop: EventLoop
            private let stream: ByteStream

            init(_ socket: DetachedSocket, on loop: EventLoop) throws {
                eventLoop = loop
                stream = try socket.stream(on: loop)
            }

            func send(_ bytes: [UInt8]) async throws { try await stream.write(bytes, deadline: soon) }
            func receive(_ count: Int) async throws -> [UInt8] { try await stream.take(count) }
            func close() { stream.close() }
        }
        let listener = try listener()
        let loop = try eventLoop(1)
        let size = 5_000_000
        let accepted = Task { try await listener.accept() }
        try await Task(executorPreference: try eventLoop(0)) {
            let client = try await Dialer().connect(to: [listener.address], on: try eventLoop(0), deadline: soon)
            let connection = try Connection(try await accepted.value, on: loop)
            async let received = connection.receive(size)
            async let sent: Void = connection.send(pattern(size, seed: 5))
            // The server writes into full buffers while it also reads.
            let bytes = try await client.take(size)
            try await client.write(pattern(size, seed: 6), deadline: soon)
            try await sent
            let isEqual = (bytes == pattern(size, seed: 5), try await received == pattern(size, seed: 6))
            #expect(isEqual == (true, true))

            async let waiting = error { _ = try await connection.receive(1) }
            try await client.eventLoop.sleep(for: .milliseconds(20))
            await connection.close()
            #expect(await waiting == .closed)
        }.value
    }

    @Test func `a reset is told apart from an end`() async throws {
        let isWritten = Shared(false)
        try await connected { server in
            // Unread bytes make the kernel send a reset instead of a FIN.
            while !isWritten.value { try await server.eventLoop.sleep(for: .milliseconds(1)) }
            server.close()
        } client: { client in
            try await client.write(pattern(10_000))
            isWritten.value = true
            let failure = await error { _ = try await client.takeAll() }
            guard case .disconnected(.read, _) = failure else {
                Issue.record("got \(String(describing: failure))")
                return
            }
        }
    }

    @Test func `a pooled connection shows that it is not silent`() async throws {
        try await connected { server in
            _ = try await server.take(1)
            try await server.write([9])
            _ = try await server.take(1)
        } client: { client in
            #expect(!client.hasInputOrEnd())
            try await client.write([1])
            let answer = try await client.take(1)
            #expect(answer == [9])
            #expect(!client.hasInputOrEnd())
            try await client.write([1])
            while !client.hasInputOrEnd() { try await client.eventLoop.sleep(for: .milliseconds(1)) }
            #expect(client.input.isEmpty)
        }
    }

    @Test func `a closed stream says so`() async throws {
        try await connected { server in
            _ = try await server.takeAll()
        } client: { client in
            client.close()
            client.close()
            #expect(client.isClosed)
            #expect(await error { try await client.write([1]) } == .closed)
            #expect(await error { _ = try await client.fill() } == .closed)
            #expect(await error { try await client.finishWriting() } == .closed)
        }
    }

    @Test func `a busy stream lets the others run`() async throws {
        let loop = try EventLoop(name: "fair")
        let listener = try listener(on: loop)
        try await Task(executorPreference: loop) {
            async let accepted = listener.accept()
            let client = try await Dialer().connect(to: [listener.address], on: loop, deadline: soon)
            let server = try await accepted
            let ticks = Shared(0)
            let isDone = Shared(false)
            let ticker = Task(executorPreference: loop) {
                while !isDone.value {
                    ticks.change { $0 += 1 }
                    await loop.yield()
                }
            }
            let reader = Task(executorPreference: loop) {
                let stream = try server.stream(on: loop)
                return try await stream.take(50 << 20).count
            }
            try await client.write([UInt8](repeating: 1, count: 50 << 20), deadline: soon)
            let count = try await reader.value
            isDone.value = true
            await ticker.value
            #expect(count == 50 << 20)
            #expect(ticks.value >= 100)
        }.value
        await loop.shutdown()
    }

    @Test func `an unused socket is closed`() async throws {
        try await connected(listener: nil) { server in
            let end = try await server.takeAll()
            #expect(end.isEmpty)
        } client: { _ in
        }
        let loop = try eventLoop()
        let listener = try listener()
        let count = Task(executorPreference: loop) {
            let client = try await Dialer().connect(to: [listener.address], on: loop, deadline: soon)
            return try await client.fill(deadline: soon)
        }
        _ = try await listener.accept()
        #expect(try await count.value == 0)
    }
}
