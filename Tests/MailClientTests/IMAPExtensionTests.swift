import IMAP
import MailClient
import Model
import Synchronization
import Testing
import Transport
import Wire

/// IDLE, ENABLE and COMPRESS against a server that does as it is told.
@Suite(.timeLimit(.minutes(1))) struct IMAPExtensionTests {
    private func login(_ capabilities: String) -> [IMAPTestServer.Step] {
        [.greet, .hear, .say("%TAG% OK [CAPABILITY IMAP4rev1 \(capabilities)] in\r\n")]
    }

    private let selecting: [IMAPTestServer.Step] = [.hear, .select]

    @Test func `goes on where a server stopped because of its MESSAGELIMIT`() async throws {
        let script =
            login("MESSAGELIMIT=2") + selecting + [
                .hear, .say("* SEARCH 8 9\r\n%TAG% OK [MESSAGELIMIT 2 7] cut\r\n"),
                .hear, .say("* SEARCH 3 7\r\n%TAG% OK [MESSAGELIMIT 2 2] cut\r\n"),
                .hear, .say("* SEARCH 1\r\n%TAG% OK done\r\n"),
                .hear, .say("* 5 FETCH (UID 9 FLAGS ())\r\n%TAG% OK [MESSAGELIMIT 2 3] cut\r\n"),
                .hear, .say("* 2 FETCH (UID 3 FLAGS ())\r\n%TAG% OK done\r\n"),
                .hear, .say("* SEARCH 9\r\n%TAG% OK [MESSAGELIMIT 2 8] cut\r\n"),
                .hear, .say("* SEARCH 8\r\n%TAG% OK [MESSAGELIMIT 2 8] cut\r\n"), .stall,
            ]
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let found = try await connection.execute(SearchCommand(.not(.flag(.seen))), deadline: IMAPFixture.soon)
        #expect(found.all.map { Array($0.numbers) } == [1, 3, 7, 8, 9])
        #expect(found.count == 5)
        let fetched = try await connection.execute(
            FetchCommand(.uids(UIDSet([3, 9])), items: [.uid, .flags]), deadline: IMAPFixture.soon)
        #expect(fetched.map(\.uid) == [9, 3])
        #expect(
            server.seen.lines.suffix(5) == [
                "A3 UID SEARCH UNSEEN", "A4 UID SEARCH UID 1:7 UNSEEN", "A5 UID SEARCH UID 1:2 UNSEEN",
                "A6 UID FETCH 3,9 (UID FLAGS)", "A7 UID FETCH 3 (UID FLAGS)",
            ])
        await #expect(throws: MailClientError.protocolViolation(.imap, detail: "MESSAGELIMIT 8 twice")) {
            try await connection.execute(SearchCommand(.all), deadline: IMAPFixture.soon)
        }
        await connection.close()
    }

    @Test func `idles until it heard enough, and goes on with the connection`() async throws {
        let script =
            login("IDLE") + selecting + [
                .hear, .say("+ idling\r\n* 4 EXISTS\r\n* 2 EXPUNGE\r\n"), .hear, .say("A3 OK done\r\n"), .hear,
                .say("%TAG% OK noop\r\n"), .stall,
            ]
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let news = Mutex<[UntaggedResponse]>([])
        try await connection.idle(deadline: IMAPFixture.soon) { response in
            news.withLock {
                $0.append(response)
                return $0.count == 2 ? .leave : .stay
            }
        }
        #expect(news.withLock { $0 } == [.exists(4), .expunge(2)])
        #expect(await connection.selected?.exists == 3)
        try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon)
        #expect(server.seen.lines.suffix(3) == ["A3 IDLE", "DONE", "A4 NOOP"])
        await connection.close()
    }

    @Test func `begins an IDLE anew before the server gives up on it`() async throws {
        let script =
            login("IDLE") + selecting + [
                .hear, .say("+ idling\r\n"), .hear, .say("A3 OK done\r\n"), .hear, .say("+ again\r\n* 9 EXISTS\r\n"),
                .hear, .say("A4 OK done\r\n"), .stall,
            ]
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        try await connection.idle(renewal: .milliseconds(50), deadline: IMAPFixture.soon) { _ in .leave }
        #expect(server.seen.lines.suffix(4) == ["A3 IDLE", "DONE", "A4 IDLE", "DONE"])
        #expect(await connection.isReusable)
        await connection.close()
    }

    @Test func `leaves an IDLE when its task is cancelled, and when its time is over`() async throws {
        let script =
            login("IDLE") + selecting + [
                .hear, .say("+ idling\r\n"), .hear, .say("A3 OK done\r\n"), .hear, .say("+ idling\r\n"), .hear,
                .say("A4 OK done\r\n"), .stall,
            ]
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let watch = Task { try await connection.idle(deadline: .never) { _ in .stay } }
        try await IMAPFixture.until { server.seen.lines.last == "A3 IDLE" }
        watch.cancel()
        await #expect(throws: MailClientError.cancelled) { try await watch.value }
        try await IMAPFixture.until { await connection.isReusable }
        try await connection.idle(deadline: .after(.seconds(1))) { _ in .stay }
        #expect(server.seen.lines.suffix(4) == ["A3 IDLE", "DONE", "A4 IDLE", "DONE"])
        await connection.close()
    }

    /// No IDLE at all, one that is refused, and one that the server ends at once by itself.
    @Test(arguments: [("", "unused"), ("IDLE", "%TAG% BAD no\r\n"), ("IDLE", "+ idling\r\n%TAG% OK done\r\n")])
    func `asks by NOOP where IDLE does not work`(capability: String, answer: String) async throws {
        let rules = [("SELECT", IMAPTestServer.selected), ("IDLE", answer), ("NOOP", "* 5 EXISTS\r\n%TAG% OK\r\n")]
        let server = try IMAPTestServer(on: IMAPFixture.loop, login(capability) + [.serve(rules)])
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let count = Mutex(0)
        try await connection.idle(polling: .milliseconds(20), deadline: IMAPFixture.soon) { _ in
            count.withLock {
                $0 += 1
                return $0 == 2 ? .leave : .stay
            }
        }
        #expect(server.seen.lines.count { $0.hasSuffix("NOOP") } == 2)
        await connection.close()
    }

    @Test func `a server that does not answer DONE is dead`() async throws {
        let script = login("IDLE") + selecting + [.hear, .say("+ idling\r\n* BYE going down\r\n"), .stall]
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let error = await IMAPFixture.error { try await connection.idle(deadline: .never) { _ in .stay } }
        #expect(error == .disconnected(.imap, text: "going down"))
    }

    @Test(arguments: [("* ENABLED UTF8=ACCEPT\r\n%TAG% OK\r\n", true), ("%TAG% BAD no\r\n", false)])
    func `speaks UTF-8 where the server agrees`(answer: String, agrees: Bool) async throws {
        let script =
            login("ENABLE UTF8=ACCEPT") + [
                .hear, .say(answer), .hear, .say("%TAG% OK\r\n"), .hear, .say("%TAG% OK\r\n"), .stall,
            ]
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        #expect(await connection.enabled == (agrees ? [.utf8Accept] : []))
        try await connection.execute(CreateCommand(MailboxName("Gr\u{FC}n")), deadline: IMAPFixture.soon)
        #expect(
            server.seen.lines.suffix(2) == [
                "A2 ENABLE UTF8=ACCEPT", agrees ? "A3 CREATE \"Gr\u{FC}n\"" : "A3 CREATE \"Gr&APw-n\"",
            ])
        await connection.close()
    }

    @Test(arguments: [
        ("%TAG% NO [COMPRESSIONACTIVE] TLS does it\r\n", nil),
        (
            "%TAG% OK now\r\n* OK this is not compressed at all, it is text\r\n",
            MailClientError.protocolViolation(
                .imap, detail: "what the server sends is not compressed as it should be")
        ),
    ]) func `survives a server that does not compress`(answer: String, expected: MailClientError?) async throws {
        let script = login("COMPRESS=DEFLATE") + [.hear, .say(answer), .hear, .say("%TAG% OK\r\n"), .stall]
        let server = try IMAPTestServer(on: IMAPFixture.loop, script)
        defer { server.stop() }
        let error = await IMAPFixture.error {
            let connection = try await IMAPConnection.connect(
                to: server.login(), on: IMAPFixture.loop, compresses: true, deadline: IMAPFixture.soon)
            try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon)
            #expect(await !connection.isCompressed)
            await connection.close()
        }
        #expect(error == expected)
    }
}
