import IMAP
import MailClient
import Model
import Synchronization
import Testing
import Transport

/// Deviations that a connection lives with, or has a name for; those of the grammar are in IMAPTests.
@Suite(.timeLimit(.minutes(1))) struct IMAPQuirkTests {
    private func connected(
        _ rules: (String, String)..., id: String = "Test", body: (IMAPConnection, IMAPTestServer) async throws -> Void
    ) async throws {
        let login: [IMAPTestServer.Step] = [
            .greet, .hear, .say("%TAG% OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE ID] in\r\n"), .hear,
            .say("* ID (\"name\" \"\(id)\")\r\n%TAG% OK id\r\n"),
        ]
        let server = try IMAPTestServer(
            on: IMAPFixture.loop, login + [.serve(rules + [("SELECT", IMAPTestServer.selected)])])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        try await body(connection, server)
        await connection.close()
    }

    @Test(arguments: [
        ("Server Unavailable. 15\r\n", "Server Unavailable. 15"),
        (
            "%TAG% BAD Request is throttled. Suggested Backoff Time: 89117 milliseconds\r\n",
            "Request is throttled. Suggested Backoff Time: 89117 milliseconds"
        ),
        ("%TAG% BAD User is authenticated but not connected.\r\n", "User is authenticated but not connected."),
        ("%TAG% NO [LIMIT] Enough for now\r\n", "Enough for now"),
        ("* BYE Too many simultaneous connections. (Failure)\r\n", "Too many simultaneous connections. (Failure)"),
    ])
    func `is told that the server wants to be left alone`(answer: String, text: String) async throws {
        try await connected(("NOOP", answer)) { connection, _ in
            let error = await IMAPFixture.error {
                try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon)
            }
            #expect(error == .unavailable(.imap, text: text))
            #expect(error?.suggestedPause == (text.contains("89117") ? .milliseconds(89_117) : nil))
        }
    }

    @Test func `a greeting of Exchange that is none says that it is unavailable`() async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, [.say("Server Unavailable. 21\r\n"), .stall])
        defer { server.stop() }
        let error = await IMAPFixture.error { _ = try await IMAPFixture.connect(server) }
        #expect(error == .unavailable(.imap, text: "Server Unavailable. 21"))
    }

    @Test func `messages that are gone are no reason to lose the others`() async throws {
        let answer = "* 1 FETCH (UID 11 FLAGS ())\r\n%TAG% NO Some of the requested messages no longer exist\r\n"
        try await connected(("FETCH", answer)) { connection, _ in
            let command = FetchCommand(.uids(UIDSet([11, 12])), items: [.uid, .flags])
            #expect(try await connection.execute(command, deadline: IMAPFixture.soon).map(\.uid) == [11])
            let streamed = Mutex<[UInt32?]>([])
            try await connection.fetch(command, deadline: IMAPFixture.soon) { messages in
                streamed.withLock { $0 += messages.map(\.uid) }
            }
            #expect(streamed.withLock { $0 } == [11])
            #expect(await connection.isReusable)
        }
    }

    @Test(arguments: ["BODY[1]<4>", "BODY[1]"]) func `part of a section comes with its offset or without`(
        item: String
    ) async throws {
        let answer = "* 1 FETCH (UID 11 \(item) {3}\r\nabc)\r\n%TAG% OK done\r\n"
        try await connected(("FETCH", answer)) { connection, server in
            let basket = Basket()
            let count = try await connection.fetchSection(
                Section(part: [1]), of: 11, partial: 4..<7, deadline: IMAPFixture.soon
            ) { await basket.put($0) }
            #expect(count == 3)
            #expect(await basket.octets == Array("abc".utf8))
            #expect(server.seen.lines.last?.contains("BODY.PEEK[1]<4.3>") == true)
        }
    }

    @Test func `news of Coremail, which ignores NOOP, comes by STATUS`() async throws {
        let statuses = [3, 3, 4].map { "* STATUS \"INBOX\" (MESSAGES \($0) UIDNEXT \($0 + 1))\r\n%TAG% OK done\r\n" }
        let login: [IMAPTestServer.Step] = [
            .greet, .hear, .say("%TAG% OK [CAPABILITY IMAP4rev1 ID] in\r\n"), .hear,
            .say("* ID (\"name\" \"Coremail Imap\")\r\n%TAG% OK id\r\n"), .hear, .select,
        ]
        let server = try IMAPTestServer(
            on: IMAPFixture.loop, login + statuses.flatMap { [.hear, .say($0)] } + [.stall])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let news = Mutex<[UntaggedResponse]>([])
        try await connection.idle(polling: .milliseconds(5), deadline: IMAPFixture.soon) { response in
            news.withLock { $0.append(response) }
            return .leave
        }
        guard case .status(.inbox, let status)? = news.withLock({ $0.first }) else {
            Issue.record("\(news.withLock { $0 })")
            return
        }
        #expect(status.messages == 4)
        #expect(server.seen.lines.count { $0.contains("STATUS \"INBOX\"") } == 3)
        #expect(!server.seen.lines.contains { $0.hasSuffix("NOOP") })
        await connection.close()
    }

    @Test func `news of Naver, which tells nothing of what is selected, comes by selecting again`() async throws {
        let counts = [3, 3, 5].map { "* \($0) EXISTS\r\n%TAG% OK [READ-WRITE] selected\r\n" }
        let script = [IMAPTestServer.Step].login + counts.flatMap { [.hear, .say($0)] } + [.stall]
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let news = Mutex<[UntaggedResponse]>([])
        try await connection.idle(
            habits: ServerHabits(host: "imap.naver.com"), polling: .milliseconds(5), deadline: IMAPFixture.soon
        ) { response in
            news.withLock { $0.append(response) }
            return .leave
        }
        #expect(news.withLock { $0 } == [.exists(5)])
        await connection.close()
    }
}
