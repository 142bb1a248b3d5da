import MailServers
import Testing

/// What is told of a maildrop, whoever changes it.
@Suite(.timeLimit(.minutes(5)))
struct MaildropEventTests {
    private static let bridge = Task(name: "maildrop bridge") {
        try await Bridge.start(settings: Bridge.quickMaildrops)
    }

    private func kinds(_ events: [JSONValue]) -> [String] {
        events.map { ($0["type"].string ?? "") + " " + ($0["data"]["subject"].string ?? $0["data"]["id"].string ?? "") }
    }

    @Test(arguments: MailStore.allCases)
    func `what was there is not announced; what comes, changes and goes is, once`(store: MailStore) async throws {
        let bridge = try await Self.bridge.value
        let account = try await bridge.newMaildrop(store) { user in
            try await user.seed([SeedMessage(TestMail.plain("Old 1")), SeedMessage(TestMail.plain("Old 2"))])
        }
        try await account.isRead()
        #expect(try await account.events.all().isEmpty)
        try await account.deliver(TestMail.plain("New"))
        let created = try await account.events.count(1)
        #expect(kinds(created) == ["message.created New"])
        let id = try #require(created[0]["data"]["id"].string)
        #expect(created[0]["data"]["preview"] == "Hello." && created[0]["data"]["hasAttachment"] == false)
        #expect(try await account.list("subject=New")["data"][0]["id"].string == id)

        try await account.api.patch("\(account.path)/messages/\(id)", ["keywords": ["$seen": true]]).expecting(200)
        let updated = try await account.events.count(2)
        #expect(kinds(updated).last == "message.updated \(id)")
        #expect(
            updated[1]["data"]["changed"].array == ["keywords"] && updated[1]["data"]["keywords"] == ["$seen": true])

        // Another client deletes one, which gives the others other numbers.
        let old = try await account.list("subject=Old 1".replacing(" ", with: "%20"))["data"][0]["id"].string ?? ""
        try await OtherMaildropClient.run(account, "box.dele(1); box.quit()")
        let deleted = try await account.events.count(3)
        #expect(kinds(deleted).last == "message.deleted \(old)")
        let left = try await account.listAll("")
        #expect(left.map(\.["subject"].string) == ["New", "Old 2"])
        #expect(left[0]["keywords"].object.keys.sorted() == ["$seen"])

        try await account.api.delete("\(account.path)/messages/\(id)").expecting(204)
        let gone = try await account.events.count(4)
        #expect(kinds(gone).last == "message.deleted \(id)")
    }

    @Test(arguments: MailStore.allCases)
    func `a maildrop that another client empties is told message by message`(store: MailStore) async throws {
        let bridge = try await Self.bridge.value
        let account = try await bridge.newMaildrop(store) { user in
            try await user.seed(count: 20) { SeedMessage(TestMail.plain("Message \($0)")) }
        }
        try await account.isRead()
        let ids = Set(try await account.listAll("").compactMap(\.["id"].string))
        try await OtherMaildropClient.run(
            account, "for number in range(1, 21): box.dele(number)\nbox.quit()")
        let events = try await account.events.count(20)
        #expect(Set(events.compactMap(\.["data"]["id"].string)) == ids)
        #expect(events.allSatisfy { $0["type"] == "message.deleted" })
        #expect(try await account.listAll("").isEmpty)
    }

    /// Dovecot makes unique ids of UIDVALIDITY and UID: with another one all of them change.
    @Test func `messages with new unique ids keep their ids and keywords, and nothing is told`() async throws {
        let bridge = try await Self.bridge.value
        let account = try await bridge.newMaildrop(.dovecot) { user in
            try await user.seed(count: 12) { SeedMessage(TestMail.plain("Message \($0)")) }
        }
        try await account.isRead()
        let before = try await account.listAll("fields=id,subject")
        let flagged = try #require(before[3]["id"].string)
        try await account.api.patch("\(account.path)/messages/\(flagged)", ["keywords": ["$flagged": true]])
            .expecting(200)
        let place = try await account.events.newest
        try await account.host.dovecot.doveadm(
            "mailbox", "update", "-u", account.user.email, "--uid-validity", "4711", "INBOX")
        try await account.deliver(TestMail.plain("Fresh"))
        let events = try await account.events.count(1, after: place)
        #expect(kinds(events) == ["message.created Fresh"])
        let after = try await account.listAll("fields=id,subject")
        #expect(Array(after.dropFirst()) == before)
        #expect(try await account.list("flagged=true&fields=id")["data"].array.map(\.["id"].string) == [flagged])
        #expect(try await account.events.all(after: place).count == 1)
    }

    @Test func `ids are those that IMAP gives the same messages`() async throws {
        let bridge = try await Self.bridge.value
        let account = try await bridge.newMaildrop(.dovecot) { user in
            try await user.seed(count: 5) { SeedMessage(TestMail.plain("Message \($0)")) }
        }
        let byPOP3 = try await account.listAll("fields=id,subject,threadId")
        let other = try await bridge.addAccount(of: account.user)
        #expect(try await other.listAll("fields=id,subject,threadId") == byPOP3)
    }

    @Test func `many calls at once stand in line for the one session`() async throws {
        let bridge = try await Self.bridge.value
        let account = try await bridge.newMaildrop(.dovecot) { user in
            try await user.seed(count: 10) { SeedMessage(TestMail.plain("Message \($0)")) }
        }
        try await account.isRead()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<30 { group.addTask { try await account.api.get("\(account.path)/messages?limit=5").status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 30))
    }
}
