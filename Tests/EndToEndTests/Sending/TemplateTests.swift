import Foundation
import MailServers
import Testing

/// Templates, and many messages of one.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct TemplateTests {
    private func template(_ bridge: Bridge) async throws -> JSONValue {
        try await bridge.api.post(
            "/v1/templates",
            [
                "name": "Receipt", "subject": "Order {{order.number}}", "text": "Thank you, {{name}}.",
                "html": "<p title=\"{{name}}\">Thank you, {{name}}. {{{extra}}}</p>",
            ]
        ).expecting(201)
    }

    @Test func `a template is made, shown, changed and removed`() async throws {
        let bridge = try await Bridge.start()
        let made = try await template(bridge)
        let id = try #require(made["id"].string)
        let shown = try await bridge.api.get("/v1/templates/\(id)")
        #expect(try shown.expecting(200) == made)
        let tag = try #require(shown["ETag"])
        #expect(try await bridge.api.get("/v1/templates/\(id)", headers: [("If-None-Match", tag)]).status == 304)
        #expect(try await bridge.api.get("/v1/templates").expecting(200)["data"] == [made])
        let changed = try await bridge.api.patch(
            "/v1/templates/\(id)", ["html": nil, "text": "Hi {{name}}"], headers: [("If-Match", tag)]
        ).expecting(200)
        #expect(changed["html"].isNull && changed["text"] == "Hi {{name}}")
        try await bridge.api.patch("/v1/templates/\(id)", ["text": "x"], headers: [("If-Match", tag)])
            .problem(412, "precondition-failed")
        try await bridge.api.patch("/v1/templates/\(id)", ["text": nil]).problem(422, "invalid-request")
        let problem = try await bridge.api.patch("/v1/templates/\(id)", ["text": "Hi {{name"])
            .problem(422, "invalid-request")
        #expect(problem["errors"][0]["pointer"] == "/text")
        let filled = try await bridge.api.post(
            "/v1/templates/\(id)/render", ["values": ["name": "Jörg", "order": ["number": 7]]])
        #expect(try filled.expecting(200) == ["subject": "Order 7", "text": "Hi Jörg", "html": nil])
        try await bridge.api.delete("/v1/templates/\(id)", headers: [("If-Match", tag)]).problem(
            412, "precondition-failed")
        try await bridge.api.delete("/v1/templates/\(id)").expecting(204)
        try await bridge.api.get("/v1/templates/\(id)").problem(404, "template-not-found")
        try await bridge.process.stop()
    }

    @Test func `a submission of a template says what its values say`() async throws {
        let bridge = try await Bridge.shared()
        let id = try #require(try await template(bridge)["id"].string)
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        let submission = try await account.submit([
            "to": [.string(to.user.email)], "template": .string(id), "unsubscribe": ["url": "https://x.test/u"],
            "values": ["name": "O'Neil <&>", "order": ["number": 4711], "extra": "<b>!</b>"],
            "autoSubmitted": "auto-generated",
        ])
        #expect(try await account.settled(submission)["state"] == "sent")
        let mail = try await PythonMail.read(try #require(try await to.arrivals().first))
        #expect(mail["Subject"] == "Order 4711")
        #expect(mail["List-Unsubscribe"] == "<https://x.test/u>")
        #expect(mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click")
        #expect(mail["Auto-Submitted"] == "auto-generated")
        let text = String(decoding: try #require(mail.part("text/plain")).content, as: UTF8.self)
        #expect(text.hasPrefix("Thank you, O'Neil <&>."))
        let html = String(decoding: try #require(mail.part("text/html")).content, as: UTF8.self)
        #expect(html.contains("title=\"O&#39;Neil &lt;&amp;&gt;\"") && html.contains("<b>!</b>"))
        func pointers(_ values: JSONValue) async throws -> [String] {
            try await account.api.post(
                "\(account.path)/submissions", ["to": ["a@b.test"], "template": .string(id), "values": values]
            ).problem(422, "invalid-request")["errors"].array.compactMap(\.["pointer"].string)
        }
        #expect(try await pointers(["name": "x", "order": [:]]) == ["/values/order/number", "/values/extra"])
        #expect(
            try await pointers(["name": "x", "extra": "", "order": ["number": "7\r\nBcc: x@y.test"]])
                == ["/values/order/number"])
        #expect(
            try await pointers(["name": nil, "extra": "", "order": ["number": [1]]])
                == ["/values/name", "/values/order/number"])
    }

    @Test func `a batch sends each right message and says what is wrong with each other`() async throws {
        let bridge = try await Bridge.shared()
        let id = try #require(try await template(bridge)["id"].string)
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        let address: JSONValue = .string(to.user.email)
        let answer = try await account.api.post(
            "\(account.path)/submissions/batch",
            [
                "common": ["template": .string(id), "values": ["extra": "", "order": ["number": 1]]],
                "messages": [
                    ["to": [address], "values": ["name": "One"]],
                    ["to": ["nobody"], "values": ["name": "Two"]],
                    ["to": [address]],
                    ["to": [address], "values": ["name": "Four", "order": ["number": 4]]],
                    ["to": [address], "typo": 1], 7,
                ],
            ], headers: [("Idempotency-Key", "batch-\(account.id)")])
        let result = try answer.expecting(202)
        #expect(result["accepted"] == 2)
        let pointers = result["results"].array.map { $0["error"]["errors"].array.compactMap(\.["pointer"].string) }
        #expect(
            pointers == [
                [], ["/messages/1/to/0"], ["/common/values/name"], [], ["/messages/4/typo"], ["/messages/5"],
            ], "\(result)")
        for index in [0, 3] {
            #expect(try await account.settled(result["results"][index]["submission"])["state"] == "sent")
        }
        var subjects: [String] = []
        for raw in try await to.arrivals(count: 2) {
            let mail = try await PythonMail.read(raw)
            subjects.append(mail["Subject"] ?? "")
        }
        #expect(subjects.sorted() == ["Order 1", "Order 4"])
    }

    @Test func `a thousand messages are taken in one request`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.addAccount(of: bridge.host.newUser())
        let messages = (0..<1000).map { index -> JSONValue in
            ["to": [.string("nobody\(index)@example.test")], "subject": .string("Number \(index)")]
        }
        let answer = try await account.api.post(
            "\(account.path)/submissions/batch",
            [
                "common": ["text": "Hello.", "saveToSent": false],
                "messages": .array(messages),
            ])
        let result = try answer.expecting(202)
        #expect(result["accepted"] == 1000)
        #expect(Set(result["results"].array.compactMap { $0["submission"]["id"].string }).count == 1000)
        let listed = try await account.api.get("\(account.path)/submissions?limit=500").expecting(200)
        #expect(listed["data"].array.count == 500 && !listed["nextCursor"].isNull)
        try await bridge.process.stop()
    }
}
