import Foundation
import MailServers
import Testing

/// Where webhooks must not lead.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct WebhookRefusalTests {
    @Test func `URLs that lead inside are refused when they say so themselves`() async throws {
        let bridge = try await WebhookBridge.start(settings: [:])
        for url in [
            "http://app.example.org/", "https://127.0.0.1/", "https://localhost/", "https://a.localhost:8443/x",
            "https://[::1]/", "https://10.1.2.3/", "https://192.168.0.1/", "https://169.254.169.254/latest/meta-data",
            "https://[::ffff:127.0.0.1]/", "https://[fe80::1]/", "https://[fd00:ec2::254]/",
            "https://[64:ff9b::a00:1]/",
            "https://100.64.0.1/", "https://0.0.0.0/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
            "https://user:pass@app.example.org/", "https://app.example.org/#x", "https://app.example.org\\@10.0.0.1/",
            "ftp://app.example.org/", "app.example.org", "https://",
        ] {
            let problem = try await bridge.api.post("/v1/webhooks", ["url": .string(url)])
                .problem(422, "invalid-request")
            #expect(problem["errors"].array.map(\.["pointer"].string) == ["/url"], "\(url)")
        }
        #expect(try await bridge.api.get("/v1/webhooks").expecting(200)["data"] == [])
        try await bridge.process.stop()
    }

    @Test func `a name that leads inside is refused when it is dialled`() async throws {
        let bridge = try await WebhookBridge.start(settings: [:])
        // Its own name leads to this machine, by loopback or its private address.
        let name = ProcessInfo.processInfo.hostName
        let made = try await bridge.api.post("/v1/webhooks", ["url": .string("https://\(name):8443/")]).expecting(201)
        let id = try #require(made["id"].string)
        let tested = try await bridge.api.post("/v1/webhooks/\(id)/test").expecting(200)
        #expect(tested["ok"] == false && tested["status"].isNull)
        #expect(tested["error"]["code"] == "address-forbidden", "\(tested)")
        try await bridge.process.stop()
    }

    @Test func `some addresses are refused even where private ones are allowed`() async throws {
        let bridge = try await WebhookBridge.start()
        for url in ["http://169.254.169.254/", "http://[fe80::1]/", "http://224.0.0.1/", "http://0.0.0.0/"] {
            try await bridge.api.post("/v1/webhooks", ["url": .string(url)]).problem(422, "invalid-request")
        }
        for url in ["http://127.0.0.1:1/", "https://10.0.0.1/"] {
            try await bridge.api.post("/v1/webhooks", ["url": .string(url)]).expecting(201)
        }
        try await bridge.process.stop()
    }

    @Test func `every fault of a webhook is named with its place`() async throws {
        let bridge = try await WebhookBridge.start(settings: [:])
        let good: JSONValue = ["url": "https://app.example.org/hook"]
        let cases: [(String, JSONValue, String)] = [
            ("/types", [], "/types"), ("/types", ["message.lost"], "/types/0"), ("/types", ["*"], "/types/0"),
            ("/accounts", [], "/accounts"), ("/accounts", ["../x"], "/accounts/0"),
            ("/include", ["attachments"], "/include/0"), ("/filter", [:], "/filter"),
            ("/filter", ["sender": "x"], "/filter/sender"), ("/secret", "whsec_AAAA", "/secret"),
            ("/secret", "secret", "/secret"),
            ("/description", .string(String(repeating: "x", count: 501)), "/description"),
        ]
        for (member, value, pointer) in cases {
            let problem = try await bridge.api.post("/v1/webhooks", good.setting(member, to: value))
                .problem(422, "invalid-request")
            #expect(problem["errors"].array.map(\.["pointer"].string) == [pointer], "\(member): \(problem)")
        }
        let made = try await bridge.api.post("/v1/webhooks", good).expecting(201)
        let id = try #require(made["id"].string)
        for patch: JSONValue in [["url": nil], ["url": "https://10.0.0.1/"], ["state": "gone"], ["secret": "x"]] {
            try await bridge.api.patch("/v1/webhooks/\(id)", patch).problem(422, "invalid-request")
        }
        let patched = try await bridge.api.patch(
            "/v1/webhooks/\(id)", ["types": ["message.*"], "filter": ["from": "x"], "description": "ours"]
        ).expecting(200)
        #expect(patched["types"] == ["message.*"] && patched["filter"] == ["from": "x"])
        let cleared = try await bridge.api.patch("/v1/webhooks/\(id)", ["types": nil, "filter": nil]).expecting(200)
        #expect(cleared["types"].isNull && cleared["filter"].isNull && cleared["description"] == "ours")
        try await bridge.process.stop()
    }
}
