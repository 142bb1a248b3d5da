import Foundation
import MailServers
import Testing

/// The main job before each kind of server, so that no answer of the API shows which one it is.
@Suite(.timeLimit(.minutes(3)), .validatesAnswers)
struct DialectTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    @Test(arguments: MailStore.allCases)
    func `mailboxes have their roles, names and parents`(store: MailStore) async throws {
        let account = try await store.newAccount()
        try await store.seed(account, mailbox: "Work/New", [SeedMessage(TestMail.plain("One"))])
        let list = try await account.api.get("\(account.path)/mailboxes").expecting(200)["data"].array
        for role in ["inbox", "drafts", "sent", "junk", "trash", "archive"] {
            #expect(list.filter { $0["role"].string == role }.count == 1, "\(role)")
        }
        let path = try await store.path(of: "Work/New")
        let folder = try #require(list.first { $0["path"].string == path }, "\(list)")
        #expect(folder["name"] == "New")
        #expect(folder["totalEmails"] == 1)
        #expect(folder["unreadEmails"] == 1)
        let id = try #require(folder["id"].string)
        #expect(try await account.onlyMessage(in: id)["subject"] == "One")
    }

    private static func numbered(_ index: Int) -> SeedMessage {
        let subject = index % 4 == 0 ? "Invoice \(index)" : "Note \(index)"
        let sender = index % 2 == 0 ? "alice@outside.test" : "bob@outside.test"
        let raw = TestMail.plain(subject, from: sender, body: index % 5 == 0 ? "A zebra." : "A horse.")
        let flags = (index % 3 == 0 ? "S" : "") + (index % 7 == 0 ? "F" : "")
        return SeedMessage(raw, flags: flags, receivedAt: start.addingTimeInterval(Double(index) * 3600))
    }

    @Test(arguments: MailStore.allCases)
    func `pages and filters find what is there, newest first`(store: MailStore) async throws {
        let account = try await store.newAccount()
        let messages = (0..<20).map(Self.numbered)
        try await store.seed(account, messages)
        let all = try await account.listAll("mailbox=inbox&limit=6")
        let ids = Array(all.compactMap(\.["id"].string).reversed())
        try #require(ids.count == 20)
        #expect(Set(ids).count == 20)
        #expect(all.first?["receivedAt"] == "2023-11-15T17:13:20.000Z")
        let filters: [(String, (Int) -> Bool)] = [
            ("unread=true", { $0 % 3 != 0 }), ("flagged=true", { $0 % 7 == 0 }), ("from=alice", { $0 % 2 == 0 }),
            ("subject=invoice", { $0 % 4 == 0 }), ("text=zebra", { $0 % 5 == 0 }),
            ("after=2023-11-15T00:13:20Z", { $0 >= 2 }), ("before=2023-11-15T00:13:20Z", { $0 < 2 }),
            ("unread=false&from=bob", { $0 % 3 == 0 && $0 % 2 == 1 }),
        ]
        for (query, passes) in filters {
            let found = try await account.listAll("mailbox=inbox&limit=7&\(query)").compactMap(\.["id"].string)
            #expect(found == (0..<20).reversed().filter(passes).map { ids[$0] }, "\(query)")
        }
        try await store.deliver(account, TestMail.plain("Just now"))
        #expect(try await account.list("mailbox=inbox&limit=1")["data"][0]["subject"] == "Just now")
    }

    @Test(arguments: MailStore.allCases)
    func `a message is read, and its files are byte-exact`(store: MailStore) async throws {
        let account = try await store.newAccount()
        let picture = [UInt8]((0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 256) })
        let raw = TestMail.japanese(picture: picture, file: [UInt8](0...255))
        try await store.seed(account, [SeedMessage(raw)])
        let path = try account.message(try await account.onlyMessage()["id"])
        let message = try await account.api.get(path).expecting(200)
        #expect(message["subject"] == "日本語の件名です")
        #expect(message["text"].string?.replacing("\r\n", with: "\n") == "こんにちは、世界。\n表示")
        #expect(message["attachments"].array.map(\.["name"]) == ["報告書.png", "請求書 7"])
        #expect(message["problems"] == [])
        let attachments = message["attachments"].array.compactMap(\.["id"].string)
        let contents = [picture, [UInt8](0...255)]
        try #require(attachments.count == contents.count)
        for (id, content) in zip(attachments, contents) {
            #expect(try await account.api.get("\(path)/attachments/\(id)").body == content)
        }
        #expect(try await account.api.get("\(path)/raw").body == raw)
        #expect(try await account.onlyMessage()["keywords"] == [:])
    }

    @Test(arguments: MailStore.allCases)
    func `messages are flagged, moved, copied and deleted`(store: MailStore) async throws {
        let account = try await store.newAccount()
        try await store.seed(account, ["One", "Two", "Three"].map { SeedMessage(TestMail.plain($0)) })
        let ids = try await account.list("mailbox=inbox")["data"].array.map(\.["id"])
        try #require(ids.count == 3)
        let (three, two, one) = (try account.message(ids[0]), try account.message(ids[1]), try account.message(ids[2]))
        let flagged = try await account.api.patch(
            one, ["keywords": ["$seen": true, "$flagged": true, "project-x": true]])
        #expect(try flagged.expecting(200)["keywords"] == ["$seen": true, "$flagged": true, "project-x": true])
        let moved = try await account.api.post("\(one)/move", ["mailbox": "archive"]).expecting(200)
        #expect(moved["keywords"] == ["$seen": true, "$flagged": true, "project-x": true])
        #expect(try await account.onlyMessage(in: "archive")["id"] == moved["id"])
        try await account.api.post("\(two)/copy", ["mailbox": "junk"]).expecting(201)
        #expect(try await store.stored(account, in: "Junk").count == 1)
        #expect(try await store.stored(account).count == 2)
        #expect(try await account.api.delete(two).status == 204)
        let inTrash = try await account.onlyMessage(in: "trash")
        #expect(inTrash["subject"] == "Two")
        #expect(try await account.api.delete(account.message(inTrash["id"])).status == 204)
        #expect(try await store.stored(account, in: "Trash").isEmpty)
        #expect(try await account.api.delete("\(three)?permanently=true").status == 204)
        #expect(try await store.stored(account).isEmpty)
        #expect(try await store.stored(account, in: "Trash").isEmpty)
    }

    @Test(arguments: MailStore.allCases)
    func `what is sent is filed in Sent`(store: MailStore) async throws {
        let account = try await store.newAccount()
        let to = try await MailStore.dovecot.newAccount()
        let submission = try await account.submit([
            "to": [.string(to.user.email)], "subject": "Grüße", "text": "Hello.",
        ])
        #expect(try await account.settled(submission)["state"] == "sent")
        let copy = try await eventually("a copy in Sent") {
            try await store.stored(account, in: "Sent")
        } until: {
            !$0.isEmpty
        }
        let arrived = try await eventually("the message arrives") {
            try await to.stored()
        } until: {
            !$0.isEmpty
        }
        #expect(copy.count == 1)
        #expect(arrived.first?.suffix(copy[0].count) == copy[0][...])
        #expect(try await account.onlyMessage(in: "sent")["keywords"] == ["$seen": true])
    }
}
