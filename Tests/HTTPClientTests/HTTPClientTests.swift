import HTTP
import HTTPClient
import MailServers
import Testing
import Transport

@Suite struct `HTTP client` {
    private typealias Server = ScriptedAnswers

    @Test func `keeps a connection and uses it again`() async throws {
        try await Server.with([Server.ok + Server.ok + Server.ok + [.stall]]) { test in
            for _ in 0..<3 {
                let answer = try await test.send()
                #expect(answer.status == .ok && answer.body == Array("ok".utf8) && answer.isComplete)
            }
            #expect(test.server.connectionCount == 1)
            #expect(test.client.connections == (1, 1))
        }
    }

    @Test func `passes over interim answers, and takes chunks apart`() async throws {
        let chunked = Server.answer(
            "HTTP/1.1 103 Early Hints\n\nHTTP/1.1 202 Accepted\nTransfer-Encoding: chunked\n\n3\nabc\n2\nde\n0\n\n")
        try await Server.with([chunked + Server.ok]) { test in
            let answer = try await test.send()
            #expect(answer.status == .accepted && answer.body == Array("abcde".utf8))
            _ = try await test.send()
            #expect(test.server.connectionCount == 1)
        }
    }

    @Test func `gives a redirect as the answer it is`() async throws {
        let redirect = Server.answer("HTTP/1.1 307 x\nLocation: http://127.0.0.1:1/\nContent-Length: 0\n\n")
        try await Server.with([redirect]) { test in
            let answer = try await test.send()
            #expect(answer.status.code == 307)
            #expect(test.server.connectionCount == 1)
        }
    }

    @Test func `reads content that ends with the connection, and uses that no more`() async throws {
        let untilClose = Server.answer("HTTP/1.1 200 OK\n\nall of it") + [.close]
        try await Server.with([untilClose, Server.ok]) { test in
            let answer = try await test.send()
            #expect(answer.body == Array("all of it".utf8) && answer.isComplete)
            _ = try await test.send()
            #expect(test.server.connectionCount == 2)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\nContent-Length: 2\nConnection: close\n\nok",
        // What stands behind an answer belongs to nobody's request.
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nokHTTP/1.1 500 Injected\nContent-Length: 0\n\n",
        "HTTP/1.1 204 No Content\nContent-Length: 30\n\n",
    ])
    func `uses a connection no more where another request could get a wrong answer`(text: String) async throws {
        try await Server.with([Server.answer(text) + [.stall], Server.ok]) { test in
            let first = try await test.send()
            #expect([200, 204].contains(first.status.code))
            #expect(try await test.send().body == Array("ok".utf8))
            #expect(test.server.connectionCount == 2)
        }
    }

    @Test func `keeps a bounded part of a large answer`() async throws {
        let body = String(repeating: "x", count: 5000)
        let large = Server.answer("HTTP/1.1 200 OK\nContent-Length: 5000\n\n" + body)
        try await Server.with([large + Server.ok], keptBody: 100) { test in
            let answer = try await test.send()
            #expect(answer.body.count == 100 && !answer.isComplete)
            _ = try await test.send()
            #expect(test.server.connectionCount == 1)
        }
        try await Server.with([large + [.stall], Server.ok], readBody: 1000) { test in
            let answer = try await test.send()
            #expect(answer.status == .ok && !answer.isComplete)
            #expect(test.client.connections == (0, 0))
            _ = try await test.send()
            #expect(test.server.connectionCount == 2)
        }
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\n", "HTTP/1.1 OK\n\n", "HTTP/1.1 200 OK\nContent-Length: 1\nContent-Length: 2\n\nx",
        "HTTP/1.1 200 OK\nContent-Length: 1\nTransfer-Encoding: chunked\n\n0\n\n",
        "HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n0\n\n", "HTTP/1.1 101 Switching Protocols\nUpgrade: x\n\n",
        "HTTP/1.1 200 OK\nX : y\n\n",
    ])
    func `calls garbage by its name`(text: String) async throws {
        try await Server.with([Server.answer(text) + [.stall]]) { test in
            guard case .malformed = await test.error() else {
                Issue.record("not refused")
                return
            }
            #expect(test.client.connections == (0, 0))
        }
    }

    @Test func `refuses a head without end, and interim answers without end`() async throws {
        let endless =
            Server.request + [.send("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 20_000)), .stall]
        let interim = Server.answer(String(repeating: "HTTP/1.1 100 Continue\n\n", count: 20)) + [.stall]
        try await Server.with([endless, interim]) { test in
            for _ in 0..<2 {
                guard case .malformed = await test.error() else {
                    Issue.record("not refused")
                    return
                }
            }
        }
    }

    @Test func `ends at the deadline where the server says nothing`() async throws {
        try await Server.with([Server.request + [.stall]]) { test in
            #expect(await test.error(within: .milliseconds(500)) == .timedOut(.read))
            #expect(test.client.connections == (0, 0))
        }
    }

    @Test func `knows the answer although its content does not come`() async throws {
        let stalls = Server.answer("HTTP/1.1 200 OK\nContent-Length: 10\n\nabc") + [.stall]
        let breaks = Server.answer("HTTP/1.1 201 Created\nContent-Length: 10\n\nabc") + [.close]
        try await Server.with([stalls, breaks]) { test in
            let first = try await test.send(within: .seconds(30))
            #expect(first.status == .ok && first.body == Array("abc".utf8) && !first.isComplete)
            let second = try await test.send()
            #expect(second.status == .created && !second.isComplete)
        }
    }

    @Test func `says that a connection ended before an answer`() async throws {
        let cut = Server.request + [.send("HTTP/1.1 200 O"), .close]
        try await Server.with([cut, Server.request + [.close]]) { test in
            #expect(await test.error() == .disconnected)
            #expect(await test.error() == .disconnected)
            #expect(test.server.connectionCount == 2)
        }
    }

    @Test func `sends once more where a kept connection was dead, if that does no harm`() async throws {
        // The server reads the second request on the kept connection and leaves without a word.
        let dying = Server.ok + Server.request + [.close]
        try await Server.with([dying, Server.ok]) { test in
            _ = try await test.send()
            #expect(try await test.send().status == .ok)
            #expect(test.server.connectionCount == 2)
        }
        try await Server.with([dying, Server.ok]) { test in
            _ = try await test.send()
            #expect(await test.error(isRepeatable: false) == .disconnected)
            #expect(test.server.connectionCount == 1)
        }
    }

    @Test func `does not dial an address that the policy forbids`() async throws {
        try await Server.with([Server.ok], allowsLocal: false) { test in
            #expect(await test.error() == .addressForbidden)
            #expect(test.server.connectionCount == 0)
        }
    }

    @Test func `closes what nobody used for a while`() async throws {
        try await Server.with([Server.ok + [.stall]], idleTime: .milliseconds(100)) { test in
            _ = try await test.send()
            let loop = test.loops.next()
            let patience = Deadline.after(.seconds(20))
            while test.client.connections.open > 0, !patience.hasPassed { await loop.yield() }
            #expect(test.client.connections == (0, 0))
        }
    }

    @Test func `refuses requests once it is closed`() async throws {
        try await Server.with([Server.ok]) { test in
            await test.client.close()
            #expect(await test.error() == .closed)
        }
    }
}
