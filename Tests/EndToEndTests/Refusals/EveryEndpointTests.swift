import Foundation
import MailServers
import Testing

/// Faults that every operation refuses in the same way.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct EveryEndpointTests {
    private static let admin = MailbridgeProcess.adminToken

    /// A table that lacks an operation would not test it.
    @Test func `the table has every operation of the contract that needs a token`() async throws {
        let fixture = try await RefusalFixture.shared()
        let document = try await fixture.bridge.api.get("/openapi.json").expecting(200)
        func shape(_ method: String, _ path: String) -> String {
            let parts = path.split(separator: "/").map {
                $0.hasPrefix("{") || $0.hasSuffix("_x") || $0 == "2" ? "*" : $0
            }
            return "\(method) /\(parts.joined(separator: "/"))"
        }
        var described: Set<String> = []
        for (path, item) in document["paths"].object {
            for method in ["get", "put", "post", "patch", "delete"] where !item[method].isNull {
                // An open operation says so by an empty list.
                if item[method]["security"].array.isEmpty { continue }
                described.insert(shape(method.uppercased(), path))
            }
        }
        let tested = Set(Endpoint.all.map { shape($0.method, $0.path) })
        #expect(described.subtracting(tested).isEmpty && tested.subtracting(described).isEmpty)
    }

    @Test(arguments: Endpoint.all) func `without a valid token there is no access`(endpoint: Endpoint) async throws {
        let fixture = try await RefusalFixture.shared()
        let missing = try await fixture.send(endpoint, token: nil)
        try missing.problem(401, "unauthenticated")
        #expect(missing["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
        for token in ["wrong", "mb_" + String(repeating: "A", count: 43), Self.admin + "x"] {
            let wrong = try await fixture.send(endpoint, token: token)
            try wrong.problem(401, "invalid-token")
            #expect(wrong["WWW-Authenticate"]?.contains("invalid_token") == true)
        }
        let basic = try await fixture.send(endpoint, token: nil, headers: [("Authorization", "Basic YTpi")])
        try basic.problem(401, "unauthenticated")
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: Endpoint.all) func `a token of other scopes is refused`(endpoint: Endpoint) async throws {
        let fixture = try await RefusalFixture.shared()
        for (name, token) in fixture.tokens where !name.hasPrefix("bound") && name != "admin" {
            guard !endpoint.scopes.contains(name) else { continue }
            let refused = try await fixture.send(endpoint, token: token)
            try refused.problem(403, "insufficient-scope")
            #expect(refused["WWW-Authenticate"]?.contains("insufficient_scope") == true)
        }
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: Endpoint.all) func `a token bound to one account reaches no other`(endpoint: Endpoint) async throws
    {
        let fixture = try await RefusalFixture.shared()
        let admin = try await fixture.send(endpoint, token: fixture.tokens["bound admin"])
        let isOfAccount = endpoint.path.contains("{account}")
        if isOfAccount || endpoint.scopes == ["admin"] { try admin.problem(403, "account-forbidden") }
        let bound = try await fixture.send(endpoint, token: fixture.tokens["bound"])
        if endpoint.scopes == ["admin"] {
            try bound.problem(403, "insufficient-scope")
        } else if isOfAccount {
            try bound.problem(403, "account-forbidden")
        } else if endpoint.scopes == ["events"] {
            try bound.problem(403, "insufficient-scope")
        } else if endpoint.path.contains("tpl_x") {
            // Templates are everybody's who may send.
            try bound.problem(404, "template-not-found")
        } else {
            #expect(try bound.expecting(200)["data"] == [])
        }
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: Endpoint.all) func `an unknown query parameter is named`(endpoint: Endpoint) async throws {
        let fixture = try await RefusalFixture.shared()
        let problem = try await fixture.send(endpoint, query: "?limitt=3", token: Self.admin)
            .problem(422, "invalid-request")
        #expect(problem["errors"].array.map(\.["parameter"].string) == ["limitt"])
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: Endpoint.withAccount) func `an id that names no account is told apart`(endpoint: Endpoint)
        async throws
    {
        let fixture = try await RefusalFixture.shared()
        for id in ["nobody", "..", ".hidden", String(repeating: "a", count: 65), "a%2Fb", "%E2%82%AC", "a%0D%0Ab"] {
            var other = endpoint
            other.path = other.path.replacing("{account}", with: id)
            try await fixture.send(other, token: Self.admin).problem(404, "account-not-found")
        }
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: Endpoint.all.filter { $0.path.contains("{message}") })
    func `an id that names no message is told apart`(endpoint: Endpoint) async throws {
        let fixture = try await RefusalFixture.shared()
        let near = String(fixture.message.dropLast()) + (fixture.message.hasSuffix("a") ? "b" : "a")
        for id in [
            "nothing", "1", near, fixture.message + "x", "a%2Fb", "*", String(repeating: "0", count: 26),
            String(repeating: "a", count: 3000),
        ] {
            var other = endpoint
            other.path = other.path.replacing("{message}", with: id)
            let answer = try await fixture.send(other, token: Self.admin)
            let problem = try answer.expecting(404)
            #expect(problem["type"] == "/problems/message-not-found", "\(id): \(answer.text)")
        }
        try await fixture.expectNothingLeft()
    }

    /// Octets that are no JSON text.
    private static let malformed =
        [
            "{", "{\"a\":}", "{\"email\":\"a\",}", "", "nul", "{'a':1}", "[1,2", "\u{FEFF}{}", "{\"a\":1}{\"b\":2}",
            "{\"a\":01}",
            "\"\\ud800\"", "{\"a\":\"\u{1}\"}", "{\"a\":1,\"a\":2}",
        ].map { Array($0.utf8) } + [[0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], [0x80]]

    @Test(arguments: Endpoint.withBody) func `what is no JSON is refused as such`(endpoint: Endpoint) async throws {
        let fixture = try await RefusalFixture.shared()
        let deep = Array((String(repeating: "[", count: 100_000)).utf8)
        for bytes in Self.malformed + [deep] {
            try await fixture.send(endpoint, bytes: bytes, token: Self.admin).problem(400, "malformed-json")
        }
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: Endpoint.withBody) func `JSON of another shape is refused with a pointer`(endpoint: Endpoint)
        async throws
    {
        let fixture = try await RefusalFixture.shared()
        for body: JSONValue in [[], nil, 1, "text", true] {
            let problem = try await fixture.send(endpoint, body: body, token: Self.admin).problem(
                422, "invalid-request")
            #expect(problem["errors"][0]["pointer"] == "")
        }
        let body = try #require(endpoint.body)
        for (name, value) in body.object {
            let wrong: JSONValue = if case .number = value { "text" } else { 17 }
            let problem = try await fixture.send(endpoint, body: body.setting("/\(name)", to: wrong), token: Self.admin)
                .problem(422, "invalid-request")
            let pointers = problem["errors"].array.compactMap(\.["pointer"].string)
            #expect(pointers.contains("/\(name)"), "\(name): \(pointers)")
        }
        let problem = try await fixture.send(endpoint, body: body.setting("/typo~1slash", to: 1), token: Self.admin)
            .problem(422, "invalid-request")
        #expect(problem["errors"].array.map(\.["pointer"].string).contains("/typo~01slash"), "\(problem)")
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: Endpoint.withBody) func `another media type is refused`(endpoint: Endpoint) async throws {
        let fixture = try await RefusalFixture.shared()
        for type in [
            "text/plain", "application/xml", "application/jsonx", "json", "application/json; charset=utf-16", nil,
        ] {
            try await fixture.send(endpoint, type: type, token: Self.admin).problem(415, "unsupported-media-type")
        }
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: Endpoint.withBody) func `a body beyond the limit is refused, however it comes`(endpoint: Endpoint)
        async throws
    {
        let fixture = try await RefusalFixture.shared()
        let large = [UInt8](repeating: UInt8(ascii: " "), count: RefusalFixture.bodyLimit + 1)
        try await fixture.send(endpoint, bytes: large, token: Self.admin).problem(413, "content-too-large")
        let port = fixture.bridge.api.port
        let head = """
            \(endpoint.method) \(fixture.target(endpoint.path)) HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer \(Self.admin)\r
            Content-Type: application/json\r

            """
        // Announced only: the answer comes before the body would have to.
        let announced = try await onThread {
            let connection = try TestHTTPConnection(port: port, timeout: 10)
            try connection.send(head + "Content-Length: 99999999999\r\n\r\n")
            return try connection.readResponse()
        }
        try announced.problem(413, "content-too-large")
        // Chunked: nobody knows the length beforehand.
        let chunked = try await onThread {
            let connection = try TestHTTPConnection(port: port, timeout: 10)
            try connection.send(head + "Transfer-Encoding: chunked\r\n\r\n")
            let chunk = "10000\r\n" + String(repeating: " ", count: 0x10000) + "\r\n"
            for _ in 0..<5 { try? connection.send(chunk) }
            return try connection.readResponse()
        }
        try chunked.problem(413, "content-too-large")
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: Set(Endpoint.all.map(\.path)).sorted())
    func `another method is refused with those that there are`(path: String) async throws {
        let fixture = try await RefusalFixture.shared()
        let known = Endpoint.all.filter { $0.path == path }.map(\.method)
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] where !known.contains(method) {
            let answer = try await fixture.bridge.api.http.send(method, fixture.target(path), body: [])
            try answer.problem(405, "method-not-allowed")
            let allowed = Set(
                (answer["Allow"] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            #expect(allowed.isSuperset(of: known), "\(method): \(allowed)")
            #expect(!allowed.contains(method))
        }
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: [
        "/", "/v1", "/v1/", "/v1/nothing", "/v2/accounts", "/v1/accounts/", "/v1//accounts", "/etc/passwd",
        "/v1/%61ccount",
    ])
    func `an unknown path is not found`(path: String) async throws {
        let fixture = try await RefusalFixture.shared()
        try await fixture.bridge.api.http.get(path).problem(404, "not-found")
    }

    @Test func `an absurd request line or header section is refused`() async throws {
        let fixture = try await RefusalFixture.shared()
        let long = String(repeating: "a", count: 100_000)
        let http = fixture.bridge.api.http
        try await http.get("/v1/accounts?cursor=\(long)").expecting(414)
        try await http.get("/v1/accounts", headers: [("X-Long", long)]).expecting(431)
        try await http.get("/v1/accounts", headers: (0..<1000).map { ("X-\($0)", "a") }).expecting(431)
    }
}
