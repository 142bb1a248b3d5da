import MailServers
import Testing

/// What another mail program does is told exactly, and the ids that a caller holds stay good.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct ForeignClientTests {
    @Test(arguments: MailStore.allCases) func `flags, moves and deletions by imaplib are events, and ids stay`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        try await account.isRead()
        for subject in ["one", "two", "three"] { try await account.deliver(TestMail.plain(subject)) }
        let created = try await account.events.count(3)
        #expect(created.map(\.["type"].string) == Array(repeating: "message.created", count: 3))
        let ids = Dictionary(
            created.map { ($0["data"]["subject"].string ?? "", $0["data"]["id"].string ?? "") },
            uniquingKeysWith: { $1 })
        let one = try #require(ids["one"])
        let listed = try await account.list("mailbox=inbox")["data"].array
        #expect(Set(listed.compactMap(\.["id"].string)) == Set(ids.values))

        var place = try await account.events.newest
        try await OtherClient.run(account, "select INBOX", "store 1 \\Flagged", "move 2 Archive", "expunge 3")
        let told = try await account.events.count(3, after: place)
        func named(_ type: String) -> [String?] {
            told.filter { $0["type"].string == type }.map(\.["data"]["id"].string)
        }
        #expect(told.count == 3)
        #expect(named("message.updated") == [one])
        #expect(named("message.moved") == [ids["two"]])
        #expect(named("message.deleted") == [ids["three"]])
        let flagged = try await account.api.get("\(account.path)/messages/\(one)").expecting(200)
        #expect(flagged["keywords"] == ["$flagged": true])
        let moved = try await account.api.get("\(account.path)/messages/\(ids["two"] ?? "")").expecting(200)
        let archive = try await account.api.get("\(account.path)/mailboxes/archive").expecting(200)
        #expect(moved["mailboxIds"] == [archive["id"]])
        try await account.api.get("\(account.path)/messages/\(ids["three"] ?? "")").problem(404, "message-not-found")

        // Back again, by us: the same id, and one event.
        place = try await account.events.newest
        let back = try await account.api.post(
            "\(account.path)/messages/\(ids["two"] ?? "")/move", ["mailbox": "inbox"]
        ).expecting(200)
        #expect(back["id"].string == ids["two"])
        let returned = try await account.events.count(1, after: place)
        #expect(returned.map(\.["type"].string) == ["message.moved"])
    }

    @Test(arguments: MailStore.allCases) func `a renamed mailbox keeps its id, whoever renames it`(
        store: MailStore
    ) async throws {
        let bridge = try await Bridge.shared()
        let user = try bridge.host.newUser()
        // The mailbox is there before the account is: so it is not announced itself.
        var account = MailAccount(id: "", api: bridge.api, host: bridge.host, user: user, store: store)
        try await account.seed(mailbox: "Work", [SeedMessage(TestMail.plain("filed"))])
        account = try await bridge.addAccount(store.draft(for: user, of: bridge.host))
        account.user = user
        account.store = store
        try await account.isRead()
        let synced = account
        func work(_ name: String) async throws -> JSONValue {
            let path = try await store.path(of: name)
            return try await eventually("there is \(name)") {
                try await synced.api.get("\(synced.path)/mailboxes").expecting(200)["data"].array
                    .first { $0["path"].string == path } ?? .null
            } until: {
                !$0.isNull
            }
        }
        let before = try await work("Work")
        let message = try await account.list("mailbox=\(before["id"].string ?? "")")["data"][0]["id"]
        var place = try await account.events.newest
        let after = try await account.api.patch(
            "\(account.path)/mailboxes/\(before["id"].string ?? "")", ["name": "Job"]
        ).expecting(200)
        #expect(after["id"] == before["id"])
        let ours = try await account.events.count(1, after: place)
        #expect(ours.map(\.["type"].string) == ["mailbox.updated"])
        place = try await account.events.newest
        try await OtherClient.run(account, "rename Job Task")
        _ = try await account.api.post("\(account.path)/reconnect").expecting(200)
        let told = try await account.events.count(1, after: place)
        #expect(told.map(\.["type"].string) == ["mailbox.updated"])
        #expect(try await work("Task")["id"] == before["id"])
        #expect(try await account.list("mailbox=\(before["id"].string ?? "")")["data"][0]["id"] == message)
    }
}
