import Glibc
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(1))) struct DialerTests {
    /// A listener that answers nobody, because its backlog is full.
    ///
    /// The streams must be kept.
    private func blackHole(host: String = "127.0.0.1", on loop: EventLoop) async throws -> (
        Listener, [Task<Void, Never>]
    ) {
        let listener = try listener(on: loop, host: host, backlog: 0)
        var held: [Task<Void, Never>] = []
        for _ in 0..<20 {
            let isConnected = OneSignal()
            held.append(
                Task(executorPreference: loop) {
                    let stream = try? await Dialer().connect(
                        to: [listener.address], on: loop, deadline: .after(.seconds(1)))
                    isConnected.set(stream != nil)
                    try? await loop.sleep(for: .seconds(30))
                    stream?.close()
                })
            if await !isConnected.value() { break }
        }
        return (listener, held)
    }

    @Test func `each phase ends at the deadline: connect`() async throws {
        let loop = try eventLoop()
        let (hole, held) = try await blackHole(on: loop)
        let start = Deadline.now
        let failure = await error {
            _ = try await Dialer().connect(
                to: [hole.address], on: loop, deadline: start.advanced(by: .milliseconds(50)))
        }
        #expect(failure == .deadlineExceeded(.connect))
        #expect(Deadline.now.duration(since: start) >= .milliseconds(50))
        for task in held { task.cancel() }
        hole.close()
    }

    @Test func `each phase ends at the deadline: resolve`() async throws {
        let loop = try eventLoop()
        let isReleased = Shared(false)
        let running = Shared(0)
        // All threads of the resolver are busy until the test is over.
        let busy = (0..<16).map { _ in
            Task {
                try await BlockingPool.resolver.run {
                    running.change { $0 += 1 }
                    // Sound: occupies a thread of the blocking pool until the test lets it go.
                    while !isReleased.value { usleep(1000) }
                }
            }
        }
        while running.value < busy.count { await Task.yield() }
        let failure = await error {
            _ = try await Dialer().connect(host: "localhost", port: 1, on: loop, deadline: .after(.milliseconds(50)))
        }
        isReleased.value = true
        for task in busy { try await task.value }
        #expect(failure == .deadlineExceeded(.resolve))
    }

    @Test func `each phase ends at the deadline: handshake`() async throws {
        let context = try TLSContext.client()
        let loop = try eventLoop()
        let listener = try listener()
        let failure = await error {
            _ = try await Dialer().connect(
                host: "127.0.0.1", port: listener.address.port, security: .tls(context), on: loop,
                deadline: .after(.milliseconds(50)))
        }
        #expect(failure == .deadlineExceeded(.handshake))
    }

    @Test func `each phase ends at the deadline: read`() async throws {
        try await connected { server in
            _ = try await server.takeAll()
        } client: { client in
            let failure = await error { _ = try await client.fill(deadline: .after(.milliseconds(20))) }
            #expect(failure == .deadlineExceeded(.read))
            // A deadline that moved on is the one that counts, and the stream is still good.
            let start = Deadline.now
            let second = await error { _ = try await client.fill(deadline: start.advanced(by: .milliseconds(40))) }
            #expect(second == .deadlineExceeded(.read))
            #expect(Deadline.now.duration(since: start) >= .milliseconds(40))
        }
    }

    @Test func `a later deadline after an earlier one is kept`() async throws {
        try await connected { server in
            _ = try await server.take(1)
            try await server.write([1])
            _ = try await server.take(1)
            // Past the first deadline, whose timer was left armed and fires in the second wait, which must not end.
            try await server.eventLoop.sleep(for: .milliseconds(5200))
            try await server.write([2])
        } client: { client in
            for limit in [5000, 30_000] {
                try await client.write([1])
                let count = try await client.fill(deadline: .after(.milliseconds(limit)))
                #expect(count == 1)
                _ = client.input.takeAll()
            }
        }
    }

    @Test func `nobody listens`() async throws {
        let free = try listener()
        free.close()
        let loop = try eventLoop()
        #expect(
            await error { _ = try await Dialer().connect(to: [free.address], on: loop, deadline: soon) }
                == .connectionRefused)
        #expect(
            await error {
                _ = try await Dialer().connect(host: "127.0.0.1", port: free.address.port, on: loop, deadline: soon)
            }
                == .connectionRefused)
    }

    @Test(arguments: ["", "a b", "nul\u{0}", String(repeating: "a", count: 300)])
    func `what is no host name has no address`(host: String) async throws {
        let loop = try eventLoop()
        #expect(
            await error { _ = try await Dialer().connect(host: host, port: 1, on: loop, deadline: soon) }
                == .resolveFailed(.noSuchHost))
    }

    @Test func `a name is looked up`() async throws {
        let listener = try listener()
        let loop = try eventLoop()
        let accepted = Task { try await listener.accept().peer.ip.isLoopback }
        let peer = try await Task(executorPreference: loop) {
            let stream = try await Dialer().connect(
                host: "localhost", port: listener.address.port, on: loop, deadline: soon)
            return stream.peer
        }.value
        #expect(peer.port == listener.address.port && peer.ip.isLoopback)
        #expect(try await accepted.value)
    }

    @Test func `what the filter refuses is not dialled`() async throws {
        let listener = try listener()
        let loop = try eventLoop()
        let seen = Shared<[SocketAddress]>([])
        let dialer = Dialer { address in
            seen.change { $0.append(address) }
            return !address.ip.isLoopback
        }
        #expect(
            await error {
                _ = try await dialer.connect(host: "localhost", port: listener.address.port, on: loop, deadline: soon)
            } == .addressForbidden)
        #expect(seen.value.contains { $0.port == listener.address.port })
    }

    @Test func `the address that answers wins`() async throws {
        let loop = try eventLoop()
        let (hole, held) = try await blackHole(host: "::1", on: loop)
        let good = try listener(on: loop)
        let closed = try listener(on: loop)
        closed.close()
        let before = loop.registrationCount
        // One that never answers, one that refuses, one that is there: the head start of the first must pass.
        let start = Deadline.now
        let peer = try await Task(executorPreference: loop) {
            let stream = try await Dialer(attemptDelay: .milliseconds(50)).connect(
                to: [hole.address, closed.address, good.address], on: loop, deadline: soon)
            return stream.peer
        }.value
        #expect(peer == good.address)
        let waited = Deadline.now.duration(since: start)
        #expect(waited >= .milliseconds(50) && waited < .seconds(20))
        // The attempt that lost is gone.
        #expect(loop.registrationCount <= before + 40)
        for task in held { task.cancel() }
        hole.close()
    }

    @Test func `a refused address does not cost its head start`() async throws {
        let loop = try eventLoop()
        let closed = try listener(on: loop, host: "::1")
        closed.close()
        let good = try listener(on: loop)
        let start = Deadline.now
        _ = try await Task(executorPreference: loop) {
            try await Dialer(attemptDelay: .seconds(30)).connect(
                to: [closed.address, good.address], on: loop, deadline: soon
            ).peer
        }.value
        #expect(Deadline.now.duration(since: start) < .seconds(15))
    }

    @Test func `cancelling stops all attempts`() async throws {
        let loop = try EventLoop(name: "cancel")
        let (hole, held) = try await blackHole(on: loop)
        let (other, alsoHeld) = try await blackHole(host: "::1", on: loop)
        for task in held + alsoHeld { task.cancel() }
        for task in held + alsoHeld { await task.value }
        let before = loop.registrationCount
        let dialling = Task(executorPreference: loop) {
            await error {
                _ = try await Dialer(attemptDelay: .milliseconds(1)).connect(
                    to: [hole.address, other.address], on: loop, deadline: soon)
            }
        }
        // Both attempts are under way, or already succeeded since the backlog drained: cancel in either case ends it.
        try await loop.sleep(for: .milliseconds(20))
        dialling.cancel()
        let outcome = await dialling.value
        #expect(outcome == .cancelled || outcome == nil)
        #expect(loop.registrationCount == before)
        await loop.shutdown()
    }

    @Test func `a port in use is named`() throws {
        let first = try listener()
        #expect(throws: TransportError.addressInUse) {
            try Listener.bind(host: "127.0.0.1", port: first.address.port, on: try eventLoop())
        }
        #expect(first.address.port != 0)
    }
}

/// A value that comes once, for tests.
final class OneSignal: Sendable {
    private let stream: AsyncStream<Bool>
    private let continuation: AsyncStream<Bool>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func set(_ value: Bool) {
        continuation.yield(value)
        continuation.finish()
    }

    func value() async -> Bool {
        for await value in stream { return value }
        return false
    }
}
