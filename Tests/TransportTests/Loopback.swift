import Glibc
import Synchronization
import Testing
import Transport
import Wire

/// The loops that all suites share: two threads, as in production.
let loops = Result { () throws(TransportError) in try EventLoopGroup(loops: 2) }

func eventLoop(_ index: Int = 0) throws -> EventLoop { try loops.get().loops[index] }

func listener(on loop: EventLoop? = nil, host: String = "127.0.0.1", backlog: Int = 128) throws -> Listener {
    try Listener.bind(host: host, port: 0, backlog: backlog, on: loop ?? eventLoop())
}

/// Runs both ends of one connection, the server's on the other loop, and waits for both.
func connected(
    listener given: Listener? = nil, security: Dialer.Security = .none,
    server: @escaping @Sendable (sending ByteStream) async throws -> Void,
    client: @escaping @Sendable (sending ByteStream) async throws -> Void
) async throws {
    let listener = try given ?? Loopback.listener()
    let (home, away) = (try eventLoop(0), try eventLoop(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(executorPreference: away) {
            try await server(try await listener.accept().stream(on: away))
        }
        group.addTask(executorPreference: home) {
            let stream = try await Dialer().connect(
                host: "127.0.0.1", port: listener.address.port, security: security, on: home, deadline: soon)
            try await client(stream)
        }
        try await group.waitForAll()
    }
}

enum Loopback {
    static func listener() throws -> Listener { try TransportTests.listener() }
}

/// Long enough for a busy machine; only a failure waits for it.
var soon: Deadline { .after(.seconds(30)) }

extension ByteStream {
    /// Reads exactly that much; less only where the stream ends.
    nonisolated(nonsending) func take(_ count: Int) async throws(TransportError) -> [UInt8] {
        while input.count < count {
            guard try await fill(deadline: soon) > 0 else { break }
        }
        return input.take(min(count, input.count))
    }

    /// Reads to the end.
    nonisolated(nonsending) func takeAll() async throws(TransportError) -> [UInt8] {
        while try await fill(deadline: soon) > 0 {}
        return input.takeAll()
    }

    /// Gives back all that comes, to the end.
    nonisolated(nonsending) func echo() async throws(TransportError) {
        var buffer = InputBuffer()
        while try await read(into: &buffer, deadline: soon) > 0 {
            try await write(buffer.takeAll(), deadline: soon)
        }
        try await finishWriting(deadline: soon)
    }
}

func error(_ body: () async throws -> Void) async -> TransportError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? TransportError
    }
}

/// The same numbers on each run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A locked value that closures may share; a `Mutex` cannot be captured by a task.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value {
        get { mutex.withLock { $0 } }
        set { mutex.withLock { $0 = newValue } }
    }

    func change(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}

/// Bytes that show where they belong.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(state: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        let word = generator.next()
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * shift))) }
    }
    return Array(bytes.prefix(count))
}
