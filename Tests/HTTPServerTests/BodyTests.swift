import HTTP
import HTTPServer
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)))
struct BodyTests {
    @Test func `asks for a body when the handler reads it`() async throws {
        try await TestServer.with { server in
            let client = try await server.client()
            let head = "Host: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
            try await client.send("POST /echo HTTP/1.1\r\n" + head)
            let interim = try await client.receive()
            #expect(interim.status == 100)
            try await client.send("abc")
            let answer = try await client.receive()
            #expect(answer.text == "abc" && answer.fields[.connection] == nil)
            try await client.send("POST /ignore HTTP/1.1\r\n" + head)
            let final = try await client.receive()
            #expect(final.status == 204 && final.fields[.connection] == "close")
            try await client.waitForClose()
        }
    }

    @Test func `refuses a body that is too large, announced or not`() async throws {
        try await TestServer.with { server in
            let announced = try await server.client()
            try await announced.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\nExpect: 100-continue\r\n\r\n")
            let early = try await announced.receive()
            #expect(early.status == 413 && early.fields[.connection] == "close")

            let streamed = try await server.client()
            try await streamed.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<3 { try await streamed.send("200\r\n" + String(repeating: "a", count: 512) + "\r\n") }
            let late = try await streamed.receive()
            #expect(late.status == 413)
        }
    }

    @Test func `mirrors a chunked body while it comes`() async throws {
        try await TestServer.with { server in
            let client = try await server.client()
            try await client.send("POST /mirror HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            let piece = String(repeating: "0123456789", count: 1000)
            let sending = Task {
                for _ in 0..<100 { try await client.send("2710\r\n\(piece)\r\n") }
                try await client.send("0\r\n\r\n")
            }
            let answer = try await client.receive(to: .post)
            try await sending.value
            #expect(answer.body.count == 1_000_000 && answer.fields[.transferEncoding] == "chunked")
            let next = try await client.get("/hello")
            #expect(next.text == "hello")
        }
    }

    @Test func `throws away a short body that nobody read`() async throws {
        try await TestServer.with { server in
            let client = try await server.client()
            try await client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n")
            let answer = try await client.receive()
            #expect(answer.status == 204 && answer.fields[.connection] == nil)
            try await client.send([UInt8](repeating: 65, count: 40_000))
            let next = try await client.get("/hello")
            #expect(next.text == "hello")
        }
    }

    @Test func `does not buffer 50 MB for a slow reader`() async throws {
        let accepted = Atomic(0)
        let piece = [UInt8](repeating: 7, count: 65_536)
        try await withStream(length: 800 * piece.count) { writer in
            for _ in 0..<800 {
                try await writer.write(piece)
                accepted.add(piece.count, ordering: .sequentiallyConsistent)
            }
        } _: { server in
            let client = try await server.client()
            try await client.send("GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            // Reads nothing until the handler stands still: that it does is the backpressure.
            var (before, same) = (-1, 0)
            while same < 5 {
                try await client.eventLoop.sleep(for: .milliseconds(10))
                let now = accepted.load(ordering: .sequentiallyConsistent)
                same = now == before ? same + 1 : 0
                before = now
            }
            var received = 0
            var ahead = before
            while let count = try await client.receiveOctets() {
                received += count
                ahead = max(ahead, accepted.load(ordering: .sequentiallyConsistent) - received)
            }
            #expect(received > 800 * piece.count)
            // What the two sockets hold at most; the server itself keeps one piece.
            #expect(ahead < 16 << 20)
        }
    }

    @Test func `breaks the connection when a stream is not what was announced`() async throws {
        for octets in [4, 6] {
            try await withStream(length: 5) { writer in
                try await writer.write([UInt8](repeating: 65, count: octets))
            } _: { server in
                let client = try await server.client()
                try await client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
                await #expect(throws: TransportError.self) { _ = try await client.receive() }
                let other = try await server.client()
                let fine = try await other.get("/hello")
                #expect(fine.status == 200)
            }
        }
    }

    @Test func `a writer that outlives its response is refused`() async throws {
        let kept = Mutex<ResponseWriter?>(nil)
        try await withStream(length: nil) { writer in
            try await writer.write([65])
            try await writer.write([[], [66, 67], []])
            kept.withLock { $0 = writer }
        } _: { server in
            let client = try await server.client()
            let answer = try await client.get("/stream")
            #expect(answer.text == "ABC")
            let writer = try #require(kept.withLock { $0 })
            await #expect(throws: HTTPServerError.exchangeEnded) { try await writer.write([65]) }
        }
    }

    @Test func `a handler's stream does not run for HEAD`() async throws {
        try await withStream(length: 5) { _ in
            Issue.record("the stream ran")
        } _: { server in
            let client = try await server.client()
            try await client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.receive(to: .head)
            #expect(answer.fields[.contentLength] == "5")
        }
    }

    /// A server whose `/stream` is written by `write`.
    private func withStream(
        length: Int?, _ write: @escaping @Sendable (ResponseWriter) async throws -> Void,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.with(
            routes: { router in
                TestServer.standardRoutes(&router)
                router.on(.get, "/stream", name: "stream") { _ in
                    HTTPResponse(.ok, body: .stream(length: length, write))
                }
            }, body)
    }
}
