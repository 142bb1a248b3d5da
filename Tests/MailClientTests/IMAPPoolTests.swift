import IMAP
import MailClient
import Model
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct IMAPPoolTests {
    private func pool(_ server: IMAPTestServer, sessions: Int = 3, idle: Duration = .seconds(60)) throws -> IMAPPool {
        var settings = IMAPPool.Settings()
        settings.maximumSessions = sessions
        settings.idleTime = idle
        settings.connectTime = .seconds(10)
        return IMAPPool(server.login(), loops: try IMAPFixture.loops.get(), settings: settings)
    }

    @Test func `keeps a session and its mailbox for the next`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .serving())
        defer { server.stop() }
        let pool = try pool(server)
        for _ in 0..<3 {
            let exists = try await pool.withSession(mailbox: .inbox, deadline: IMAPFixture.soon) { session in
                try await session.execute(NoopCommand(), deadline: IMAPFixture.soon)
                return await session.selected?.exists
            }
            #expect(exists == 3)
        }
        #expect(server.seen.connections == 1)
        #expect(server.seen.lines.count { $0.contains("SELECT") } == 1)
        #expect(pool.snapshot.idle == 1)
        #expect(pool.snapshot.lastContact != nil)
        pool.closeAll()
        try await IMAPFixture.until { server.seen.ended == 1 }
        #expect(server.seen.lines.last?.hasSuffix("LOGOUT") == true)
        let error = await IMAPFixture.error { try await pool.withSession(deadline: IMAPFixture.soon) { _ in } }
        #expect(error == .disconnected(.imap, text: nil))
    }

    @Test func `many requests share few sessions`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .serving())
        defer { server.stop() }
        let pool = try pool(server, sessions: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    try await pool.withSession(deadline: IMAPFixture.soon) { session in
                        try await session.execute(NoopCommand(), deadline: IMAPFixture.soon)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(server.seen.connections <= 2)
        #expect(pool.snapshot.waiting == 0 && pool.snapshot.lent == 0)
        pool.closeAll()
    }

    @Test func `a request waits no longer than it wants`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .serving())
        defer { server.stop() }
        let pool = try pool(server, sessions: 1)
        try await pool.withSession(deadline: IMAPFixture.soon) { _ in
            let error = await IMAPFixture.error {
                try await pool.withSession(deadline: .after(.milliseconds(50))) { _ in }
            }
            #expect(error == .timedOut(.imap, phase: "a free session"))
            let task = Task {
                await IMAPFixture.error { try await pool.withSession(deadline: IMAPFixture.soon) { _ in } }
            }
            try await IMAPFixture.until { pool.snapshot.waiting == 1 }
            task.cancel()
            #expect(await task.value == .cancelled)
        }
        #expect(pool.snapshot.waiting == 0)
        pool.closeAll()
    }

    @Test func `a session that died unheard is replaced without a word`() async throws {
        let server = try IMAPTestServer(
            on: IMAPFixture.loop, .login + [.serve([("SELECT", "!")])], .serving())
        defer { server.stop() }
        let pool = try pool(server)
        let exists = try await pool.withSession(mailbox: .inbox, deadline: IMAPFixture.soon) { session in
            await session.selected?.exists
        }
        #expect(exists == 3)
        #expect(server.seen.connections == 2)
        pool.closeAll()
    }

    @Test(arguments: [(false, 1), (true, 2)])
    func `a body that the server heard is repeated only where it may be`(isRepeatable: Bool, runs: Int) async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .login + [.serve([("NOOP", "!")])], .serving())
        defer { server.stop() }
        let pool = try pool(server)
        let counter = Counter()
        let error = await IMAPFixture.error {
            try await pool.withSession(isRepeatable: isRepeatable, deadline: IMAPFixture.soon) { session in
                await counter.increment()
                try await session.execute(NoopCommand(), deadline: IMAPFixture.soon)
            }
        }
        #expect(await counter.value == runs)
        #expect(error == (isRepeatable ? nil : .disconnected(.imap, text: nil)))
        pool.closeAll()
    }

    @Test func `everybody who waits learns why there is no session`() async throws {
        let server = try IMAPTestServer(
            on: IMAPFixture.loop, [.greet, .hear, .say("%TAG% NO [AUTHENTICATIONFAILED] wrong\r\n"), .stall])
        defer { server.stop() }
        let pool = try pool(server)
        let errors = await withTaskGroup(of: MailClientError?.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    await IMAPFixture.error { try await pool.withSession(deadline: IMAPFixture.soon) { _ in } }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(errors == Array(repeating: .authenticationFailed(.imap, text: "wrong"), count: 5))
        #expect(pool.snapshot.lastError == .authenticationFailed(.imap, text: "wrong"))
        let before = server.seen.connections
        _ = await IMAPFixture.error { try await pool.withSession(deadline: IMAPFixture.soon) { _ in } }
        #expect(server.seen.connections == before)
    }

    @Test func `goes on with fewer where the server refuses more`() async throws {
        let server = try IMAPTestServer(
            on: IMAPFixture.loop, .serving(), [.say("* BYE Too many connections\r\n")])
        defer { server.stop() }
        let pool = try pool(server)
        try await pool.withSession(deadline: IMAPFixture.soon) { _ in
            let second = Task { try await pool.withSession(deadline: IMAPFixture.soon) { _ in } }
            try await IMAPFixture.until { pool.snapshot.budget == 1 }
            #expect(pool.snapshot.waiting == 1)
            second.cancel()
        }
        #expect(pool.snapshot.budget == 1)
        pool.closeAll()
    }

    @Test func `an idle session goes after its time`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .serving())
        defer { server.stop() }
        let pool = try pool(server, idle: .milliseconds(30))
        try await pool.withSession(deadline: IMAPFixture.soon) { _ in }
        try await IMAPFixture.until { server.seen.ended == 1 }
        #expect(pool.snapshot.idle == 0)
        #expect(server.seen.lines.last?.hasSuffix("LOGOUT") == true)
    }
}

actor Counter {
    private(set) var value = 0
    func increment() { value += 1 }
}
