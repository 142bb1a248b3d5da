import IMAP
import MailClient
import Model
import Synchronization
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(1))) struct IMAPConnectionTests {
    @Test func `logs in, introduces itself and selects`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .serving())
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        #expect(await connection.serverID == ["name": "Test"])
        #expect(await connection.capabilities.names == ["ID", "IMAP4REV1", "MOVE", "UIDPLUS"])
        let mailbox = try await connection.select(.inbox, deadline: IMAPFixture.soon)
        #expect(mailbox.exists == 3 && mailbox.uidValidity == 7)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon)
        #expect(await connection.isReusable)
        await connection.logout(deadline: IMAPFixture.soon)
        #expect(await !connection.isHealthy)
        #expect(
            server.seen.lines == [
                "A1 AUTHENTICATE PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm", #"A2 ID ("name" "Mailbridge")"#,
                #"A3 SELECT "INBOX""#, "A4 NOOP", "A5 NOOP", "A6 LOGOUT",
            ])
    }

    @Test(arguments: [
        ("* BYE go away\r\n", MailClientError.disconnected(.imap, text: "go away")),
        (
            "* BYE Too many connections from your address\r\n",
            .unavailable(.imap, text: "Too many connections from your address")
        ),
        (
            "220 smtp.example.org ESMTP\r\n",
            .protocolViolation(.imap, detail: "the server's first line is no IMAP greeting")
        ),
        ("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n", .noAuthenticationMechanism(.imap, offered: [])),
        ("* 1 FETCH (BODY[] {99999999999}\r\n", .limitExceeded(.imap, limit: "literal")),
    ])
    func `says why a greeting will not do`(greeting: String, expected: MailClientError) async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, [.say(greeting), .stall])
        defer { server.stop() }
        let error = await IMAPFixture.error { _ = try await IMAPFixture.connect(server) }
        #expect(error == expected)
        try await IMAPFixture.until { server.seen.ended == 1 }
    }

    @Test(arguments: [
        ("NO [AUTHENTICATIONFAILED] wrong", MailClientError.authenticationFailed(.imap, text: "wrong")),
        ("NO nope", .authenticationFailed(.imap, text: "nope")),
        ("NO [AUTHORIZATIONFAILED] not you", .authenticationFailed(.imap, text: "not you")),
        ("NO [EXPIRED] change it", .authenticationFailed(.imap, text: "change it")),
        ("NO [PRIVACYREQUIRED] TLS first", .rejected(.imap, code: "PRIVACYREQUIRED", text: "TLS first")),
        ("NO [SERVERBUG] oops", .rejected(.imap, code: "SERVERBUG", text: "oops")),
        ("NO [INUSE] locked", .unavailable(.imap, text: "locked")),
        ("NO [LIMIT] enough", .unavailable(.imap, text: "enough")),
        ("NO [UNAVAILABLE] later", .unavailable(.imap, text: "later")),
        (
            "NO [ALERT] Too many simultaneous connections. (Failure)",
            .unavailable(.imap, text: "Too many simultaneous connections. (Failure)")
        ),
        ("BAD what", .rejected(.imap, code: "BAD", text: "what")),
    ])
    func `says why a login failed`(answer: String, expected: MailClientError) async throws {
        let script: [IMAPTestServer.Step] = [.greet, .hear, .say("%TAG% \(answer)\r\n"), .stall]
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        let error = await IMAPFixture.error { _ = try await IMAPFixture.connect(server) }
        #expect(error == expected)
    }

    @Test(arguments: [
        ([IMAPTestServer.Step.stall], "the greeting"), ([.greet, .stall], "the login"),
        ([IMAPTestServer.Step].login.prefix(3) + [.stall], "ID"),
    ])
    func `a silent server costs no more than the deadline`(script: [IMAPTestServer.Step], phase: String) async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        // A busy machine may spend a short deadline before the phase in question: then a longer one must reach it.
        var reached: String?
        for (attempt, patience) in [2, 4, 8, 16].enumerated() {
            let error = await IMAPFixture.error {
                _ = try await IMAPFixture.connect(server, within: .seconds(patience))
            }
            try await IMAPFixture.until { server.seen.ended == attempt + 1 }
            guard case .timedOut(.imap, let waited) = error else { continue }
            reached = waited
            if waited == phase || waited.hasPrefix("the answer to") { return }
        }
        Issue.record("waited for \(reached ?? "nothing"), not for \(phase)")
    }

    @Test(arguments: [
        ("* OK [CAPABILITY IMAP4rev1] hi\r\n", "", MailClientError.startTLSUnavailable(.imap)),
        ("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", "", .startTLSUnavailable(.imap)),
        ("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", "%TAG% NO not now\r\n", .startTLSUnavailable(.imap)),
        ("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", "%TAG% BAD what\r\n", .startTLSUnavailable(.imap)),
        (
            "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", "%TAG% OK go\r\n* OK [CAPABILITY AUTH=EVIL] x\r\n",
            .startTLSInjection(.imap)
        ),
        ("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", "%TAG% OK go\r\n*", .startTLSInjection(.imap)),
    ])
    func `never sends a password in the clear where TLS was asked for`(
        greeting: String, answer: String, expected: MailClientError
    ) async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, [.say(greeting), .hear, .say(answer), .stall])
        defer { server.stop() }
        let error = await IMAPFixture.error { _ = try await IMAPFixture.connect(server, .starttls) }
        #expect(error == expected)
        try await IMAPFixture.until { server.seen.ended == 1 }
        #expect(server.seen.lines.allSatisfy { $0.hasSuffix("STARTTLS") })
    }

    @Test func `a command without an answer ends the connection`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .login + [.hear, .stall])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        let error = await IMAPFixture.error {
            try await connection.execute(NoopCommand(), deadline: .after(.milliseconds(100)))
        }
        #expect(error == .timedOut(.imap, phase: "the answer to NOOP"))
        #expect(await !connection.isHealthy)
        let next = await IMAPFixture.error { try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon) }
        #expect(next == error)
    }

    @Test func `a BYE is heard when it is said, and carries its words to whoever waits`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .login + [.hear, .say("* BYE maintenance\r\n")])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        let error = await IMAPFixture.error { try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon) }
        #expect(error == .disconnected(.imap, text: "maintenance"))
    }

    @Test func `an idle connection notices its end`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .login + [.hear, .say("%TAG% OK done\r\n")])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon)
        try await IMAPFixture.until { await !connection.isHealthy }
    }

    @Test func `refusals leave the connection usable`() async throws {
        let server = try IMAPTestServer(
            on: IMAPFixture.loop, .serving(("CREATE", "%TAG% NO [ALREADYEXISTS] there is one\r\n")))
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        let error = await IMAPFixture.error {
            try await connection.execute(CreateCommand(MailboxName("x")), deadline: IMAPFixture.soon)
        }
        #expect(error == .rejected(.imap, code: "ALREADYEXISTS", text: "there is one"))
        let unsafe = await IMAPFixture.error {
            try await connection.execute(
                CreateCommand(MailboxName(wire: Array("x\r\nA9 LOGOUT".utf8))), deadline: IMAPFixture.soon)
        }
        #expect(unsafe == .unsupported(.imap, feature: "control characters in names and texts"))
        #expect(await connection.isReusable)
    }

    @Test func `who leaves is told at once, and leaves a connection nobody else gets`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .login + [.hear, .stall])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        let task = Task {
            await IMAPFixture.error { try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon) }
        }
        try await IMAPFixture.until { server.seen.lines.count == 3 }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(await connection.isHealthy)
        #expect(await !connection.isReusable)
        await connection.close()
    }

    @Test func `streams a large section without holding it`() async throws {
        let size = 3_000_000
        let server = try IMAPTestServer(
            on: IMAPFixture.loop,
            .login + [
                .hear, .select, .hear, .say("* 1 FETCH (UID 5 BODY[2] {\(size)}\r\n"), .pour(size),
                .say(" FLAGS (\\Seen))\r\n%TAG% OK done\r\n"), .serve([]),
            ])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let basket = Basket()
        let count = try await connection.fetchSection(Section(part: [2]), of: 5, deadline: IMAPFixture.soon) { chunk in
            await basket.put(chunk)
        }
        #expect(count == size)
        let octets = await basket.octets
        #expect(octets == IMAPTestServer.pattern(from: 0, count: size))
        #expect(await connection.isReusable)
    }

    @Test func `a slow consumer slows the server down`() async throws {
        let size = 64 << 20
        let server = try IMAPTestServer(
            on: IMAPFixture.loop,
            .login + [.hear, .select, .hear, .say("* 1 FETCH (UID 5 BODY[] {\(size)}\r\n"), .pour(size)])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let gate = AsyncStream<Void>.makeStream()
        // Time enough for the first octets on a busy machine; from then on it stands still.
        let deadline = Deadline.after(.seconds(6))
        let task = Task {
            try await connection.fetchSection(.message, of: 5, deadline: deadline) { _ in
                for await _ in gate.stream {}
            }
        }
        // Nobody takes anything: the server stops when the kernel's buffers are full, and no deadline of ours runs.
        var (before, same) = (-1, 0)
        while same < 5 || !deadline.hasPassed {
            try await IMAPFixture.loop.sleep(for: .milliseconds(10))
            let now = server.seen.poured
            same = now == before && now > 0 ? same + 1 : 0
            before = now
        }
        #expect(before < size / 2)
        #expect(await connection.isHealthy)
        await connection.close()
        gate.continuation.finish()
        await #expect(throws: MailClientError.self) { try await task.value }
    }

    @Test func `small sections, late UIDs and missing ones are all the same to the reader`() async throws {
        let server = try IMAPTestServer(
            on: IMAPFixture.loop,
            .serving(
                ("UID FETCH 5 ", "* 1 FETCH (BODY[1] {3}\r\nabc UID 5)\r\n%TAG% OK done\r\n"),
                ("UID FETCH 6 ", "* 2 FETCH (UID 6 BODY[1] NIL)\r\n%TAG% OK done\r\n"),
                ("UID FETCH 7 ", "%TAG% OK nothing\r\n"),
                ("UID FETCH 8 ", "* 3 FETCH (UID 8 BODY[1] \"\")\r\n%TAG% OK done\r\n")))
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        var counts: [Int?] = []
        let basket = Basket()
        for uid: UInt32 in 5...8 {
            counts.append(
                try await connection.fetchSection(Section(part: [1]), of: uid, deadline: IMAPFixture.soon) { chunk in
                    await basket.put(chunk)
                })
        }
        #expect(counts == [3, nil, nil, 0])
        #expect(await basket.octets == Array("abc".utf8))
    }

    @Test(arguments: [100_000, 3])
    func `a section cut off is an error, not an end`(sent: Int) async throws {
        let server = try IMAPTestServer(
            on: IMAPFixture.loop,
            .login + [.hear, .select, .hear, .say("* 1 FETCH (UID 5 BODY[] {200000}\r\n"), .pour(sent)])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let basket = Basket()
        let error = await IMAPFixture.error {
            _ = try await connection.fetchSection(.message, of: 5, deadline: IMAPFixture.soon) { await basket.put($0) }
        }
        #expect(error == .disconnected(.imap, text: nil))
        #expect(await basket.octets.count == sent)
    }

    @Test func `a consumer's error comes back and ends the connection`() async throws {
        let server = try IMAPTestServer(
            on: IMAPFixture.loop,
            .login + [.hear, .select, .hear, .say("* 1 FETCH (UID 5 BODY[] {200000}\r\n"), .pour(200_000)])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        await #expect(throws: Refused()) {
            _ = try await connection.fetchSection(.message, of: 5, deadline: IMAPFixture.soon) { _ in throw Refused() }
        }
        #expect(await !connection.isHealthy)
    }

    @Test func `hands messages over in order, all before the end`() async throws {
        let answers = (1...500).map { "* \($0) FETCH (UID \($0) RFC822.SIZE \($0 * 10))\r\n" }.joined()
        let server = try IMAPTestServer(
            on: IMAPFixture.loop, .serving(("FETCH", "\(answers)* 501 EXISTS\r\n%TAG% OK done\r\n")))
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let uids = Mutex<[UInt32]>([])
        try await connection.fetch(FetchCommand(.uids(.all), items: [.uid, .size]), deadline: IMAPFixture.soon) {
            batch in
            await Task.yield()
            uids.withLock { $0 += batch.compactMap(\.uid) }
        }
        #expect(uids.withLock { $0 } == Array(1...500))
        #expect(await connection.selected?.exists == 501)
    }

    @Test func `what a large literal belongs to nobody waits for is collected and read`() async throws {
        let subject = String(repeating: "s", count: 70_000)
        let server = try IMAPTestServer(
            on: IMAPFixture.loop,
            .serving(
                (
                    "FETCH",
                    "* 1 FETCH (UID 5 ENVELOPE (NIL {70000}\r\n\(subject) NIL NIL NIL NIL NIL NIL NIL NIL))\r\n%TAG% OK x\r\n"
                )))
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let messages = try await connection.execute(
            FetchCommand(.uids(UIDSet(5)), items: [.uid, .envelope]), deadline: IMAPFixture.soon)
        #expect(messages.first?.envelope?.subject?.utf8.count == 70_000)
    }

    @Test func `commands of several tasks share the connection`() async throws {
        let server = try IMAPTestServer(
            on: IMAPFixture.loop,
            .serving(
                ("UID FETCH 1 ", "* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n%TAG% OK x\r\n"),
                ("UID FETCH 2 ", "* 2 FETCH (UID 2 RFC822.SIZE 20)\r\n%TAG% OK x\r\n")))
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        async let first = connection.execute(
            FetchCommand(.uids(UIDSet(1)), items: [.uid, .size]), deadline: IMAPFixture.soon)
        async let second = connection.execute(
            FetchCommand(.uids(UIDSet(2)), items: [.uid, .size]), deadline: IMAPFixture.soon)
        let sizes = try await (first.map(\.size), second.map(\.size))
        #expect(sizes == ([10], [20]))
    }
}
