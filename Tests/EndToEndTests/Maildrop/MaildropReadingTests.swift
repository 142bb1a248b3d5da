import Foundation
import MailServers
import Testing

/// What an account of POP3 can be asked, before Dovecot's and Cyrus' POP3 servers.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct MaildropReadingTests {
    @Test(arguments: MailStore.allCases)
    func `a maildrop is listed newest first, page by page, and each message reads as it is stored`(
        store: MailStore
    ) async throws {
        let bridge = try await Bridge.shared()
        let account = try await bridge.newMaildrop(store) { user in
            for number in 1...7 { try await user.deliver(TestMail.plain("Message \(number)", body: "Text \(number).")) }
        }
        let listed = try await account.listAll("limit=3")
        #expect(listed.map(\.["subject"].string) == (1...7).reversed().map { "Message \($0)" })
        #expect(Set(listed.compactMap(\.["id"].string)).count == 7)
        #expect(try await account.listAll("limit=2&sort=receivedAt").map(\.["subject"].string).first == "Message 1")
        let message = try await account.api.get(account.message(listed[0]["id"])).expecting(200)
        #expect(message["text"].string?.hasPrefix("Text 7.") == true)
        #expect(message["mailboxIds"].array.count == 1)
        #expect(message["retention"]["state"] == "kept")
        let raw = try await account.api.get("\(account.message(listed[0]["id"]))/raw")
        #expect(raw.status == 200)
        let stored = try await account.stored()
        #expect(stored.contains { $0.suffix(40) == raw.body.suffix(40)[...] })
        #expect(raw.body.count == message["size"].int)
        let part = try await account.api.get(
            "\(account.message(listed[0]["id"]))/raw", headers: [("Range", "bytes=0-3")])
        #expect(part.status == 206 && part.body == Array(raw.body.prefix(4)))
        let mailboxes = try await account.api.get("\(account.path)/mailboxes").expecting(200)["data"].array
        #expect(mailboxes.map(\.["role"].string) == ["inbox"])
        #expect(mailboxes[0]["totalEmails"].int == 7 && mailboxes[0]["unreadEmails"].int == 7)
    }

    @Test(arguments: MailStore.allCases) func `filters and orders work without the server's help`(store: MailStore)
        async throws
    {
        let bridge = try await Bridge.shared()
        let account = try await bridge.newMaildrop(store) { user in
            try await user.deliver(TestMail.plain("Cats", from: "Zoë <zoe@outside.test>", body: "About purring."))
            try await user.deliver(TestMail.plain("Dogs", from: "alice@outside.test", body: "About barking."))
            try await user.deliver(TestMail.large(Data(repeating: 65, count: 20_000)))
        }
        func subjects(_ query: String) async throws -> [String] {
            try await account.listAll(query).compactMap(\.["subject"].string)
        }
        #expect(try await subjects("from=zoe") == ["Cats"])
        #expect(try await subjects("subject=dog") == ["Dogs"])
        #expect(try await subjects("text=purring") == ["Cats"])
        #expect(try await subjects("body=barking") == ["Dogs"])
        #expect(try await subjects("hasAttachment=true") == ["Large"])
        #expect(try await subjects("minSize=10000") == ["Large"])
        #expect(try await subjects("header=to:me@example") == ["Large", "Dogs", "Cats"])
        #expect(try await subjects("sort=subject") == ["Cats", "Dogs", "Large"])
        #expect(try await subjects("sort=-size").first == "Large")
        #expect(try await subjects("before=2001-01-01") == [])
        // When it came into its mailbox nobody can say; the time of arrival is another question.
        try await account.api.get("\(account.path)/messages?savedBefore=2001-01-01")
            .problem(409, "protocol-not-configured")
        #expect(try await account.list("subject=dog&fields=savedAt")["data"][0]["savedAt"].isNull)
        let attachments = try await account.list("hasAttachment=true&fields=id,attachments,preview")["data"][0]
        #expect(attachments["attachments"][0]["name"] == "large.bin")
        #expect(attachments["preview"] == "See the file.")

        // Keywords are ours alone.
        let cats = try await account.list("subject=cats")["data"][0]
        let changed = try await account.api.patch(
            account.message(cats["id"]), ["keywords": ["$seen": true, "$flagged": true, "mine": true]]
        ).expecting(200)
        #expect(changed["keywords"].object.keys.sorted() == ["$flagged", "$seen", "mine"])
        #expect(try await subjects("unread=true") == ["Large", "Dogs"])
        #expect(try await subjects("keyword=mine") == ["Cats"])
        let filter: JSONValue = [
            "filter": ["operator": "OR", "conditions": [["flagged": true], ["body": "barking"]]]
        ]
        let found = try await account.api.post("\(account.path)/messages/search", filter).expecting(200)
        #expect(found["data"].array.map(\.["subject"].string) == ["Dogs", "Cats"])
    }

    @Test(arguments: MailStore.allCases) func `attachments stream out of the maildrop, large ones too`(store: MailStore)
        async throws
    {
        let bridge = try await Bridge.shared()
        let content = try TestMail.randomOctets(9 << 20)
        let account = try await bridge.newMaildrop(store) { user in
            try await user.deliver(TestMail.large(content))
            try await user.deliver(TestMail.japanese(picture: [1, 2, 3], file: Array(repeating: 7, count: 3_000)))
        }
        let listed = try await account.listAll("fields=id,subject,attachments")
        let small = try #require(listed.first)
        let large = try #require(listed.last)
        for attachment in small["attachments"].array {
            let id = try #require(attachment["id"].string)
            let answer = try await account.api.get("\(account.message(small["id"]))/attachments/\(id)")
            #expect(answer.status == 200)
            #expect(answer.body == (attachment["type"] == "image/png" ? [1, 2, 3] : Array(repeating: 7, count: 3_000)))
        }
        let id = try #require(large["attachments"][0]["id"].string)
        let answer = try await account.api.get("\(account.message(large["id"]))/attachments/\(id)")
        #expect(answer.status == 200 && answer.body == [UInt8](content))
        let message = try await account.api.get(account.message(large["id"])).expecting(200)
        #expect(message["text"].string?.hasPrefix("See the file.") == true)
        let raw = try await account.api.get("\(account.message(large["id"]))/raw")
        #expect(raw.status == 200 && raw.body.count == message["size"].int)
    }

    @Test(arguments: MailStore.allCases) func `DELETE removes from the server, and exactly this message`(
        store: MailStore
    ) async throws {
        let bridge = try await Bridge.shared()
        let account = try await bridge.newMaildrop(store) { user in
            for number in 1...5 { try await user.deliver(TestMail.plain("Message \(number)")) }
        }
        let listed = try await account.listAll("")
        try await account.api.delete(account.message(listed[1]["id"])).expecting(204)
        #expect(try await account.stored().count == 4)
        #expect(
            try await account.listAll("").compactMap(\.["subject"].string) == [
                "Message 5", "Message 3", "Message 2", "Message 1",
            ])
        try await account.api.get(account.message(listed[1]["id"])).problem(404, "message-not-found")
        let batch: JSONValue = ["ids": [listed[0]["id"], listed[1]["id"]], "action": ["delete": true]]
        let outcome = try await account.api.post("\(account.path)/messages/batch", batch).expecting(200)
        #expect(outcome["done"].int == 1)
        #expect(outcome["results"][1]["error"]["type"] == "/problems/message-not-found")
        let filtered: JSONValue = [
            "filter": ["subject": "Message 1"], "action": ["delete": true, "permanently": true],
        ]
        #expect(try await account.api.post("\(account.path)/messages/batch", filtered).expecting(200)["done"].int == 1)
        #expect(try await account.listAll("").compactMap(\.["subject"].string) == ["Message 3", "Message 2"])
    }

    @Test(arguments: MailStore.allCases) func `conversations are found`(store: MailStore) async throws {
        let bridge = try await Bridge.shared()
        func answer(_ id: String, to other: String?, _ subject: String) -> [UInt8] {
            let reference = other.map { "In-Reply-To: <\($0)@x>\nReferences: <\($0)@x>\n" } ?? ""
            return TestMail.crlf(
                "From: a@outside.test\nSubject: \(subject)\nDate: Tue, 14 Nov 2023 22:13:20 +0000\nMessage-ID: <\(id)@x>\n\(reference)\nHi.\n"
            )
        }
        let tag = UUID().uuidString
        let account = try await bridge.newMaildrop(store) { user in
            try await user.deliver(answer("1\(tag)", to: nil, "Lunch"))
            try await user.deliver(answer("2\(tag)", to: nil, "Other"))
            try await user.deliver(answer("3\(tag)", to: "1\(tag)", "Re: Lunch"))
        }
        try await account.isRead()
        let threads = try await account.api.get("\(account.path)/threads").expecting(200)["data"].array
        #expect(threads.map { $0["messages"][0]["subject"].string } == ["Re: Lunch", "Other"])
        #expect(threads[0]["messageIds"].array.count == 2)
        let thread = try await account.api.get("\(account.path)/threads/\(threads[0]["id"].string ?? "")").expecting(
            200)
        #expect(thread["messages"].array.map(\.["subject"].string) == ["Lunch", "Re: Lunch"])
        let collapsed = try await account.listAll("collapseThreads=true&limit=1")
        #expect(collapsed.map(\.["subject"].string) == ["Re: Lunch", "Other"])
        let of = try await account.listAll("threadId=\(threads[0]["id"].string ?? "")")
        #expect(of.map(\.["subject"].string) == ["Re: Lunch", "Lunch"])
    }

    @Test func `what POP3 cannot do is said, and what is done here instead is listed`() async throws {
        let bridge = try await Bridge.shared()
        let account = try await bridge.newMaildrop(.dovecot) { try await $0.deliver(TestMail.plain("One")) }
        let message = try await account.message(account.onlyMessage()["id"])
        let path = account.path
        try await account.api.post("\(path)/mailboxes", ["name": "Work"]).problem(409, "protocol-not-configured")
        try await account.api.patch("\(path)/mailboxes/inbox", ["name": "X"]).problem(409, "protocol-not-configured")
        try await account.api.delete("\(path)/mailboxes/inbox").problem(409, "protocol-not-configured")
        try await account.api.post("\(message)/move", ["mailbox": "inbox"]).problem(409, "protocol-not-configured")
        try await account.api.post("\(message)/copy", ["mailbox": "inbox"]).problem(409, "protocol-not-configured")
        let draft: JSONValue = ["to": ["a@outside.test"], "subject": "x", "text": "y"]
        try await account.api.post("\(path)/drafts", draft).problem(409, "protocol-not-configured")
        try await account.api.send(
            "POST", "\(path)/messages", headers: [("Content-Type", "message/rfc822")], body: TestMail.plain("x")
        ).problem(409, "protocol-not-configured")
        try await account.api.get("\(path)/messages?mailbox=sent").problem(404, "mailbox-not-found")
        let batch: JSONValue = ["ids": ["a"], "action": ["move": "trash"]]
        try await account.api.post("\(path)/messages/batch", batch).problem(409, "protocol-not-configured")
        let spam = try await account.api.post("\(message)/spam").expecting(200)
        #expect(spam["keywords"]["$junk"] == true)

        let health = try await eventually("the health document") {
            try await account.api.get("\(path)/health").expecting(200)
        } until: {
            !$0["features"].array.isEmpty
        }
        #expect(health["pop3"]["capabilities"].array.contains("UIDL"))
        #expect(health["sync"]["phase"].string != nil)
        let support = Dictionary(
            health["features"].array.map { ($0["name"].string ?? "", $0["support"].string ?? "") },
            uniquingKeysWith: { first, _ in first })
        #expect(support["mailboxes"] == "missing" && support["keywords"] == "emulated")
        #expect(support["expunge"] == "native" && support["sentCopies"] == "missing")
    }

    @Test func `what such an account sends is filed nowhere, and the answer says so`() async throws {
        let bridge = try await Bridge.shared()
        let account = try await bridge.newMaildrop(.dovecot)
        let recipient = try await bridge.newAccount()
        let submission = try await account.submit([
            "to": [.string(recipient.user.email)], "subject": "From a maildrop", "text": "Hello.",
        ])
        #expect(submission["saveToSent"] == false)
        let settled = try await account.settled(submission)
        #expect(settled["state"] == "sent" && settled["sentMessageId"].isNull)
    }

    @Test func `settings are checked, and shown`() async throws {
        let bridge = try await Bridge.shared()
        let user = try bridge.host.newUser()
        let draft = try await MailStore.dovecot.maildropDraft(for: user, of: bridge.host)
        let both = draft.setting("/imap", to: bridge.host.server(bridge.host.dovecot.ports.imaps, "tls"))
        let refused = try await bridge.api.post("/v1/accounts", both).problem(422, "invalid-request")
        #expect(refused["errors"][0]["pointer"] == "/pop3")
        let wrong = draft.setting("/credentials/password", to: "wrong")
        let failed = try await bridge.api.post("/v1/accounts", wrong).problem(422, "verification-failed")
        #expect(failed["errors"].array.contains { $0["pointer"] == "/pop3" && $0["code"] == "authentication-failed" })
        for bad: JSONValue in [
            ["policy": "sometimes"], ["policy": "deleteAfterDays"], ["policy": "keep", "days": 3],
            ["policy": "deleteAfterDays", "days": 0], "keep",
        ] {
            try await bridge.api.post("/v1/accounts", draft.setting("/pop3/retention", to: bad))
                .problem(422, "invalid-request")
        }
        let verified = try await bridge.api.post("/v1/verify", draft).expecting(200)
        #expect(verified["ok"] == true && verified["pop3"]["ok"] == true)
        for security in ["starttls", "none"] {
            let plain = try await draft.setting("/pop3", to: MailStore.dovecot.maildrop(of: bridge.host, security))
            #expect(try await bridge.api.post("/v1/verify", plain).expecting(200)["ok"] == true, "\(security)")
        }
        let account = try await bridge.addAccount(draft)
        let shown = try await account.api.get(account.path).expecting(200)
        #expect(shown["pop3"]["retention"]["policy"] == "keep" && shown["imap"].isNull)
        let changed = try await account.api.patch(
            account.path, ["pop3": ["retention": ["policy": "deleteAfterDays", "days": 30]]]
        ).expecting(200)
        #expect(changed["pop3"]["retention"]["days"].int == 30)
    }

    /// Larger than what is held of a message: its octets only flow by.
    @Test(arguments: MailStore.allCases) func `ranges of large messages and attachments can be had`(store: MailStore)
        async throws
    {
        let bridge = try await Bridge.shared()
        let content = try TestMail.randomOctets(9 << 20)
        let account = try await bridge.newMaildrop(store) { try await $0.deliver(TestMail.large(content)) }
        let listed = try await account.listAll("fields=id,attachments")
        let message = try account.message(listed[0]["id"])
        let part = try #require(listed[0]["attachments"][0]["id"].string)
        let middle = 5_000_001..<5_000_123
        let range = [("Range", "bytes=\(middle.lowerBound)-\(middle.upperBound - 1)")]
        let piece = try await account.api.get("\(message)/attachments/\(part)", headers: range)
        #expect(piece.status == 206 && piece["Content-Range"] == "bytes 5000001-5000122/\(content.count)")
        #expect(piece.body == [UInt8](content[middle]))
        let whole = try await account.api.get("\(message)/raw")
        let raw = try await account.api.get("\(message)/raw", headers: range)
        #expect(raw.status == 206 && raw.body == Array(whole.body[middle]))
    }

    @Test func `conversations go on page by page, each shown once`() async throws {
        let bridge = try await Bridge.shared()
        let tag = UUID().uuidString
        let account = try await bridge.newMaildrop(.dovecot) { user in
            // Ten conversations of three messages, in turns.
            for number in 0..<30 {
                let thread = number % 10
                let reference = number < 10 ? "" : "References: <\(thread)-\(tag)@x>\n"
                try await user.deliver(
                    TestMail.crlf(
                        "From: a@outside.test\nSubject: Topic \(thread)\nDate: Tue, 14 Nov 2023 22:13:20 +0000\nMessage-ID: <\(number < 10 ? "" : "\(number)-")\(thread)-\(tag)@x>\n\(reference)\nHi.\n"
                    ))
            }
        }
        try await account.isRead()
        for query in ["collapseThreads=true&limit=3", "collapseThreads=true&limit=3&from=outside"] {
            let collapsed = try await account.listAll(query)
            #expect(
                collapsed.map(\.["subject"].string) == (0..<10).reversed().map { "Topic \($0)" }, "\(query)")
        }
    }
}
