import MailClient
import Model
import SMTP
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(1))) struct SMTPConnectionTests {
    @Test func `sends a message octet by octet as it is`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + .message + .message + .farewell)
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let envelope = try SMTPFixture.envelope()
        let first = await connection.send(envelope, .bytes(SMTPFixture.content), deadline: .after(.seconds(10)))
        #expect(first.disposition == .delivered)
        #expect(first.finalReply?.text == "Ok: queued as 4XyZ")
        let pieces = Pieces(SMTPFixture.content.map { [$0] })
        let second = await connection.send(envelope, .chunks { await pieces.next() }, deadline: .after(.seconds(10)))
        #expect(second.disposition == .delivered)
        #expect(await connection.isReusable)
        await connection.quit(deadline: .after(.seconds(10)))
        try await SMTPFixture.untilEnded(1, server)
        #expect(server.seen.contents == [SMTPFixture.wire, SMTPFixture.wire])
        #expect(
            server.seen.lines == [
                "EHLO [127.0.0.1]", "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm", "MAIL FROM:<tim@example.test>",
                "RCPT TO:<user1@example.test>", "DATA", "MAIL FROM:<tim@example.test>", "RCPT TO:<user1@example.test>",
                "DATA", "QUIT",
            ])
    }

    /// The server's words end after every possible octet: what is told must be what is known.
    @Test func `tells the truth wherever the server dies`() async throws {
        typealias Script = [SMTPTestServer.Step]
        let ready = Script.greeting.utf8.count + Script.hello.utf8.count + Script.authenticated.utf8.count
        let dot = ready + Script.accepted.utf8.count
        let accepted = dot + Script.queued.utf8.count
        let envelope = try SMTPFixture.envelope()
        let loop = try SMTPFixture.loop
        for lifetime in 0...accepted {
            let server = try SMTPTestServer(on: SMTPFixture.loop, lifetime: lifetime, .login + .message)
            defer { server.stop() }
            var outcome: SubmissionOutcome?
            var failure: MailClientError?
            do throws(MailClientError) {
                let connection = try await SMTPConnection.connect(
                    to: server.endpoint, credentials: SMTPFixture.credentials, on: loop,
                    deadline: .after(.seconds(20)))
                outcome = await connection.send(envelope, .bytes(SMTPFixture.content), deadline: .after(.seconds(20)))
                #expect(await connection.isReusable == (lifetime == accepted))
            } catch {
                failure = error
            }
            switch lifetime {
            case ..<ready:
                #expect(failure == .disconnected(.smtp, text: nil), "dies at \(lifetime)")
            case ..<dot:
                #expect(outcome?.disposition == .retryLater, "dies at \(lifetime)")
                #expect(outcome?.reason == .interrupted(.connectionLost))
                #expect(server.seen.contents.isEmpty)
            case ..<accepted:
                #expect(outcome?.disposition == .unknown, "dies at \(lifetime)")
                #expect(outcome?.phase == .acceptance)
            default:
                #expect(outcome?.disposition == .delivered)
            }
        }
    }

    /// Where the server falls silent, and what that means.
    @Test(arguments: [
        (0, "greeting"), (1, "hello"), (2, "authentication"),
    ]) func `gives up a silent server at the deadline`(replies: Int, phase: String) async throws {
        let steps = [SMTPTestServer.Step].login.prefix(replies * 2) + [.stall]
        let server = try SMTPTestServer(on: SMTPFixture.loop, Array(steps))
        defer { server.stop() }
        await #expect(throws: MailClientError.timedOut(.smtp, phase: phase)) {
            try await SMTPFixture.connect(server, within: .seconds(5))
        }
        try await SMTPFixture.untilEnded(1, server)
    }

    @Test(arguments: [
        ([SMTPTestServer.Step.stall], SubmissionOutcome.Disposition.retryLater),
        ([.hear(3), .say("250 ok\r\n250"), .stall], .retryLater),
        ([.hear(3), .say([SMTPTestServer.Step].accepted), .hearContent, .stall], .unknown),
        ([.hear(3), .say([SMTPTestServer.Step].accepted), .hearContent, .say("250 2.0.0 almo"), .stall], .unknown),
    ]) func `knows what silence means`(steps: [SMTPTestServer.Step], disposition: SubmissionOutcome.Disposition)
        async throws
    {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + steps)
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let outcome = await connection.send(
            try SMTPFixture.envelope(), .bytes(SMTPFixture.content), deadline: .after(.seconds(5)))
        #expect(outcome.disposition == disposition)
        #expect(outcome.reason == .interrupted(.timedOut))
        #expect(await !connection.isReusable)
        try await SMTPFixture.untilEnded(1, server)
    }

    @Test func `knows what cancellation means`() async throws {
        let script: [SMTPTestServer.Step] =
            .login + [.hear(3), .say([SMTPTestServer.Step].accepted), .hearContent, .stall]
        let server = try SMTPTestServer(on: SMTPFixture.loop, script)
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let envelope = try SMTPFixture.envelope()
        let sending = Task {
            await connection.send(envelope, .bytes(SMTPFixture.content), deadline: .after(.seconds(20)))
        }
        while server.seen.contents.isEmpty { try await SMTPFixture.loop.sleep(for: .milliseconds(2)) }
        sending.cancel()
        let outcome = await sending.value
        #expect(outcome.disposition == .unknown)
        #expect(outcome.reason == .interrupted(.cancelled))
    }

    @Test func `knows what closing the connection under a message means`() async throws {
        let script: [SMTPTestServer.Step] =
            .login + [.hear(3), .say([SMTPTestServer.Step].accepted), .hearContent, .stall]
        let server = try SMTPTestServer(on: SMTPFixture.loop, script)
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let envelope = try SMTPFixture.envelope()
        async let outcome = connection.send(envelope, .bytes(SMTPFixture.content), deadline: .after(.seconds(20)))
        while server.seen.contents.isEmpty { try await SMTPFixture.loop.sleep(for: .milliseconds(2)) }
        await connection.quit(deadline: .after(.seconds(1)))
        #expect(await outcome.disposition == .unknown)
    }

    @Test func `sends no dot where the message cannot be read`() async throws {
        let script: [SMTPTestServer.Step] = .login + [.hear(3), .say([SMTPTestServer.Step].accepted), .hearContent]
        let server = try SMTPTestServer(on: SMTPFixture.loop, script)
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let pieces = Pieces([Array("half a message\r\n".utf8)], fails: true)
        let outcome = await connection.send(
            try SMTPFixture.envelope(), .chunks { try await pieces.nextOrFail() }, deadline: .after(.seconds(10)))
        #expect(outcome.reason == .interrupted(.contentFailed))
        #expect(outcome.disposition == .retryLater)
        try await SMTPFixture.untilEnded(1, server)
        #expect(server.seen.contents.isEmpty)
    }

    /// A server that has heard enough says so and closes: what it said is found behind the broken write.
    @Test func `reads the refusal that broke off a long message`() async throws {
        let script: [SMTPTestServer.Step] =
            .login + [
                .hear(3), .say([SMTPTestServer.Step].accepted), .hearOctets(1000), .say("552 5.3.4 too big\r\n"),
            ]
        let server = try SMTPTestServer(on: SMTPFixture.loop, script)
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let line = [UInt8](repeating: 0x61, count: 70) + [0x0D, 0x0A]
        let pieces = Pieces((0..<9).map { _ in Array(repeatElement(line, count: 1000).joined()) })
        let outcome = await connection.send(
            try SMTPFixture.envelope(),
            .chunks {
                let piece = await pieces.next()
                if await pieces.left < 7 { try await SMTPFixture.untilEnded(1, server) }
                return piece
            }, deadline: .after(.seconds(20)))
        #expect(outcome.disposition == .permanent)
        #expect(outcome.recipients.first?.reply?.code == 552)
        #expect(outcome.acceptance == .refused)
    }

    @Test(arguments: [
        ("421 4.3.2 shutting down\r\n", SubmissionOutcome.Disposition.retryLater),
        ("354 what\r\n", .retryLater), ("* OK IMAP\r\n", .retryLater),
        ("250 m\r\n250 r\r\n250 d\r\n", .retryLater), ("550 m\r\n503 r\r\n503 d\r\n", .permanent),
    ]) func `takes a server that answers wrongly as it is`(reply: String, disposition: SubmissionOutcome.Disposition)
        async throws
    {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + [.hear(3), .say(reply), .stall])
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let outcome = await connection.send(
            try SMTPFixture.envelope(), .bytes(SMTPFixture.content), deadline: .after(.seconds(10)))
        #expect(outcome.disposition == disposition)
        #expect(outcome.acceptance == .refused)
        #expect(await connection.isReusable == (disposition == .permanent))
    }

    @Test func `puts off the recipients a server does not take at once`() async throws {
        let hello = "250-x\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250 LIMITS RCPTMAX=1\r\n"
        let script: [SMTPTestServer.Step] =
            [
                .say([SMTPTestServer.Step].greeting), .hear(1), .say(hello), .hear(1),
                .say([SMTPTestServer.Step].authenticated),
            ]
            + .message + [.stall]
        let server = try SMTPTestServer(on: SMTPFixture.loop, script)
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let outcome = await connection.send(
            try SMTPFixture.envelope(recipients: 3), .bytes(SMTPFixture.content), deadline: .after(.seconds(10)))
        #expect(outcome.recipients.map(\.disposition) == [.delivered, .retryLater, .retryLater])
    }

    @Test func `offers a second message to a connection in use to nobody`() async throws {
        let script: [SMTPTestServer.Step] = .login + [.hear(3), .stall]
        let server = try SMTPTestServer(on: SMTPFixture.loop, script)
        defer { server.stop() }
        let connection = try await SMTPFixture.connect(server)
        let envelope = try SMTPFixture.envelope()
        async let first = connection.send(envelope, .bytes(SMTPFixture.content), deadline: .after(.seconds(5)))
        while server.seen.lines.count < 5 { try await SMTPFixture.loop.sleep(for: .milliseconds(2)) }
        let second = await connection.send(envelope, .bytes(SMTPFixture.content), deadline: .after(.seconds(10)))
        #expect(second.reason == .interrupted(.notConnected))
        #expect(second.disposition == .retryLater)
        #expect(await first.reason == .interrupted(.timedOut))
    }
}

/// The pieces of a message, one at a time.
actor Pieces {
    struct Unreadable: Error {}

    private var pieces: [[UInt8]]
    private let fails: Bool

    init(_ pieces: [[UInt8]], fails: Bool = false) {
        self.pieces = pieces
        self.fails = fails
    }

    var left: Int { pieces.count }

    func next() -> [UInt8]? { pieces.isEmpty ? nil : pieces.removeFirst() }

    func nextOrFail() throws -> [UInt8]? {
        if pieces.isEmpty, fails { throw Unreadable() }
        return next()
    }
}
