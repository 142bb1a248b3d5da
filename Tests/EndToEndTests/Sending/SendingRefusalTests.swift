import Foundation
import MailServers
import Testing

/// What is wrong in a message that is handed over, told by its place, with nothing of it kept.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct SendingRefusalTests {
    private func pointers(_ answer: TestHTTPResponse) throws -> [String] {
        try answer.problem(422, "invalid-request")["errors"].array.compactMap(\.["pointer"].string)
    }

    private func raw(_ body: [UInt8], to account: MailAccount) async throws -> TestHTTPResponse {
        let head = "From: \(account.user.email)\r\nTo: joe@example.test\r\nSubject: x\r\n\r\n"
        return try await account.api.send(
            "POST", "\(account.path)/submissions", headers: [("Content-Type", "message/rfc822")],
            body: Array(head.utf8) + body)
    }

    private func expectNothing(_ account: MailAccount) async throws {
        #expect(try await account.api.get("\(account.path)/submissions").expecting(200)["data"] == [])
    }

    @Test func `a finished message that no server may be given is refused with the line`() async throws {
        let account = try await Bridge.shared().newAccount()
        for (body, detail) in [
            ([UInt8]("a\rb\r\n".utf8), "line 5 holds a carriage return"), ([0x61, 0, 0x62], "line 5 holds a NUL"),
            ([UInt8](repeating: 0x78, count: 999), "line 5 is longer than 998"),
        ] {
            let problem = try await raw(body, to: account).problem(422, "invalid-request")
            #expect(problem["errors"][0]["pointer"] == "")
            #expect(problem["errors"][0]["detail"].string?.hasPrefix(detail) == true, "\(problem)")
        }
        try await account.api.send(
            "POST", "\(account.path)/submissions", headers: [("Content-Type", "message/rfc822")], body: []
        ).problem(422, "invalid-request")
        try await expectNothing(account)
    }

    @Test func `ten thousand recipients are refused, wherever they stand`() async throws {
        let account = try await Bridge.shared().newAccount()
        let many = (0..<10_000).map { "a\($0)@example.test" }
        let path = "\(account.path)/submissions"
        let to: JSONValue = ["to": .array(many.map { .string($0) }), "text": "x"]
        #expect(try pointers(try await account.api.post(path, to)) == ["/to"])
        let envelope: JSONValue = [
            "to": ["a@example.test"], "text": "x", "envelope": ["rcptTo": .array(many.map { .string($0) })],
        ]
        #expect(try pointers(try await account.api.post(path, envelope)) == ["/envelope/rcptTo"])
        try await expectNothing(account)
    }

    @Test func `an attachment that is not there is told by its place`() async throws {
        let account = try await Bridge.shared().newAccount()
        try await account.seed([SeedMessage(TestMail.large(.init([1, 2, 3])))])
        let message = try await account.onlyMessage()["id"]
        try await account.isRead()
        func refused(_ attachment: JSONValue) async throws -> [String] {
            try pointers(
                try await account.api.post(
                    "\(account.path)/submissions",
                    ["to": ["a@example.test"], "text": "x", "attachments": [["content": "AA=="], attachment]]))
        }
        #expect(try await refused(["messageId": message, "attachmentId": "9"]) == ["/attachments/1/attachmentId"])
        #expect(try await refused(["messageId": "M_none", "attachmentId": "2"]) == ["/attachments/1/messageId"])
        #expect(try await refused(["part": "x"]) == ["/attachments/1/part"])
        let target = "\(try account.message(message))?permanently=true"
        try await account.api.delete(target).expecting(204)
        #expect(try await refused(["messageId": message, "attachmentId": "2"]) == ["/attachments/1/messageId"])
        try await expectNothing(account)
    }

    @Test func `a form that is cut off or broken leaves nothing`() async throws {
        let account = try await Bridge.shared().newAccount()
        var form = try Form(["to": ["a@example.test"], "text": "x"])
        form.add("file", fileName: "a.bin", content: [UInt8](try TestMail.randomOctets(700_000)))
        for cut in [1, 5, 70, form.octets.count / 2, form.octets.count - 1] {
            let answer = try await account.api.send(
                "POST", "\(account.path)/submissions", headers: form.headers, body: Array(form.octets.dropLast(cut)))
            if cut == 1 { continue }
            #expect(try pointers(answer) == [""])
        }
        for (name, content) in [("other", "{}"), ("message", "{\"to\""), ("message", "[]")] {
            var broken = Form()
            broken.add(name, content: Array(content.utf8))
            let answer = try await account.submit(broken)
            #expect([400, 422].contains(answer.status), "\(answer.text)")
        }
        var invalid = Form()
        invalid.add("message", content: [0x22, 0xFF, 0x22])
        try await account.submit(invalid).problem(400, "malformed-json")
        try await account.api.send(
            "POST", "\(account.path)/submissions", headers: [("Content-Type", "multipart/form-data")], body: form.octets
        ).problem(422, "invalid-request")
        let kept = try await account.api.get("\(account.path)/submissions").expecting(200)["data"].array
        // The one whose last line end alone was missing is whole.
        #expect(kept.count == 1)
    }

    @Test func `a line break in a part's file name is refused where the file stands`() async throws {
        let account = try await Bridge.shared().newAccount()
        var form = try Form(["to": ["a@example.test"], "text": "x", "attachments": [["part": "f"]]])
        form.add("f", fileName: "a%0D%0ABcc: x@y.test", content: [1])
        #expect(try pointers(try await account.submit(form)) == ["/attachments/0/name"])
        var typed = try Form(["to": ["a@example.test"], "text": "x"])
        typed.add("f", fileName: "a", type: "no type", content: [1])
        #expect(try pointers(try await account.submit(typed)) == ["/attachments"])
        try await expectNothing(account)
    }

    @Test func `a client that goes away in the midst of its upload leaves nothing`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        let path = "/v1/accounts/\(account.id)/submissions"
        for type in ["message/rfc822", "multipart/form-data; boundary=b", "application/json"] {
            let head =
                "POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(MailbridgeProcess.adminToken)\r\n"
                + "Content-Type: \(type)\r\nContent-Length: 900000\r\n\r\n"
            try await onThread {
                let connection = try SocketStream(port: bridge.process.client.port)
                try connection.send(Array(head.utf8) + [UInt8](repeating: 0x78, count: 400_000))
                connection.finish()
                _ = try connection.readToEnd()
            }
        }
        try await expectNothing(account)
        let files = try FileManager.default.contentsOfDirectory(atPath: bridge.folder.path)
        #expect(!files.contains { $0.contains("spool") })
        try await bridge.process.stop()
    }
}
