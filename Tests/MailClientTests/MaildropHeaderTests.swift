import MailClient
import Synchronization
import Testing
import Transport

/// Headers of a maildrop, of which some may not be had.
@Suite(.timeLimit(.minutes(1))) struct MaildropHeaderTests {
    private static let capabilities = "+OK\r\nUSER\r\nTOP\r\nUIDL\r\n.\r\n"
    private static let login: [IMAPTestServer.Step] = [
        .say("+OK hi\r\n"), .hear, .say(capabilities), .hear, .say("+OK\r\n"), .hear,
        .say("+OK\r\n"),
    ]
    private static let rules: [(String, String)] = [
        ("CAPA", capabilities), ("LIST", "+OK\r\n1 10\r\n2 20\r\n3 30\r\n.\r\n"),
        ("UIDL", "+OK\r\n1 a\r\n2 b\r\n3 c\r\n.\r\n"),
        ("TOP", "+OK\r\nSubject: x\r\n\r\n.\r\n"), ("DELE", "+OK\r\n"), ("QUIT", "+OK bye\r\n"),
    ]
    private static let sick = [("TOP 2", "-ERR\r\n"), ("RETR 2", "-ERR\r\n")] + rules

    private func with(
        _ scripts: [[(String, String)]], patience: Duration = .seconds(600),
        _ body: (Maildrop, IMAPTestServer) async throws -> Void
    ) async throws {
        let loops = try EventLoopGroup(loops: 1)
        let server = try IMAPTestServer(on: loops.next(), playing: scripts.map { Self.login + [.serve($0)] })
        defer { server.stop() }
        var settings = Maildrop.Settings()
        settings.unreadPatience = patience
        try await body(Maildrop(server.login(), loops: loops, settings: settings), server)
    }

    private func prints(_ lease: POP3Lease, _ numbers: [Int] = [1, 2, 3]) async throws -> Set<Int> {
        Set(try await lease.fingerprints(of: numbers) { "\($0.count)" }.keys)
    }

    @Test func `are read once in a session for their hashes`() async throws {
        try await with([Self.rules]) { maildrop, server in
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                let found = [
                    try await prints(lease, [1, 2]), try await prints(lease), try await prints(lease, [2]),
                ]
                #expect(found == [[1, 2], [1, 2, 3], [2]])
            }
            #expect(server.seen.lines.filter { $0.hasPrefix("TOP") } == ["TOP 1 0", "TOP 2 0", "TOP 3 0"])
        }
    }

    /// Ids and sizes outlast the session, numbers do not.
    @Test func `are given up where the server has not given them for long`() async throws {
        let moved =
            [("LIST", "+OK\r\n1 20\r\n2 30\r\n.\r\n"), ("UIDL", "+OK\r\n1 b\r\n2 c\r\n.\r\n")] + Self.rules
        try await with([Self.sick, moved], patience: .zero) { maildrop, _ in
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                _ = try await lease.listing()
                #expect(!lease.isGivenUp(2), "nobody has asked for it")
                let found = try await prints(lease)
                #expect(found == [1, 3])
                #expect((0...4).filter { lease.isGivenUp($0) } == [2])
            }
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                _ = try await lease.listing()
                #expect((0...4).filter { lease.isGivenUp($0) } == [1])
                let found = try await prints(lease, [1])
                #expect(found == [1])
                #expect(!lease.isGivenUp(1), "it was read after all")
            }
        }
        try await with([Self.sick]) { maildrop, _ in
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                let found = try await prints(lease)
                #expect(found == [1, 3])
                #expect(!lease.isGivenUp(2))
            }
        }
    }

    /// Whoever reads them: so it counts from the first time that the server did not give them.
    @Test func `are given up by any reading, and not before they were asked for`() async throws {
        try await with([Self.sick], patience: .zero) { maildrop, _ in
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                _ = try await lease.listing()
                let first = Set(try await lease.headers(of: [1]).keys)
                #expect(first == [1] && !lease.isGivenUp(2))
                let second = Set(try await lease.headers(of: [2, 3]).keys)
                #expect(second == [3])
                #expect((0...4).filter { lease.isGivenUp($0) } == [2])
            }
        }
    }

    /// What refuses all is the server.
    @Test func `are not given up where the server gives none at all`() async throws {
        let dead = [("TOP", "-ERR\r\n"), ("RETR", "-ERR\r\n")] + Self.rules
        try await with([dead], patience: .zero) { maildrop, server in
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                _ = try await lease.listing()
                let found = try await lease.headers(of: [3])
                #expect(found.isEmpty && !lease.isGivenUp(3))
                #expect(server.seen.lines.contains("TOP 1 0"), "others were asked for")
                let more = try await lease.headers(of: [1, 2, 3])
                #expect(more.isEmpty && (1...3).allSatisfy { !lease.isGivenUp($0) })
            }
        }
        // Others are given: it is this message.
        try await with([Self.sick], patience: .zero) { maildrop, server in
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                _ = try await lease.listing()
                let found = try await lease.headers(of: [2])
                #expect(found.isEmpty && lease.isGivenUp(2))
                #expect(server.seen.lines.filter { $0.hasPrefix("TOP") } == ["TOP 2 0", "TOP 1 0", "TOP 3 0"])
            }
        }
        // There are no others that could tell.
        let alone = [("LIST", "+OK\r\n1 10\r\n.\r\n"), ("UIDL", "+OK\r\n1 a\r\n.\r\n")] + dead
        try await with([alone], patience: .zero) { maildrop, _ in
            try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                _ = try await lease.listing()
                let found = try await lease.headers(of: [1])
                #expect(found.isEmpty && lease.isGivenUp(1))
            }
        }
    }

    @Test func `are not there to be compared before a deletion where the server does not give them`() async throws {
        try await with([Self.sick]) { maildrop, server in
            let seen = Mutex<Set<Int>>([])
            let taken = try await maildrop.withSession(deadline: .after(.seconds(20))) { lease in
                try await lease.delete([1, 2, 3]) { headers in
                    seen.withLock { $0 = Set(headers.keys) }
                    return [1, 2]
                }
            }
            #expect(seen.withLock { $0 } == [1, 3] && taken == [1, 2])
        }
    }
}
