import MailServers
import Testing

/// Imports, batches and drafts over HTTP, before each kind of server.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct BatchAndDraftTests {
    @Test(arguments: MailStore.allCases) func `an imported message is stored with its keywords`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let raw = TestMail.plain("Kept")
        let imported = try await account.api.send(
            "POST", "\(account.path)/messages?mailbox=archive&keywords=$seen",
            headers: [("Content-Type", "message/rfc822")], body: raw)
        #expect(try imported.expecting(201)["keywords"] == ["$seen": true])
        #expect(try await account.onlyMessage(in: "archive")["id"] == imported.json["id"])
        #expect(try await account.stored(in: "Archive") == [raw])
        let wrong = try await account.api.send(
            "POST", "\(account.path)/messages", headers: [("Content-Type", "message/rfc822")],
            body: Array("Subject: x\r\n\r\n\0".utf8))
        try wrong.problem(422, "invalid-request")
    }

    @Test(arguments: MailStore.allCases) func `a batch says of each message what became of it`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        try await account.seed((1...20).map { SeedMessage(TestMail.plain("Number \($0)")) })
        let ids = try await account.list("mailbox=inbox")["data"].array.map(\.["id"])
        let done = try await account.api.post(
            "\(account.path)/messages/batch",
            ["ids": .array(ids + ["nobody"]), "action": ["keywords": ["$flagged": true], "move": "archive"]]
        ).expecting(200)
        #expect(done["done"] == 20)
        #expect(done["results"].array.last?["error"]["type"] == "/problems/message-not-found")
        let archived = try await account.list("mailbox=archive&flagged=true")["data"].array.compactMap(\.["id"].string)
        #expect(Set(archived) == Set(done["results"].array.compactMap(\.["newId"].string)))
        #expect(archived.count == 20)
    }

    @Test(arguments: MailStore.allCases) func `a draft is kept with its Bcc, replaced, and sent to Bcc without telling`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let hidden = try await MailStore.dovecot.newAccount()
        let kept = try await account.api.post("\(account.path)/drafts", ["subject": "First"]).expecting(201)
        #expect(kept["keywords"] == ["$draft": true, "$seen": true])
        let id = try #require(kept["id"].string)
        let draft: JSONValue = [
            "subject": "Second", "text": "Hello.", "to": [.string(account.user.email)],
            "bcc": [.string(hidden.user.email)],
        ]
        let replaced = try await account.api.send(
            "PUT", "\(account.path)/drafts/\(id)", headers: [("Content-Type", "application/json")],
            body: draft.encoded()
        ).expecting(200)
        #expect(replaced["bcc"].array.map(\.["email"].string) == [hidden.user.email])
        #expect(try await account.onlyMessage(in: "drafts")["id"] == replaced["id"])
        let next = try #require(replaced["id"].string)
        let sent = try await account.api.post("\(account.path)/drafts/\(next)/send").expecting(202)
        #expect(try await account.settled(sent)["state"] == "sent")
        #expect(try await account.list("mailbox=drafts")["data"] == [])
        let arrived = try await eventually("the hidden copy is there") {
            try await hidden.stored()
        } until: {
            !$0.isEmpty
        }
        let text = String(decoding: arrived[0], as: UTF8.self)
        #expect(text.contains("Subject: Second") && !text.lowercased().contains("\nbcc:"))
        try await account.seed(mailbox: "Archive", [SeedMessage(TestMail.plain("No draft"))])
        let other = try await account.onlyMessage(in: "archive")["id"].string ?? ""
        try await account.api.post("\(account.path)/drafts/\(other)/send").problem(409, "not-a-draft")
    }
}
