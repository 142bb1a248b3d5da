import MIME
import MailClient
import Model
import POP3
import Synchronization
import Testing
import Transport

/// The one session at a maildrop, before a server that does as it is told.
@Suite(.timeLimit(.minutes(1))) struct MaildropTests {
    private typealias Step = IMAPTestServer.Step

    /// Greeting, no CAPA, USER, and this answer to PASS.
    private static func login(_ answer: String = "+OK\r\n") -> [IMAPTestServer.Step] {
        [.say("+OK hi\r\n"), .hear, .say("-ERR\r\n"), .hear, .say("+OK\r\n"), .hear, .say(answer)]
    }

    private static let locked = login("-ERR [IN-USE] somebody is here\r\n")
    private static let rules: [(String, String)] = [
        ("LIST", "+OK\r\n1 10\r\n2 20\r\n.\r\n"), ("UIDL", "+OK\r\n1 a\r\n2 b\r\n.\r\n"),
        ("TOP", "+OK\r\nSubject: x\r\n\r\n.\r\n"), ("DELE", "+OK\r\n"), ("QUIT", "+OK bye\r\n"),
    ]

    private func maildrop(
        _ server: IMAPTestServer, _ loops: EventLoopGroup, patience: Duration = .seconds(20)
    ) -> Maildrop {
        var settings = Maildrop.Settings()
        settings.lockPause = .milliseconds(1)
        settings.lockPatience = patience
        return Maildrop(server.login(), loops: loops, settings: settings)
    }

    private func with(
        _ scripts: [[IMAPTestServer.Step]], patience: Duration = .seconds(20),
        _ body: (Maildrop, IMAPTestServer) async throws -> Void
    ) async throws {
        let loops = try EventLoopGroup(loops: 1)
        let server = try IMAPTestServer(on: loops.next(), playing: scripts)
        defer { server.stop() }
        try await body(maildrop(server, loops, patience: patience), server)
    }

    @Test func `a maildrop that somebody else has is asked for again`() async throws {
        try await with([Self.locked, Self.locked, Self.login() + [.serve(Self.rules)]]) { maildrop, server in
            let ids = try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                try await lease.listing().map(\.uniqueID)
            }
            #expect(ids == ["a", "b"])
            #expect(server.seen.connections == 3)
            #expect(server.seen.lines.last == "QUIT", "it does not idle")
        }
    }

    @Test func `and given up in time, without calling the server unreachable`() async throws {
        try await with([Self.locked], patience: .milliseconds(50)) { maildrop, _ in
            let error = await #expect(throws: MailClientError.self) {
                try await maildrop.withSession(deadline: .after(.seconds(20))) { _ in }
            }
            #expect(error?.isBusyMaildrop == true)
        }
    }

    @Test func `who waits behind one that the server does not let in is told the same`() async throws {
        // The last of them says nothing at all.
        let scripts = Array(repeating: Self.locked, count: 3) + [[.hear]]
        try await with(scripts) { maildrop, server in
            async let first: Void = maildrop.withSession(deadline: .after(.seconds(20))) { _ in }
            while server.seen.connections < 4 { try await ContinuousClock().sleep(for: .milliseconds(5)) }
            let error = await #expect(throws: MailClientError.self) {
                try await maildrop.withSession(deadline: .after(.milliseconds(50))) { _ in }
            }
            #expect(error?.isBusyMaildrop == true)
            maildrop.close()
            server.stop()
            _ = try? await first
        }
    }

    /// RFC 2449, 8.1.1: only whoever was let in may be told so; words, and a server that says it to anybody, prove nothing.
    @Test(arguments: [
        (MaildropTests.login("-ERR [IN-USE] somebody is here\r\n"), true),
        (MaildropTests.login("-ERR mailbox locked by another POP3\r\n"), false),
        ([.say("-ERR [IN-USE] no\r\n")], false),
        ([.say("+OK hi\r\n"), .hear, .say("-ERR\r\n"), .hear, .say("-ERR [IN-USE] no\r\n")], false),
    ]) func `that the maildrop is in use verifies a login only behind the password`(
        script: [IMAPTestServer.Step], isVerified: Bool
    ) async throws {
        let loops = try EventLoopGroup(loops: 1)
        let server = try IMAPTestServer(on: loops.next(), script)
        defer { server.stop() }
        let error = await AccountSessions.probe(
            .pop3, server.login(), dialer: MailDialer(), loops: loops, deadline: .now + .seconds(20))
        #expect(error?.code == (isVerified ? nil : "unavailable"))
    }

    @Test func `a login that came too early is not tried again before its time`() async throws {
        let early: [IMAPTestServer.Step] = [
            .say("+OK hi\r\n"), .hear, .say("+OK\r\nUSER\r\nRESP-CODES\r\nLOGIN-DELAY 900\r\n.\r\n"), .hear,
            .say("+OK\r\n"), .hear, .say("-ERR [LOGIN-DELAY] too early\r\n"),
        ]
        try await with([early]) { maildrop, server in
            for _ in 0..<3 {
                let error = await #expect(throws: MailClientError.self) {
                    try await maildrop.withSession(deadline: .after(.seconds(20))) { _ in }
                }
                #expect(error?.isBusyMaildrop == true)
                #expect(error?.suggestedPause.map { (800...900).contains($0.components.seconds) } == true)
            }
            #expect(server.seen.connections == 1)
        }
    }

    @Test(arguments: [
        (
            "-ERR some deleted messages not removed\r\n",
            MailClientError.rejected(.pop3, code: nil, text: "some deleted messages not removed")
        ),
        ("!", .disconnected(.pop3, text: nil)),
    ])
    func `deleted is what a confirmed QUIT has deleted`(answer: String, error: MailClientError) async throws {
        let rules = Self.rules.filter { $0.0 != "QUIT" } + [("QUIT", answer)]
        try await with([Self.login() + [.serve(rules)]]) { maildrop, _ in
            await #expect(throws: error) {
                try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                    try await lease.delete([1]) { Set($0.keys) }
                }
            }
        }
        try await with([Self.login() + [.serve(Self.rules)]]) { maildrop, server in
            let taken = try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                try await lease.delete([1, 2]) { headers in
                    headers[2] == Array("Subject: x\r\n\r\n".utf8) ? [2] : []
                }
            }
            #expect(taken == [2])
            #expect(server.seen.lines.filter { $0.hasPrefix("DELE") } == ["DELE 2"])
        }
    }

    /// RFC 1939, 6: without QUIT nothing is removed.
    @Test func `what fails in between is not followed by QUIT`() async throws {
        struct Failure: Error {}
        try await with([Self.login() + [.serve(Self.rules)]]) { maildrop, server in
            await #expect(throws: Failure.self) {
                try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                    _ = try await lease.delete([1]) { Set($0.keys) }
                    throw Failure()
                }
            }
            #expect(!server.seen.lines.contains("QUIT"))
        }
    }

    /// A node that slept: another may have taken the maildrop over, and decided otherwise.
    @Test func `nothing is deleted once the turn is another node's`() async throws {
        let loops = try EventLoopGroup(loops: 1)
        let server = try IMAPTestServer(on: loops.next(), playing: [Self.login() + [.serve(Self.rules)]])
        defer { server.stop() }
        let isOurs = Mutex(true)
        let ends = Mutex(0)
        let maildrop = Maildrop(server.login(), loops: loops) { _ in
            MaildropTurn(
                isOurs: { isOurs.withLock { $0 } }, isWanted: { false }, end: { ends.withLock { $0 += 1 } })
        }
        let error = await #expect(throws: MailClientError.self) {
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                _ = try await lease.delete([1]) { Set($0.keys) }
                isOurs.withLock { $0 = false }
            }
        }
        #expect(error?.isBusyMaildrop == true)
        #expect(server.seen.lines.contains("DELE 1") && !server.seen.lines.contains("QUIT"))
        #expect(ends.withLock { $0 } == 1)
    }

    @Test func `who waits takes the session over as it is`() async throws {
        try await with([Self.login() + [.serve(Self.rules)]]) { maildrop, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                            // The first holds it until all others stand in line.
                            while server.seen.lines.allSatisfy({ $0 != "LIST" }), maildrop.status.waiting < 7 {
                                await Task.yield()
                            }
                            _ = try await lease.listing()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.seen.connections == 1)
            #expect(server.seen.lines.filter { $0 == "LIST" }.count == 1, "it was listed once")
            #expect(server.seen.lines.last == "QUIT")
        }
    }

    @Test func `a server without TOP is asked for whole messages, of which the header is kept`() async throws {
        let rules: [(String, String)] = [
            ("TOP", "-ERR unknown command\r\n"), ("RETR", "+OK\r\nSubject: x\r\nTo: y\r\n\r\nbody\r\n.\r\n"),
            ("QUIT", "+OK\r\n"),
        ]
        try await with([Self.login() + [.serve(rules)]]) { maildrop, _ in
            let headers = try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                try await lease.headers(of: [1, 2])
            }
            #expect(
                headers == [1: Array("Subject: x\r\nTo: y\r\n\r\n".utf8), 2: Array("Subject: x\r\nTo: y\r\n\r\n".utf8)])
        }
    }

    @Test func `large messages are read without being held`() async throws {
        let line = String(repeating: "QUJD", count: 18)
        let body = String(repeating: line + "\r\n", count: 3_000)
        let message =
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: image/png\r\n\r\n\(body)--b--\r\n"
        let rules: [(String, String)] = [("RETR", "+OK\r\n\(message).\r\n"), ("QUIT", "+OK\r\n")]
        try await with([Self.login() + [.serve(rules)]]) { maildrop, _ in
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                let content = try #require(try await lease.content(of: 1, holding: 1_000))
                #expect(!content.isWhole && content.size == message.utf8.count)
                let index = try #require(content.parsed.index(number: "2"))
                let range = content.range(of: content.parsed.parts[index])
                #expect(range.count == body.utf8.count - 2)
                let pieces = try await lease.pieces([range.lowerBound..<range.lowerBound + 72, 0..<12], of: 1)
                #expect(pieces == [Array(line.utf8), Array("Content-Type".utf8)])
                let streamed = Mutex<[UInt8]>([])
                let isThere = try await lease.stream(range, of: 1) { octets in streamed.withLock { $0 += octets } }
                #expect(isThere && streamed.withLock { $0 } == Array(body.utf8.dropLast(2)))
                let whole = try #require(try await lease.content(of: 1, holding: 1 << 20))
                #expect(whole.isWhole && whole.range(of: whole.parsed.parts[index]) == range)
            }
        }
    }
}
