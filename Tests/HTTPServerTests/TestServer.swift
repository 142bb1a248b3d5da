import Glibc
import HTTP
import HTTPServer
import Logging
import Synchronization
import Transport

/// A running server, and clients of it.
struct TestServer: Sendable {
    let server: HTTPServer
    let loops: EventLoopGroup
    let running: Task<Void, any Error>

    func client(tls: TLSContext? = nil) async throws -> TestClient {
        let client = TestClient(on: loops.next())
        try await client.connect(to: server.address, tls: tls)
        return client
    }

    /// Runs `body` against a server with `routes`, and stops it however that ends.
    static func with(
        logger: Logger = Logger(label: "test"), configure: (inout HTTPServerConfiguration) -> Void = { _ in },
        middleware: [Middleware] = [],
        routes: (inout Router) -> Void = TestServer.standardRoutes, _ body: (TestServer) async throws -> Void
    ) async throws {
        raiseDescriptorLimit()
        let loops = try EventLoopGroup(loops: 2)
        var configuration = HTTPServerConfiguration()
        configuration.logsRequests = false
        configure(&configuration)
        var router = Router()
        routes(&router)
        let server = try HTTPServer(
            Application(router: router, middleware: middleware), configuration: configuration, loops: loops,
            logger: logger)
        let running = Task { try await server.run() }
        var failure: (any Error)?
        do {
            try await body(TestServer(server: server, loops: loops, running: running))
        } catch {
            failure = error
        }
        server.shutdown()
        running.cancel()
        _ = await running.result
        await loops.shutdown()
        if let failure { throw failure }
    }

    static let standardRoutes: @Sendable (inout Router) -> Void = { router in
        router.on(.get, "/hello", name: "hello") { _ in HTTPResponse(.ok, type: "text/plain", Array("hello".utf8)) }
        router.on(.get, "/items/{item}", name: "item") { request in
            HTTPResponse(.ok, type: "text/plain", Array((request.parameters["item"] ?? "-").utf8))
        }
        router.on(.post, "/echo", name: "echo") { request in
            HTTPResponse(.ok, type: "text/plain", try await request.body.collect(upTo: 1000))
        }
        router.on(.post, "/ignore", name: "ignore") { _ in HTTPResponse(.noContent) }
        router.on(.post, "/mirror", name: "mirror") { request in
            let body = request.body
            return HTTPResponse(
                .ok,
                body: .stream(length: nil) { writer in
                    while let part = try await body.next() { try await writer.write(part) }
                })
        }
        router.on(.get, "/fail", name: "fail") { _ in throw Failure() }
    }

    struct Failure: Error {}

    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, 8192)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Something that happens once, and that tests wait for.
final class Signal: Sendable {
    private let state = Mutex((fired: false, waiters: [CheckedContinuation<Void, Never>]()))

    func fire() {
        let waiters = state.withLock { state in
            state.fired = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let fired = state.withLock { state in
                if !state.fired { state.waiters.append(continuation) }
                return state.fired
            }
            if fired { continuation.resume() }
        }
    }
}

/// Waits, without end, until its task is cancelled.
func waitForCancellation() async {
    let cancelled = Signal()
    await withTaskCancellationHandler {
        await cancelled.wait()
    } onCancel: {
        cancelled.fire()
    }
}

extension Router {
    /// A route that answers `late` when it may.
    mutating func onWait(_ gate: Signal) {
        on(.get, "/wait", name: "wait") { _ in
            await gate.wait()
            return HTTPResponse(.ok, type: "text/plain", Array("late".utf8))
        }
    }
}
