import Database
import FoundationEssentials
import Glibc
import HTTP
import HTTPClient
import Logging
import MailServers
import Model
import Store
import Synchronization
import Transport
import Webhooks

/// Row "webhooks": events delivered to one healthy endpoint, each durably noted, while ten others that get the same hang.
enum WebhookBenchmark: Benchmark {
    static let name = "webhooks"
    private static let events = 20_000
    private static let hanging = 10
    private static let rounds = 3
    private static let reach = 2000.0

    static func run() async throws -> [Row] {
        var best = 0.0
        for round in 1...rounds {
            let rate = try await measure()
            print("round \(round): \(Int(rate)) deliveries/s")
            best = max(best, rate)
        }
        return [
            Row(
                what: "webhooks delivered to one healthy endpoint while \(hanging) others hang", reach: "≥ 2,000/s",
                measured:
                    "\(Int(best))/s (\(events) events, \(BenchmarkDatabase.name), signed, each result on the disk)",
                against: "-",
                verdict: best >= reach ? .met : .missed)
        ]
    }

    private static func measure() async throws -> Double {
        let folder = "/tmp/mailbridge-bench-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let database = try await BenchmarkDatabase.open(in: folder)
        let store = try await MailStore.open(
            database, masterKey: try MasterKey(octets: Array(repeating: 7, count: 32)))
        let (receiver, port) = try HTTPBenchmark.start(.ours)
        defer { receiver.end() }
        let hung = try ScriptedServer([.stall])
        defer { hung.stop() }
        let id = try await add("http://127.0.0.1:\(port)\(HTTPTestServer.hook)", to: store)
        for number in 0..<hanging { _ = try await add("http://127.0.0.1:\(hung.port)/\(number)", to: store) }

        let loops = try EventLoopGroup()
        let client = HTTPClient(loops: loops, addresses: AddressPolicy(allowsLocal: true))
        var logger = Logger(label: "bench")
        logger.logLevel = .critical
        let dispatcher = WebhookDispatcher(
            store: store, node: "n", window: 32, userAgent: "bench", send: { await send($0, $1, client) },
            content: { _, _, _, _ in .gone }, logger: logger)
        let running = Task { try await dispatcher.run() }
        let start = ContinuousClock.now
        async let appended: Void = append(to: store, database)
        // The newest delivery is asked for, not their number: that costs the store nothing.
        while true {
            let page = try await store.deliveries.list(of: id, state: .pending, before: nil, limit: 1)
            let last = try await store.deliveries.list(of: id, state: .delivered, before: nil, limit: 1)
            if page.data.isEmpty, last.data.first?.sequence == Int64(events) { break }
            // Sound: a pause between two questions that the measured program must answer too.
            try await Task.sleep(for: .milliseconds(20))
        }
        let time = ContinuousClock.now - start
        try await appended
        dispatcher.stop()
        running.cancel()
        _ = await running.result
        await client.close()
        await loops.shutdown()
        await database.close()
        return Double(events) / (time / .seconds(1))
    }

    private static func add(_ url: String, to store: MailStore) async throws -> WebhookID {
        let now = Timestamp.now()
        let id = WebhookID(rawValue: IdentifierGenerator.make(prefix: "whk"))
        try await store.webhooks.insert(
            StoredWebhook(
                webhook: Webhook(
                    id: id, settings: WebhookSettings(url: url), position: 0, createdAt: now, updatedAt: now,
                    revision: 1),
                secrets: WebhookSecrets(current: WebhookSecret.make())))
        return id
    }

    /// As a sync writes them: some hundred in a transaction, each about as large as a message's summary.
    private static func append(to store: MailStore, _ database: any SQLDatabase) async throws {
        let data = Array(
            (#"{"id":"M01234567890123456789","subject":"Hello","preview":""# + String(repeating: "x", count: 600)
                + #""}"#).utf8)
        let drafts = (0..<250).map { EventDraft(.messageCreated, of: AccountID(rawValue: "a\($0 % 50)"), data: data) }
        for _ in 0..<(events / drafts.count) {
            let appended = try await database.write { sql in try store.events.append(drafts, at: .now(), in: sql) }
            store.events.committed(appended)
        }
    }

    private static func send(
        _ request: WebhookRequest, _ deadline: ContinuousClock.Instant, _ client: HTTPClient
    ) async -> AttemptOutcome {
        var fields = HTTPFields()
        for field in request.fields {
            if let name = HTTPFieldName(field.name) { fields.append(name, field.value) }
        }
        do throws(HTTPClientError) {
            let answer = try await client.send(
                HTTPClientRequest(.post, request.url, fields: fields, body: request.body, isRepeatable: true),
                deadline: .after(deadline - .now))
            return .answered(status: answer.status.code, retryAfter: nil)
        } catch {
            return error == .cancelled || error == .closed
                ? .interrupted : .unanswered(WebhookFault(code: "failed", text: error.description))
        }
    }
}
