import MailServers
import Testing

/// What anybody may read: health, the contract, the pages of problems.
@Suite(.timeLimit(.minutes(4)), .validatesAnswers)
struct ServicePagesTests {
    @Test func `health and readiness are told without a token`() async throws {
        let api = try await Bridge.shared().api.with(token: nil)
        for target in ["/healthz", "/readyz"] {
            let answer = try await api.get(target).expecting(200)
            #expect(answer["status"] == "ok")
            #expect(answer["version"].string?.isEmpty == false)
        }
    }

    @Test func `the contract is served in both forms`() async throws {
        let api = try await Bridge.shared().api.with(token: nil)
        let json = try await api.get("/openapi.json")
        #expect(try json.expecting(200)["openapi"] == "3.1.0")
        #expect(try json.json["paths"].object.count > 15)
        let yaml = try await api.get("/openapi.yaml")
        #expect(yaml.status == 200)
        #expect(yaml.text.hasPrefix("openapi: 3.1.0"))
        let tag = try #require(json["ETag"])
        #expect(try await api.get("/openapi.json", headers: [("If-None-Match", tag)]).status == 304)
    }

    @Test func `each problem type has a page`() async throws {
        let api = try await Bridge.shared().api.with(token: nil)
        let document = try await api.get("/openapi.json").expecting(200)
        let types = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].array
        #expect(types.count > 30)
        for type in types.compactMap(\.string) {
            let page = try await api.get(type)
            #expect(page.status == 200, "\(type)")
            #expect(page["Content-Type"]?.hasPrefix("text/plain") == true)
            #expect(page.text.count > 40)
        }
        let html = try await api.get("/problems", headers: [("Accept", "text/html")])
        #expect(html.status == 200)
        #expect(html["Content-Type"]?.hasPrefix("text/html") == true)
        try await api.get("/problems/no-such-thing").problem(404, "not-found")
    }

    @Test func `browsers may call from the origins of the settings, and from no other`() async throws {
        let bridge = try await Bridge.start(settings: ["MAILBRIDGE_CORS_ORIGINS": "https://mail.example.test"])
        let ask = [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization")]
        let own = [("Origin", "https://mail.example.test")]
        let preflight = try await bridge.api.with(token: nil).send("OPTIONS", "/v1/accounts", headers: own + ask)
        #expect(preflight.status == 204)
        #expect(preflight["Access-Control-Allow-Origin"] == "https://mail.example.test")
        #expect(preflight["Access-Control-Allow-Headers"]?.lowercased().contains("authorization") == true)
        let answer = try await bridge.api.get("/v1/accounts", headers: own)
        #expect(answer["Access-Control-Allow-Origin"] == "https://mail.example.test")
        #expect(answer["Vary"]?.contains("Origin") == true)
        let refused = try await bridge.api.with(token: nil).get("/v1/accounts", headers: own)
        #expect(refused.status == 401)
        #expect(refused["Access-Control-Allow-Origin"] == "https://mail.example.test")
        for origin in [
            "https://evil.example.test", "http://mail.example.test", "null", "https://mail.example.test.evil",
        ] {
            let other = try await bridge.api.get("/v1/accounts", headers: [("Origin", origin)])
            #expect(other["Access-Control-Allow-Origin"] == nil, "\(origin)")
        }
        try await bridge.process.stop()
    }

    @Test func `the request id is echoed or made`() async throws {
        let api = try await Bridge.shared().api
        let own = try await api.get("/v1/accounts/none", headers: [("X-Request-Id", "my-request-1")])
        #expect(own["X-Request-Id"] == "my-request-1")
        #expect(try own.json["requestId"] == "my-request-1")
        let made = try await api.get("/healthz")
        #expect(made["X-Request-Id"]?.isEmpty == false)
    }
}
