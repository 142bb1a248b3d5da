import MailClient
import Model
import SMTP
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct SMTPPoolTests {
    private func pool(_ server: SMTPTestServer, _ settings: SMTPPool.Settings = .init()) throws -> SMTPPool {
        SMTPPool(
            server.endpoint, credentials: SMTPFixture.credentials, loops: try SMTPFixture.loops.get(),
            settings: settings)
    }

    private func send(_ pool: SMTPPool, within time: Duration = .seconds(10)) async throws -> SubmissionOutcome {
        let envelope = try SMTPFixture.envelope()
        return try await pool.withConnection(deadline: .after(time)) { connection in
            await connection.send(envelope, .bytes(SMTPFixture.content), deadline: .after(time))
        }
    }

    @Test func `keeps a connection for the next message`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + .message + .message + .message + .farewell)
        defer { server.stop() }
        let pool = try pool(server)
        for _ in 0..<3 { #expect(try await send(pool).disposition == .delivered) }
        #expect(pool.status == SMTPPool.Status(lent: 0, idle: 1, waiting: 0))
        await pool.close(deadline: .after(.seconds(5)))
        #expect(pool.status == SMTPPool.Status())
        try await SMTPFixture.untilEnded(1, server)
        #expect(server.seen.connections == 1)
        #expect(server.seen.lines.last == "QUIT")
        await #expect(throws: MailClientError.disconnected(.smtp, text: nil)) { try await send(pool) }
    }

    @Test func `ends a connection that carried enough`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + .message + .message + .farewell)
        defer { server.stop() }
        let pool = try pool(server, .init(messagesPerConnection: 2))
        for _ in 0..<4 { #expect(try await send(pool).disposition == .delivered) }
        try await SMTPFixture.untilEnded(2, server)
        #expect(server.seen.connections == 2)
        #expect(server.seen.lines.count { $0 == "QUIT" } == 2)
        #expect(pool.status == SMTPPool.Status())
    }

    @Test func `ends a connection that nobody wants`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + .message + .farewell)
        defer { server.stop() }
        let pool = try pool(server, .init(idleTime: .milliseconds(50)))
        #expect(try await send(pool).disposition == .delivered)
        try await SMTPFixture.untilEnded(1, server)
        #expect(server.seen.lines.last == "QUIT")
        #expect(pool.status.idle == 0)
    }

    /// The server ended the kept connection, with a word or without one.
    @Test(arguments: [[SMTPTestServer.Step.say("421 4.4.2 idle\r\n")], []])
    func `replaces a kept connection that died`(end: [SMTPTestServer.Step]) async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + .message + end, .login + .message + .farewell)
        defer { server.stop() }
        let pool = try pool(server)
        #expect(try await send(pool).disposition == .delivered)
        try await SMTPFixture.untilEnded(1, server)
        #expect(try await send(pool).disposition == .delivered)
        #expect(server.seen.connections == 2)
        #expect(server.seen.contents == [SMTPFixture.wire, SMTPFixture.wire])
        await pool.close(deadline: .after(.seconds(5)))
    }

    @Test func `repeats nothing whose fate is open`() async throws {
        let lost: [SMTPTestServer.Step] = [.hear(3), .say([SMTPTestServer.Step].accepted), .hearContent]
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + .message + lost, .login + .message + .farewell)
        defer { server.stop() }
        let pool = try pool(server)
        #expect(try await send(pool).disposition == .delivered)
        #expect(try await send(pool).disposition == .unknown)
        #expect(server.seen.connections == 1)
        await pool.close(deadline: .after(.seconds(5)))
    }

    @Test func `lends no more connections than it may`() async throws {
        let messages = (0..<6).flatMap { _ in [SMTPTestServer.Step].message }
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + messages)
        defer { server.stop() }
        let pool = try pool(server, .init(maximumConnections: 2))
        let outcomes = try await withThrowingTaskGroup(of: SubmissionOutcome.self) { group in
            for _ in 0..<6 { group.addTask { try await send(pool) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count == 6)
        #expect(outcomes.allSatisfy { $0.disposition == .delivered })
        #expect(server.seen.connections <= 2)
        await pool.close(deadline: .after(.milliseconds(50)))
    }

    @Test func `ends a wait for a connection at its deadline, or when nobody waits`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + [.hear(3), .stall])
        defer { server.stop() }
        let pool = try pool(server, .init(maximumConnections: 1))
        // The first holds the only connection until it is told to go: where its own time ended it, a busy machine would
        // give the permit to those who are to wait.
        let first = Task { try await send(pool, within: .seconds(50)) }
        while server.seen.lines.count < 5 { try await SMTPFixture.loop.sleep(for: .milliseconds(2)) }
        await #expect(throws: MailClientError.timedOut(.smtp, phase: "a free connection")) {
            try await send(pool, within: .milliseconds(20))
        }
        let waiting = Task { try await send(pool, within: .seconds(50)) }
        while pool.status.waiting == 0 { try await SMTPFixture.loop.sleep(for: .milliseconds(2)) }
        waiting.cancel()
        await #expect(throws: MailClientError.cancelled) { try await waiting.value }
        #expect(pool.status == SMTPPool.Status(lent: 1, idle: 0, waiting: 0))
        first.cancel()
        #expect(try await first.value.disposition != .delivered)
        #expect(pool.status == SMTPPool.Status())
    }

    @Test func `gives its permit back when connecting fails`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, [.say("554 no\r\n"), .stall])
        defer { server.stop() }
        let pool = try pool(server, .init(maximumConnections: 1))
        for _ in 0..<3 {
            await #expect(throws: MailClientError.rejected(.smtp, code: "554", text: "no")) { try await send(pool) }
        }
        #expect(pool.status == SMTPPool.Status())
    }
}
