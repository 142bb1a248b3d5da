import HTTP
import HTTPServer
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct LoadTests {
    @Test func `goes on answering while 200 clients send their heads slowly`() async throws {
        try await TestServer.with {
            $0.headTimeout = .seconds(8)
        } _: { server in
            var slow: [TestClient] = []
            for _ in 0..<200 {
                let client = try await server.client()
                try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: ")
                slow.append(client)
            }
            let client = try await server.client()
            for _ in 0..<200 {
                let answer = try await client.get("/hello")
                #expect(answer.status == 200)
            }
            #expect(server.server.connectionCount == 201)
            for client in slow {
                let answer = try await client.receive()
                #expect(answer.status == 408)
            }
        }
    }

    @Test func `serves 1,000 keep-alive clients at once`() async throws {
        try await TestServer.with { server in
            var clients: [TestClient] = []
            for _ in 0..<1000 { clients.append(try await server.client()) }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for (number, client) in clients.enumerated() {
                    group.addTask {
                        var right = 0
                        for round in 0..<5 {
                            let answer = try await client.get("/items/\(number)-\(round)")
                            if answer.text == "\(number)-\(round)" { right += 1 }
                        }
                        return right
                    }
                }
                var right = 0
                for try await count in group { right += count }
                #expect(right == 5000)
            }
            #expect(server.server.connectionCount == 1000)
        }
    }

    @Test func `turns away what is over the limit`() async throws {
        try await TestServer.with {
            $0.maximumConnections = 2
        } _: { server in
            let first = try await server.client()
            let second = try await server.client()
            for client in [first, second] {
                let answer = try await client.get("/hello")
                #expect(answer.status == 200)
            }
            let third = try await server.client()
            let answer = try await third.receive()
            #expect(answer.status == 503 && answer.fields[.connection] == "close")
            try await third.waitForClose()
            await second.close()
            while server.server.connectionCount > 1 { try await server.loops.next().sleep(for: .milliseconds(5)) }
            let fourth = try await server.client()
            let served = try await fourth.get("/hello")
            #expect(served.status == 200)
        }
    }

    @Test func `drains on shutdown`() async throws {
        let (started, gate) = (Signal(), Signal())
        try await TestServer.with { _ in
        } routes: { router in
            TestServer.standardRoutes(&router)
            router.on(.get, "/wait", name: "wait") { _ in
                started.fire()
                await gate.wait()
                return HTTPResponse(.ok, type: "text/plain", Array("done".utf8))
            }
        } _: { server in
            let idle = try await server.client()
            _ = try await idle.get("/hello")
            let busy = try await server.client()
            try await busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.wait()
            server.server.shutdown()
            let octets = try await idle.waitForClose()
            #expect(octets == 0)
            await #expect(throws: TransportError.self) { _ = try await server.client() }
            gate.fire()
            let answer = try await busy.receive()
            #expect(answer.text == "done" && answer.fields[.connection] == "close")
            try await busy.waitForClose()
            try await server.running.value
        }
    }

    @Test func `cancels what is still running at the drain deadline`() async throws {
        let (started, cancelled) = (Signal(), Signal())
        try await TestServer.with {
            $0.drainTimeout = .milliseconds(100)
        } routes: { router in
            router.on(.get, "/wait", name: "wait") { _ in
                started.fire()
                await waitForCancellation()
                cancelled.fire()
                return HTTPResponse(.noContent)
            }
        } _: { server in
            let busy = try await server.client()
            try await busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            await started.wait()
            server.server.shutdown()
            await cancelled.wait()
            try await server.running.value
            try await busy.waitForClose()
        }
    }
}
