import API
import HTTP
import Metrics
import Representation
import Testing

@Suite struct `Metrics and stats` {
    @Test func `have every registered number`() async throws {
        let client = Client()
        client.dependencies.metrics.register {
            [MetricFamily("things", .gauge, "Things.", [MetricSample(2, MetricLabel("kind", "a\"b"))])]
        }
        let text = try await client.send(.get, "/metrics")
        #expect(text.fields[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(text.text == "# HELP things Things.\n# TYPE things gauge\nthings{kind=\"a\\\"b\"} 2\n")
        let stats = try await client.send(.get, "/v1/stats")
        #expect(stats.json["version"] == .string("1.2.3"))
        guard case .array(let families)? = stats.json["metrics"], case .array(let samples)? = families.first?["samples"]
        else {
            Issue.record("\(stats.text)")
            return
        }
        #expect(families[0]["name"] == .string("things") && families[0]["type"] == .string("gauge"))
        #expect(samples[0]["labels"]?["kind"] == .string("a\"b") && samples[0]["value"] == .number("2.0"))
    }

    @Test(arguments: ["/metrics", "/v1/stats"]) func `are for administrators`(target: String) async throws {
        #expect(try await Client().send(.get, target, token: "events.read").status == 403)
        #expect(try await Client().send(.get, target, token: "admin~acc_1").status == 403)
        #expect(try await Client().send(.get, target, token: nil).status == 401)
    }
}
