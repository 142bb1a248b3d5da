import Foundation
import Glibc
import IMAP
import MailClient
import Model
import Testing
import Transport
import Wire

/// A server that means harm: the session dies with a name for it, or shrugs it off.
///
/// That the process does not grow is shown by EndToEndTests, where it is a process of its own.
@Suite(.timeLimit(.minutes(1))) struct HostileServerTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: String
        let error: MailClientError

        init(_ name: String, _ answer: String, _ error: MailClientError) {
            testDescription = name
            self.answer = answer
            self.error = error
        }
    }

    private static let limits = {
        var limits = IMAPLimits()
        limits.line = 1 << 20
        limits.frame = 2 << 20
        return limits
    }()

    static let deadly = [
        Attack(
            "endless line", "* OK " + String(repeating: "x", count: 3 << 20), .limitExceeded(.imap, limit: "line")),
        Attack(
            "endless quoted string", "* 1 FETCH (ENVELOPE (\"" + String(repeating: "x\n", count: 1 << 20),
            .limitExceeded(.imap, limit: "line")),
        Attack("literal of 4 GB", "* 1 FETCH (BODY[] {4294967296}\r\n", .limitExceeded(.imap, limit: "literal")),
        Attack(
            "literal beyond all numbers", "* 1 FETCH (BODY[] {99999999999999999999}\r\n",
            .limitExceeded(.imap, limit: "literal")),
        Attack(
            "literal that nobody asked for", "* 1 FETCH (BODY[] {99999999}\r\n", .limitExceeded(.imap, limit: "frame")),
        Attack(
            "endless small literals",
            String(repeating: "* 1 FETCH (ENVELOPE (", count: 1)
                + String(repeating: "{1}\r\nx ", count: 20_000), .limitExceeded(.imap, limit: "literalsInFrame")),
        Attack(
            "answer to another tag", "Z9 OK done\r\n",
            .protocolViolation(.imap, detail: "an answer to a command that was not sent")),
        Attack(
            "continuation out of nothing", "+ go ahead\r\n",
            .protocolViolation(.imap, detail: "a continuation request that nothing waits for")),
        Attack("BYE", "* BYE enough\r\n", .disconnected(.imap, text: "enough")),
        Attack(
            "BYE within many answers", String(repeating: "* 1 EXISTS\r\n", count: 1_000) + "* BYE enough\r\n",
            .disconnected(.imap, text: "enough")),
    ]

    @Test(arguments: deadly) func `ends with a name`(attack: Attack) async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .serving(("NOOP", attack.answer)))
        defer { server.stop() }
        for _ in 0..<3 { try await suffer(attack, from: server) }
    }

    private func suffer(_ attack: Attack, from server: IMAPTestServer) async throws {
        let connection = try await IMAPConnection.connect(
            to: server.login(), on: IMAPFixture.loop, limits: Self.limits, deadline: IMAPFixture.soon)
        let error = await IMAPFixture.error {
            try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon)
        }
        #expect(error == attack.error)
        #expect(await !connection.isHealthy)
    }

    /// What is wrong with one answer, or one message, is not wrong with the session.
    @Test(arguments: [
        "* 1 FETCH (UID 1 BODYSTRUCTURE " + String(repeating: "(", count: 10_000) + "\r\n",
        "* 1 FETCH (UID 1 X-NEW " + String(repeating: "(", count: 10_000) + String(repeating: ")", count: 10_000)
            + ")\r\n",
        "* 4294967296 EXISTS\r\n", "* -1 EXPUNGE\r\n", "* 0 FETCH (UID 0)\r\n", "* SEARCH 1 2 x\r\n",
        "* 1 FETCH (UID 77 FLAGS (\\Seen))\r\n", "* VANISHED 1:4294967295\r\n", "* 99 EXPUNGE\r\n",
        "* LIST () \"/\" {3}\r\na\r\n\r\n", "* QUOTA\r\n", "* OK [UIDVALIDITY 99999999999] big\r\n", "\r\n", "*\r\n",
    ]) func `goes on`(answer: String) async throws {
        let server = try IMAPTestServer(on: IMAPFixture.loop, .serving(("NOOP", answer + "%TAG% OK done\r\n")))
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon)
        #expect(await connection.isReusable)
        await connection.logout(deadline: IMAPFixture.soon)
    }

    @Test func `an expunge in the midst of a FETCH by UID moves nothing that was asked for`() async throws {
        let answer = """
            * 1 FETCH (UID 11 FLAGS ())\r\n* 2 EXPUNGE\r\n* 2 FETCH (UID 13 FLAGS (\\Seen))\r\n\
            * 1 FETCH (UID 99 FLAGS ())\r\n%TAG% OK done\r\n
            """
        let server = try IMAPTestServer(on: IMAPFixture.loop, .serving(("FETCH", answer)))
        defer { server.stop() }
        let connection = try await IMAPFixture.connect(server)
        try await connection.select(.inbox, deadline: IMAPFixture.soon)
        let messages = try await connection.execute(
            FetchCommand(.uids(UIDSet([11, 12, 13])), items: [.uid, .flags]), deadline: IMAPFixture.soon)
        #expect(messages.map(\.uid) == [11, 13])
        #expect(messages.last?.flags == [.seen])
        #expect(await connection.selected?.exists == 2)
        await connection.close()
    }

    /// BYE, or an end without a word, at every step up to a SELECT.
    @Test(arguments: 0...7, ["* BYE enough\r\n", ""]) func `dies well at any point`(
        step: Int, farewell: String
    ) async throws {
        let script = [IMAPTestServer.Step].login + [.hear, .select]
        let server = try IMAPTestServer(on: IMAPFixture.loop, Array(script.prefix(step)) + [.say(farewell)])
        defer { server.stop() }
        let error = await IMAPFixture.error {
            let connection = try await IMAPFixture.connect(server)
            try await connection.select(.inbox, deadline: IMAPFixture.soon)
            try await connection.execute(NoopCommand(), deadline: IMAPFixture.soon)
        }
        guard case .disconnected(.imap, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
