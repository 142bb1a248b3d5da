import MailServers
import Synchronization

/// Row "new mail → webhook": from the moment in which the server says EXISTS, as a proxy on the wire sees it, until the webhook has
/// come in whole, while a thousand other accounts are watched.
enum NewMailBenchmark: Benchmark {
    static let name = "newmail"
    private static let messages = 200

    static func run() async throws -> [Row] {
        let others = ManyAccountsBenchmark.count
        let users = (0...others).map { MailUser("user\($0)@example.test") }
        var options = DovecotServer.Options()
        options.hibernates = true
        let folder = try TemporaryFolder("tls")
        let dovecot = try await DovecotServer.start(
            users: users, authority: CertificateAuthority(in: folder), options: options)
        let announced = Mutex<ContinuousClock.Instant?>(nil)
        let proxy = try LoopbackProxy(.forward(to: dovecot.ports.imap)) { octets in
            guard String(decoding: octets, as: UTF8.self).contains(" EXISTS\r\n") else { return }
            announced.withLock { if $0 == nil { $0 = .now } }
        }
        let receiver = try HookReceiver()
        let data = try TemporaryFolder("bench")
        let process = try await MailbridgeProcess.start(
            data: data,
            settings: BenchmarkDatabase.settings().merging(["MAILBRIDGE_WEBHOOK_ALLOW_PRIVATE": "true"]) { $1 })
        say("Adding \(users.count) accounts …")
        for (index, user) in users.enumerated() {
            _ = try await process.add(user, imap: index == 0 ? proxy.port : dovecot.ports.imap)
        }
        try await process.waitUntilWatched(users.count)
        let made = try await process.client.post(
            "/v1/webhooks",
            json: ["url": .string("http://127.0.0.1:\(receiver.port)/"), "types": ["message.created"]])
        guard made.status == 201 else { throw ServerFailure("No webhook: \(made.text)") }
        var times: [Duration] = []
        for number in 0..<messages {
            announced.withLock { $0 = nil }
            try await dovecot.deliver(users[0], IMAPFetchBenchmark.message(number))
            let came = await receiver.next()
            guard let said = announced.withLock({ $0 }) else { throw ServerFailure("A webhook before EXISTS") }
            times.append(came - said)
        }
        try await process.stop()
        proxy.stop()
        let (middle, late) = (times.quantile(0.5), times.quantile(0.99))
        let isMet = middle <= .milliseconds(30) && late <= .milliseconds(150)
        return [
            Row(
                what: "new mail → webhook received, \(others) other accounts watched",
                reach: "p50 ≤ 30 ms, p99 ≤ 150 ms",
                measured: "p50 \(middle.milliseconds), p99 \(late.milliseconds) of \(messages)",
                against: "the server's EXISTS on the wire", verdict: isMet ? .met : .missed)
        ]
    }
}
