import FoundationEssentials
import MailServers

/// Rows "first sync" and "GET messages?limit=50" of a mailbox of 100,000.
///
/// The first is the time from adding the account until every message has a durable row and a conversation. The second is a page, beside
/// the time in which the server answers a raw client that asks for the same of the same messages and throws it away; both take turns
/// on connections that they keep. It is asked for again and again, as a front end does; the third row is of pages that were
/// not listed a moment before.
enum ListBenchmark: Benchmark {
    static let name = "list"
    private static let count = 100_000
    private static let rounds = 10
    private static let requests = 30

    static func run() async throws -> [Row] {
        let (dovecot, user) = try await BenchmarkBridge.server()
        say("Writing \(count) messages …")
        try await dovecot.seed(user, count: count) { number in
            // Of messages of the same second the server's order is not that of the index.
            let arrival = Date(timeIntervalSince1970: 1_600_000_000 + Double(number) * 60)
            return SeedMessage(IMAPFetchBenchmark.message(number), receivedAt: arrival)
        }
        // Dovecot reads its files and writes its indexes when it is asked first; that is not the sync.
        _ = try await onThread {
            let reader = try RawReader(port: dovecot.ports.imap)
            try reader.open(user.email, user.password)
            return try reader.time("FETCH 1:* (UID INTERNALDATE FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE)")
        }
        // Its own start is none of ours.
        _ = try await BenchmarkDatabase.settings()
        let start = ContinuousClock.now
        let bridge = try await BenchmarkBridge.start(before: dovecot, user)
        try await bridge.process.waitUntilRead(bridge.account)
        let time = ContinuousClock.now - start
        let first = Row(
            what: "first sync of \(count) messages (rows, threads, cursor durable)", reach: "≤ 30 s",
            measured: "\(oneDecimal(time / .seconds(1))) s with the program's start, \(BenchmarkDatabase.name)",
            against: "-",
            verdict: time <= .seconds(30) ? .met : .missed)
        let lists = try await onThread { try measure(bridge) }
        try await bridge.process.stop()
        return [first] + lists
    }

    /// What a list with all fields asks for.
    private static let command = """
        FETCH \(count - 50):* (UID INTERNALDATE FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE PREVIEW \
        BODY.PEEK[HEADER.FIELDS (REFERENCES)])
        """

    private static func measure(_ bridge: BenchmarkBridge) throws -> [Row] {
        let server = try bridge.server()
        let client = try bridge.client()
        let target = "\(bridge.account)/messages?mailbox=inbox&limit=50"
        // Dovecot reads its files and writes its cache the first times.
        for _ in 0..<3 {
            _ = try server.time(command)
            _ = try client.get(target, token: bridge.token)
        }
        var ours: [Duration] = []
        var raw: [Duration] = []
        for round in 1...rounds {
            var turn: (ours: [Duration], raw: [Duration]) = ([], [])
            for _ in 0..<requests {
                let start = ContinuousClock.now
                _ = try client.get(target, token: bridge.token)
                turn.ours.append(ContinuousClock.now - start)
            }
            for _ in 0..<requests { turn.raw.append(try server.time(command)) }
            say("round \(round): \(turn.ours.median.milliseconds), the server's own \(turn.raw.median.milliseconds)")
            ours += turn.ours
            raw += turn.raw
        }
        // The page at the one end of the mailbox makes that at the other forgotten.
        var turned: [Duration] = []
        for round in 0..<rounds * requests {
            let start = ContinuousClock.now
            _ = try client.get("\(target)&sort=\(round % 2 == 0 ? "" : "-")receivedAt", token: bridge.token)
            turned.append(ContinuousClock.now - start)
        }
        return [("again and again", ours.median), ("another page each time", turned.median)].map { name, time in
            let ratio = time / raw.median
            return Row(
                what: "GET …/messages?limit=50 in a mailbox of \(count), \(name)", reach: "p50 ≤ 1.5 ×",
                measured: "\(time.milliseconds): \(twoDecimals(ratio)) ×",
                against: "\(raw.median.milliseconds) for the same FETCH, raw", verdict: ratio <= 1.5 ? .met : .missed)
        }
    }
}
