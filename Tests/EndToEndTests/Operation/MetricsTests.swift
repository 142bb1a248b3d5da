import Foundation
import MailServers
import Testing

/// What Prometheus sees, read by Prometheus' own Python library.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct MetricsTests {
    private static let program = """
        import sys, json
        from prometheus_client.parser import text_string_to_metric_families
        print(json.dumps([
            {"name": family.name, "type": family.type, "help": family.documentation,
             "samples": [[sample.name, sample.labels, repr(sample.value)] for sample in family.samples]}
            for family in text_string_to_metric_families(sys.stdin.read())]))
        """

    /// The value of one sample; `labels` as Prometheus writes them.
    private struct Scrape {
        let families: [JSONValue]

        func value(_ name: String, _ labels: [String: JSONValue] = [:]) -> Double? {
            for family in families {
                for sample in family["samples"].array where sample[0].string == name {
                    if sample[1].object == labels { return sample[2].string.flatMap { Double($0) } }
                }
            }
            return nil
        }
    }

    private static func scrape(_ api: APIClient) async throws -> Scrape {
        let answer = try await api.get("/metrics")
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        let output = try await onThread {
            try Command.check([Python.interpreter(), "-c", program], input: answer.body)
        }
        return Scrape(families: try JSONValue(parsing: Array(output.utf8)).array)
    }

    @Test func `counts accounts by phase, and what webhooks got and did not get`() async throws {
        let bridge = try await Bridge.start(settings: WebhookBridge.allowsPrivate)
        let receiver = try await WebhookReceiver.start()
        _ = try await WebhookAtReceiver.make(bridge.api, receiver, "/ok/all", ["types": ["account.created"]])
        _ = try await WebhookAtReceiver.make(bridge.api, receiver, "/fail/99/all", ["types": ["account.created"]])
        _ = try await bridge.newAccount()
        let scrape = try await eventually("the account is watched, and both endpoints were called") {
            try await Self.scrape(bridge.api)
        } until: { scrape in
            let watched = scrape.value("mailbridge_sync_accounts", ["phase": "watching"])
            let delivered = scrape.value("mailbridge_webhook_attempts_total", ["result": "delivered"])
            let repeated = scrape.value("mailbridge_webhook_attempts_total", ["result": "to_be_repeated"]) ?? 0
            // An attempt is counted before it is noted.
            let pending = scrape.value("mailbridge_webhook_deliveries", ["state": "pending"])
            return watched == 1 && delivered == 1 && repeated > 0 && pending == 1
        }
        #expect(scrape.value("mailbridge_webhooks", ["state": "enabled"]) == 2)
        #expect(scrape.value("mailbridge_webhooks", ["state": "disabled"]) == 0)
        #expect(scrape.value("mailbridge_webhook_deliveries", ["state": "waiting"]) == 0)
        #expect(scrape.value("mailbridge_webhook_open_circuits") == 0)
        try await bridge.process.stop()
    }

    @Test func `has what happens in numbers`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        _ = try await account.list("mailbox=inbox")
        try await bridge.api.get("/v1/nothing").problem(404, "not-found")
        let follower = EventFollower(bridge.api)
        try await follower.opened()
        let scrape = try await eventually("the account is in step") {
            try await Self.scrape(bridge.api)
        } until: {
            $0.value("mailbridge_accounts", ["state": "connected"]) == 1
        }
        #expect(scrape.value("mailbridge_accounts", ["state": "unreachable"]) == 0)
        #expect(scrape.value("mailbridge_submissions", ["state": "queued"]) == 0)
        #expect(scrape.value("mailbridge_events_total", ["type": "account.created"]) == 1)
        let sessions = ["idle", "lent"].compactMap {
            scrape.value("mailbridge_sessions", ["protocol": "imap", "state": .string($0)])
        }
        #expect(sessions.count == 2 && sessions.reduce(0, +) >= 1)
        #expect(scrape.value("mailbridge_http_requests_total", ["status": "4xx"]) == 1)
        #expect(scrape.value("mailbridge_event_streams") == 1)
        #expect(scrape.value("mailbridge_sync_accounts", ["phase": "backing-off"]) == 0)
        #expect(scrape.value("mailbridge_sync_remaining_messages") == 0)
        #expect(try #require(scrape.value("mailbridge_sync_longest_lag_seconds")) >= 0)
        for result in ["delivered", "to_be_repeated", "failed"] {
            #expect(scrape.value("mailbridge_webhook_attempts_total", ["result": .string(result)]) == 0)
        }
        #expect(try #require(scrape.value("mailbridge_http_connections")) >= 2)
        let resident = try #require(scrape.value("process_resident_memory_bytes"))
        let real = Double(try bridge.process.residentMemory)
        #expect(resident > real / 2 && resident < real * 2)
        #expect(try #require(scrape.value("mailbridge_uptime_seconds")) > 0)
        try await eventually("the loops were looked at") {
            try await Self.scrape(bridge.api).value("mailbridge_event_loop_delay_seconds_count") ?? 0 > 0
        }
        for family in scrape.families {
            #expect(family["help"].string?.isEmpty == false && family["type"] != "unknown", "\(family["name"])")
        }
        let stats = try await bridge.api.get("/v1/stats").expecting(200)
        // Python's library leaves `_total` out of a counter's name.
        let names = Set(scrape.families.compactMap(\.["name"].string))
        #expect(
            Set(stats["metrics"].array.compactMap { $0["name"].string?.replacing("_total", with: "") }) == names)
    }
}
