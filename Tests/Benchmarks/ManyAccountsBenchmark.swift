import Foundation
import IMAP
import MailClient
import MailServers
import Model
import Transport
import Wire

/// Rows "idle TLS accounts" and "restart": what an account costs that is only watched, and how soon all are again after a restart,
/// beside the time in which the server lets as many users of a client in that does nothing else.
///
/// `BENCH_ACCOUNTS` says how many; Dovecot hibernates what idles, without NOTIFY, because it cannot do both.
enum ManyAccountsBenchmark: Benchmark {
    static let name = "accounts"
    private static let seconds = 30
    private static let logins = 32
    static var count: Int { ProcessInfo.processInfo.environment["BENCH_ACCOUNTS"].flatMap { Int($0) } ?? 1000 }

    static func run() async throws -> [Row] {
        let count = count
        let users = (0..<count).map { MailUser("user\($0)@example.test") }
        var options = DovecotServer.Options()
        options.hibernates = true
        let folder = try TemporaryFolder("tls")
        let authority = try CertificateAuthority(in: folder)
        let dovecot = try await DovecotServer.start(users: users, authority: authority, options: options)
        let data = try TemporaryFolder("bench")
        let settings = try await BenchmarkDatabase.settings().merging(["MAILBRIDGE_NOTIFY": "off"]) { $1 }
        var process = try await MailbridgeProcess.start(data: data, settings: settings)
        let empty = try process.residentMemory
        say("Adding \(count) accounts …")
        let server: JSONValue = [
            "host": "localhost", "port": .number(Double(dovecot.ports.imaps)), "security": "tls",
            "tls": ["caCertificates": .string(authority.certificatePEM)],
        ]
        for user in users { _ = try await process.add(user, server) }
        try await process.waitUntilWatched(count)
        try await process.stop()

        let begun = ContinuousClock.now
        process = try await MailbridgeProcess.start(data: data, settings: settings)
        try await process.waitUntilWatched(count)
        let restart = ContinuousClock.now - begun
        say("\(count) accounts are watched again after \(oneDecimal(restart / .seconds(1))) s")
        // Sound: what is measured is what happens in this time.
        try await Task.sleep(for: .seconds(5))
        let before = try process.processorTime
        // Sound: the same.
        try await Task.sleep(for: .seconds(seconds))
        let busy = try (process.processorTime - before) / .seconds(seconds)
        let each = try (process.residentMemory - empty) / count
        try await process.stop()
        let raw = try await letIn(users, dovecot.ports.imaps, authority)
        let ratio = restart / raw
        return [
            Row(
                what: "\(count) idle TLS accounts: resident memory of each", reach: "≤ 40 kB",
                measured: "\(each >> 10) kB", against: "-", verdict: each <= 40 << 10 ? .met : .missed),
            Row(
                what: "\(count) idle TLS accounts: processor time", reach: "< 2 % of a core",
                measured: "\(twoDecimals(busy * 100)) % in \(seconds) s", against: "-",
                verdict: busy < 0.02 ? .met : .missed),
            Row(
                what: "restart with \(count) accounts until all are watched", reach: "as fast as the server",
                measured: "\(oneDecimal(restart / .seconds(1))) s: \(twoDecimals(ratio)) ×",
                against: "\(oneDecimal(raw / .seconds(1))) s for as many logins, \(logins) at once",
                verdict: ratio <= 1.5 ? .met : .missed),
        ]
    }

    /// The time in which the server lets all users in and opens their inboxes for a client that does nothing else.
    private static func letIn(
        _ users: [MailUser], _ port: UInt16, _ authority: CertificateAuthority
    ) async throws -> Duration {
        let loops = try EventLoopGroup()
        let start = ContinuousClock.now
        let opened = try await withThrowingTaskGroup(of: IMAPConnection.self) { group in
            var opened: [IMAPConnection] = []
            for (index, user) in users.enumerated() {
                if index >= logins, let connection = try await group.next() { opened.append(connection) }
                group.addTask {
                    let login = ServerLogin(
                        endpoint: ServerEndpoint(
                            host: "localhost", port: port, security: .tls,
                            tls: TLSSettings(caCertificates: authority.certificatePEM)),
                        credentials: Credentials(
                            username: user.email, authentication: .password(Secret(user.password))))
                    let connection = try await IMAPConnection.connect(
                        to: login, on: loops.next(), deadline: .after(.seconds(60)))
                    try await connection.select(.inbox, readOnly: true, deadline: .after(.seconds(60)))
                    return connection
                }
            }
            for try await connection in group { opened.append(connection) }
            return opened
        }
        let time = ContinuousClock.now - start
        for connection in opened { await connection.logout(deadline: .after(.seconds(1))) }
        await loops.shutdown()
        return time
    }
}
