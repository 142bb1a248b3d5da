import Glibc
import IMAP
import MailClient
import MailServers
import Model
import Synchronization
import Transport
import Wire

/// Row "IMAP fetch": 100,000 messages parsed into values, beside a reader that throws the same octets away.
///
/// Both take turns with the same Dovecot without TLS, and the best turn of each counts.
enum IMAPFetchBenchmark: Benchmark {
    static let name = "imap-fetch"
    private static let count = 100_000
    private static let rounds = 5
    private static let goal = 1.15

    static func run() async throws -> [Row] {
        let folder = try TemporaryFolder("tls")
        let user = MailUser("user1@example.test")
        let server = try await DovecotServer.start(users: [user], authority: CertificateAuthority(in: folder))
        say("Writing \(count) messages …")
        try await server.seed(user, count: count) { SeedMessage(message($0)) }
        let loops = try EventLoopGroup(loops: 1)
        let connection = try await IMAPConnection.connect(
            to: login(server, user), on: loops.next(), deadline: .after(.seconds(60)))
        try await connection.select(.inbox, readOnly: true, deadline: .after(.seconds(120)))
        // Dovecot writes its cache the first time.
        _ = try await discard(server, user)
        var ours = Duration.seconds(1_000)
        var raw = Duration.seconds(1_000)
        for round in 1...rounds {
            let thrownAway = try await discard(server, user)
            let parsed = try await parse(connection)
            say("round \(round): parsed in \(parsed), thrown away in \(thrownAway)")
            ours = min(ours, parsed)
            raw = min(raw, thrownAway)
        }
        await connection.logout(deadline: .after(.seconds(5)))
        let ratio = ours / raw
        return [
            Row(
                what: "IMAP fetch: \(count) messages parsed into values", reach: "≤ 1.15 ×",
                measured: "\(twoDecimals(ours / .seconds(1))) s: \(twoDecimals(ratio)) ×",
                against: "\(twoDecimals(raw / .seconds(1))) s thrown away", verdict: ratio <= goal ? .met : .missed)
        ]
    }

    static func message(_ number: Int) -> [UInt8] {
        Array(
            """
            From: "Alice Example" <alice@example.test>\r
            To: "Bob" <bob@example.test>, carol@example.test\r
            Subject: Report number \(number)\r
            Date: Tue, 14 Nov 2023 22:13:20 +0000\r
            Message-ID: <\(number)@example.test>\r
            \r
            Hello.\r

            """.utf8)
    }

    private static func login(_ server: DovecotServer, _ user: MailUser) -> ServerLogin {
        ServerLogin(
            endpoint: ServerEndpoint(
                host: "localhost", port: server.ports.imap, security: .none,
                tls: TLSSettings(caCertificates: server.authority.certificatePEM)),
            credentials: Credentials(username: user.email, authentication: .password(Secret(user.password))))
    }

    private static func parse(_ connection: IMAPConnection) async throws -> Duration {
        let seen = Mutex(0)
        let start = ContinuousClock.now
        try await connection.fetch(
            FetchCommand(.uids(.all), items: [.uid, .flags, .internalDate, .size, .envelope, .bodyStructure]),
            deadline: .after(.seconds(120))
        ) { batch in
            let whole = batch.count { $0.envelope != nil && $0.bodyStructure != nil && $0.size != nil }
            seen.withLock { $0 += whole }
        }
        let duration = ContinuousClock.now - start
        guard seen.withLock({ $0 }) == count else { throw Child.Failure(description: "not all messages were parsed") }
        return duration
    }

    private static func discard(_ server: DovecotServer, _ user: MailUser) async throws -> Duration {
        let port = server.ports.imap
        return try await onThread {
            let reader = try RawReader(port: port)
            try reader.open(user.email, user.password)
            return try reader.time("UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)")
        }
    }
}
