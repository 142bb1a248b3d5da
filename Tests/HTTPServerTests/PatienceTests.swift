import HTTP
import HTTPServer
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)))
struct PatienceTests {
    @Test func `ends a head that does not come`() async throws {
        try await TestServer.with {
            // Enough for a busy machine to read what was sent.
            $0.headTimeout = .seconds(3)
        } _: { server in
            let silent = try await server.client()
            let slow = try await server.client()
            try await slow.send("GET /hello HT")
            let answer = try await slow.receive()
            #expect(answer.status == 408 && answer.fields[.connection] == "close")
            try await slow.waitForClose()
            let octets = try await silent.waitForClose()
            #expect(octets == 0)
        }
    }

    /// Each head has its own time, also one that began to come while the answer before it took longer than that.
    @Test func `a head has all of its time, whatever the one before it took`() async throws {
        let gate = Signal()
        try await TestServer.with {
            $0.headTimeout = .seconds(3)
        } routes: { router in
            router.onWait(gate)
        } _: { server in
            let client = try await server.client()
            try await client.send("GET /wait HTTP/1.1\r\nHo")
            try await server.waitUntilAllIsRead()
            try await client.send("st: a\r\n\r\nGET /wait HT")
            try await server.waitUntilAllIsRead()
            // Sound: the time of the first head is to be over.
            try await client.eventLoop.sleep(for: .milliseconds(3100))
            gate.fire()
            let first = try await client.receive()
            try await client.send("TP/1.1\r\nHost: a\r\n\r\n")
            let second = try await client.receive()
            #expect(first.text == "late" && second.status == 200)
        }
    }

    @Test func `closes an idle connection without a word`() async throws {
        try await TestServer.with {
            $0.idleTimeout = .milliseconds(150)
        } _: { server in
            let client = try await server.client()
            _ = try await client.get("/hello")
            let octets = try await client.waitForClose()
            #expect(octets == 0)
        }
    }

    @Test func `ends a body that does not come`() async throws {
        try await TestServer.with {
            $0.bodyTimeout = .milliseconds(150)
        } _: { server in
            let client = try await server.client()
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na")
            let answer = try await client.receive()
            #expect(answer.status == 408 && answer.fields[.connection] == "close")
            try await client.waitForClose()
        }
    }

    @Test func `ends a body that trickles`() async throws {
        try await TestServer.with {
            $0.bodyTimeout = .milliseconds(200)
            $0.minimumBodyRate = 1000
        } _: { server in
            let client = try await server.client()
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n")
            let trickling = Task {
                while true {
                    try await client.send("a")
                    try await client.eventLoop.sleep(for: .milliseconds(20))
                }
            }
            let answer = try await client.receive()
            trickling.cancel()
            #expect(answer.status == 408)
        }
    }

    @Test func `answers a client that closed only its sending side`() async throws {
        let gate = Signal()
        try await TestServer.with {
            $0.clientCheckInterval = .milliseconds(10)
        } routes: { router in
            router.onWait(gate)
        } _: { server in
            let client = try await server.client()
            try await client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.finishWriting()
            try await server.waitUntilAllIsRead(.closeWait)
            gate.fire()
            let answer = try await client.receive()
            #expect(answer.text == "late")
        }
    }

    @Test func `cancels the handler of a client that went away`() async throws {
        let (started, cancelled) = (Signal(), Signal())
        try await TestServer.with {
            $0.clientCheckInterval = .milliseconds(10)
            $0.halfCloseGrace = .milliseconds(50)
        } routes: { router in
            router.on(.get, "/events", name: "events") { _ in
                HTTPResponse(
                    .ok,
                    body: .stream(length: nil) { writer in
                        try await writer.write(Array("data: 1\n\n".utf8))
                        started.fire()
                        await waitForCancellation()
                        cancelled.fire()
                    })
            }
        } _: { server in
            let client = try await server.client()
            try await client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.wait()
            await client.close()
            await cancelled.wait()
            while server.server.connectionCount > 0 { try await server.loops.next().sleep(for: .milliseconds(5)) }
        }
    }

    @Test func `keeps a next request that came while the first was served`() async throws {
        let gate = Signal()
        try await TestServer.with {
            $0.clientCheckInterval = .milliseconds(10)
        } routes: { router in
            TestServer.standardRoutes(&router)
            router.on(.get, "/wait", name: "wait") { _ in
                await gate.wait()
                return HTTPResponse(.noContent)
            }
        } _: { server in
            let client = try await server.client()
            try await client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.waitUntilAllIsRead()
            try await client.send("GET /items/2 HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.waitUntilAllIsRead()
            gate.fire()
            let first = try await client.receive()
            let second = try await client.receive()
            #expect(first.status == 204 && second.text == "2")
        }
    }

    @Test func `gives up a client that does not read`() async throws {
        let ended = Signal()
        let failure = Mutex<(any Error)?>(nil)
        try await TestServer.with {
            $0.writeTimeout = .milliseconds(200)
        } routes: { router in
            router.on(.get, "/flood", name: "flood") { _ in
                HTTPResponse(
                    .ok,
                    body: .stream(length: nil) { writer in
                        defer { ended.fire() }
                        do {
                            while true { try await writer.write([UInt8](repeating: 0, count: 65_536)) }
                        } catch {
                            failure.withLock { $0 = error }
                            throw error
                        }
                    })
            }
        } _: { server in
            let client = try await server.client()
            try await client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
            await ended.wait()
            #expect(failure.withLock { $0 as? HTTPServerError } == .clientGone)
        }
    }
}
