import HTTP
import HTTPServer
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)))
struct ConversationTests {
    @Test func `answers GET, HEAD, OPTIONS, and says what it does not know`() async throws {
        try await TestServer.with { server in
            let client = try await server.client()
            let get = try await client.get("/hello")
            #expect(get.status == 200 && get.text == "hello" && get.fields[.contentType] == "text/plain")
            #expect(get.fields[.date].flatMap(HTTPDate.parse) != nil)
            try await client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try await client.receive(to: .head)
            #expect(head.status == 200 && head.fields[.contentLength] == "5" && head.body.isEmpty)
            try await client.send("OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let options = try await client.receive()
            #expect(options.status == 204 && options.fields[.allow] == "GET, HEAD, OPTIONS")
            try await client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
            let all = try await client.receive()
            #expect(all.status == 204 && all.fields[.allow] == "GET, HEAD, POST, OPTIONS")
            try await client.send("DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n")
            let delete = try await client.receive()
            #expect(delete.status == 405 && delete.fields[.allow] == "POST, OPTIONS")
            try await client.send("BREW /echo HTTP/1.1\r\nHost: a\r\n\r\n")
            let brew = try await client.receive()
            #expect(brew.status == 405)
            let missing = try await client.get("/nothing")
            #expect(missing.status == 404)
            let failed = try await client.get("/fail")
            #expect(failed.status == 500 && !failed.text.contains("Failure"))
            let parameter = try await client.get("/items/a%2Fb%20%C3%A9?x=y")
            #expect(parameter.text == "a/b é")
            try await client.send("GET http://elsewhere/hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let absolute = try await client.receive()
            #expect(absolute.text == "hello")
        }
    }

    @Test(arguments: [
        (400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (400, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        (400, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"),
        (400, "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n"),
        (400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"),
        (400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n"),
        (400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\n\r\n"),
        (400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\0\r\n\r\n"),
        (400, "GET /hello HTTP/1.1\r\n\r\n"),
        (400, "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        (400, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        (414, "GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
        (431, "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 20_000) + "\r\n\r\n"),
        (431, "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 200) + "\r\n"),
        (417, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: x\r\n\r\n"),
        (505, "GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
    ])
    func `refuses and closes`(status: Int, text: String) async throws {
        try await TestServer.with { server in
            let client = try await server.client()
            try await client.send(text + "GET /hello HTTP/1.1\r\nHost: smuggled\r\n\r\n")
            let answer = try await client.receive()
            #expect(answer.status == status)
            #expect(answer.fields[.connection] == "close" && answer.fields[.requestID] != nil)
            let more = try await client.waitForClose()
            #expect(more == 0)
        }
    }

    @Test func `answers in order however the requests are cut`() async throws {
        let text =
            "GET /items/1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"
            + "POST /mirror HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            + "GET /items/4 HTTP/1.1\r\nHost: a\r\n\r\n"
        try await TestServer.with { server in
            let client = try await server.client()
            for cut in 0...text.utf8.count {
                let bytes = Array(text.utf8)
                try await client.send(Array(bytes[..<cut]))
                await client.eventLoop.yield()
                try await client.send(Array(bytes[cut...]))
                var bodies: [String] = []
                for _ in 0..<4 { bodies.append(try await client.receive().text) }
                #expect(bodies == ["1", "ok", "abc", "4"])
            }
        }
    }

    @Test func `keeps the order of many pipelined requests`() async throws {
        try await TestServer.with { server in
            let client = try await server.client()
            let all = (0..<300).map { "GET /items/\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
            try await client.send(all)
            for number in 0..<300 {
                let answer = try await client.receive()
                #expect(answer.text == "\(number)")
            }
        }
    }

    @Test func `speaks HTTP 1.0`() async throws {
        try await TestServer.with { server in
            let client = try await server.client()
            try await client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let kept = try await client.receive()
            #expect(kept.fields[.connection] == "keep-alive")
            try await client.send("POST /mirror HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc")
            let closed = try await client.receive()
            #expect(closed.text == "abc" && closed.fields[.transferEncoding] == nil)
            try await client.waitForClose()
        }
    }

    @Test func `names each request`() async throws {
        try await TestServer.with { server in
            let client = try await server.client()
            let own = try await client.get("/hello", fields: "X-Request-Id: my-id_1\r\n")
            #expect(own.fields[.requestID] == "my-id_1")
            let first = try await client.get("/hello").fields[.requestID]
            let second = try await client.get("/hello").fields[.requestID]
            #expect(first != second && first?.utf8.count == 15)
            for bad in ["a b", "é", String(repeating: "a", count: 129), ""] {
                let answer = try await client.get("/hello", fields: "X-Request-Id: \(bad)\r\n")
                #expect(answer.fields[.requestID]?.utf8.count == 15)
            }
        }
    }

    @Test func `speaks TLS`() async throws {
        let identity = try TestIdentity()
        try await TestServer.with {
            $0.tls = identity.server
        } _: { server in
            let client = try await server.client(tls: TLSContext.client(identity.client))
            for _ in 0..<3 {
                let answer = try await client.get("/hello")
                #expect(answer.text == "hello")
            }
            let plain = try await server.client()
            try await plain.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            try await plain.waitForClose()
            let again = try await client.get("/hello")
            #expect(again.status == 200)
        }
    }
}
