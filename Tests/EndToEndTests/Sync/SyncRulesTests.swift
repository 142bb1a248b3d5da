import Foundation
import MailServers
import Testing

/// What the user decides of an account's sync: what is announced, which mailboxes count, which roles they play.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct SyncRulesTests {
    /// An account whose mailboxes were there before it.
    private func account(
        _ store: MailStore, sync: JSONValue, _ mailboxes: [(String, [SeedMessage])], waits: Bool = true
    ) async throws -> MailAccount {
        let bridge = try await Bridge.shared()
        let user = try bridge.host.newUser()
        let before = MailAccount(id: "", api: bridge.api, host: bridge.host, user: user, store: store)
        for (mailbox, messages) in mailboxes { try await before.seed(mailbox: mailbox, messages) }
        let draft = try await store.draft(for: user, of: bridge.host).setting("/sync", to: sync)
        var account = try await bridge.addAccount(draft)
        account.user = user
        account.store = store
        if waits { try await account.isRead() }
        return account
    }

    /// Returns once the account was looked at under its new rules.
    private func change(_ account: MailAccount, _ rules: JSONValue) async throws {
        let changed = try await account.api.patch(account.path, ["sync": rules]).expecting(200)["updatedAt"].string
        let since = try #require(changed)
        try await eventually("the account is looked at by its new rules") {
            try await account.api.get("\(account.path)/health").expecting(200)["sync"]["lastCheckedAt"].string ?? ""
        } until: {
            $0 > since
        }
        try await account.isRead()
    }

    private func subjects(_ events: [JSONValue]) -> [String] {
        events.filter { $0["type"].string == "message.created" }.compactMap { $0["data"]["subject"].string }
    }

    @Test(arguments: MailStore.allCases) func `the past is announced from the time that the user names`(
        store: MailStore
    ) async throws {
        func seeded(_ subject: String, _ day: Double) -> SeedMessage {
            SeedMessage(TestMail.plain(subject), receivedAt: Date(timeIntervalSince1970: 1_700_000_000 + day * 86_400))
        }
        let account = try await account(
            store, sync: ["announceSince": "2023-11-20T00:00:00Z"],
            [("INBOX", [seeded("long ago", 0), seeded("lately", 10)]), ("Archive", [seeded("filed", 11)])])
        try await account.deliver(TestMail.plain("today"))
        let told = subjects(try await account.events.count(3))
        #expect(Set(told) == ["lately", "filed", "today"] && told.count == 3)
        let shown = try await account.api.get(account.path).expecting(200)
        #expect(shown["sync"]["announceSince"].string == "2023-11-20T00:00:00.000Z")
    }

    @Test(arguments: MailStore.allCases) func `mailboxes that are not named are read, and nothing of them is told`(
        store: MailStore
    ) async throws {
        let account = try await account(
            store, sync: ["mailboxes": ["inbox"]], [("INBOX", []), ("Work", [SeedMessage(TestMail.plain("old"))])])
        let work = try await account.api.get("\(account.path)/mailboxes").expecting(200)["data"].array
            .first { $0["name"].string == "Work" }
        let id = try #require(work?["id"].string)
        try await account.seed(mailbox: "Work", [SeedMessage(TestMail.plain("unseen"), receivedAt: .now)])
        try await account.deliver(TestMail.plain("seen"))
        #expect(subjects(try await account.events.count(1)) == ["seen"])
        #expect(Set(try await account.listAll("mailbox=\(id)").map(\.["subject"].string)) == ["old", "unseen"])

        // Taken in: what was in it is no news, what comes is.
        let place = try await account.events.newest
        try await change(account, ["mailboxes": ["inbox", .string(id)]])
        try await account.seed(mailbox: "Work", [SeedMessage(TestMail.plain("heard"), receivedAt: .now)])
        try await account.api.post("\(account.path)/reconnect").expecting(200)
        #expect(subjects(try await account.events.count(1, after: place)) == ["heard"])

        // Left out again, and all of them at last: nobody hears of what lies there, nor that it went.
        try await change(account, ["mailboxes": ["inbox"]])
        try await account.deliver(TestMail.plain("again"))
        _ = try await account.events.count(2, after: place)
        try await change(account, .null)
        try await account.deliver(TestMail.plain("at last"))
        let told = try await account.events.count(3, after: place)
        #expect(told.map(\.["type"].string) == Array(repeating: "message.created", count: 3))
        #expect(subjects(told) == ["heard", "again", "at last"])
        #expect(
            Set(try await account.listAll("mailbox=\(id)").map(\.["subject"].string)) == ["old", "unseen", "heard"])
    }

    /// One whose mailbox Work is left out, that mailbox's id, and the id of the message in it.
    private func accountWithHidden(
        _ store: MailStore
    ) async throws -> (account: MailAccount, work: String, message: String) {
        let account = try await account(
            store, sync: ["mailboxes": ["inbox"]], [("INBOX", []), ("Work", [SeedMessage(TestMail.plain("hidden"))])])
        let work = try await account.api.get("\(account.path)/mailboxes").expecting(200)["data"].array
            .first { $0["name"].string == "Work" }
        let id = try #require(work?["id"].string)
        // Read, it has a row; that says nothing of where it was.
        let hidden = try #require(try await account.list("mailbox=\(id)")["data"][0]["id"].string)
        return (account, id, hidden)
    }

    @Test(arguments: MailStore.allCases)
    func `what comes from a mailbox that is left out is new, what goes there is gone`(
        store: MailStore
    ) async throws {
        let (account, id, hidden) = try await accountWithHidden(store)
        try await OtherClient.run(account, "select Work", "move 1 INBOX")
        let created = try await account.events.count(1)
        #expect(subjects(created) == ["hidden"])
        #expect(created[0]["data"]["mailboxRoles"] == ["inbox"])
        try await account.api.post("\(account.path)/messages/\(hidden)/move", ["mailbox": .string(id)]).expecting(200)
        let told = try await account.events.count(2)
        #expect(told[1]["type"] == "message.deleted" && told[1]["data"]["id"].string == hidden)
        // It is there all the same, under its id.
        try await account.api.get("\(account.path)/messages/\(hidden)").expecting(200)
    }

    /// Of the mailbox that is left out the index only knows what was once there.
    @Test(arguments: MailStore.allCases)
    func `a message is not taken away from its only place for another that lost it`(
        store: MailStore
    ) async throws {
        let (account, id, hidden) = try await accountWithHidden(store)
        try await OtherClient.run(account, "select Work", "move 1 INBOX")
        _ = try await account.events.count(1)
        let path = "\(account.path)/messages/\(hidden)"
        try await account.api.patch(path, ["mailboxIds": [.string(id)]]).expecting(200)
        #expect(try await account.list("mailbox=\(id)")["data"].array.map(\.["id"].string) == [hidden])
        #expect(try await account.list("mailbox=inbox")["data"].array.isEmpty)
    }

    @Test(arguments: MailStore.allCases) func `a mailbox that a role makes wanted brings no news along`(
        store: MailStore
    ) async throws {
        // In both: that it is found in the other one, too, is no news either.
        let twice = SeedMessage(TestMail.plain("twice"))
        let account = try await account(
            store, sync: ["mailboxes": ["inbox", "archive"]], [("INBOX", [twice]), ("Archive", []), ("Old post", [])])
        let path = try await store.path(of: "Old post")
        try await account.seed(
            mailbox: "Old post",
            [twice, SeedMessage(TestMail.plain("there"), receivedAt: .now)])
        let place = try await account.events.newest
        try await change(account, ["roles": ["archive": .string(path)]])
        try await change(account, ["roles": .null])
        try await change(account, ["roles": ["archive": .string(path)]])
        try await account.deliver(TestMail.plain("last"))
        let told = try await eventually("the last one is told") {
            try await account.events.all(after: place).filter { $0["type"].string?.hasPrefix("message.") == true }
        } until: {
            subjects($0).contains("last")
        }
        #expect(told.count == 1)
    }

    @Test(arguments: MailStore.allCases) func `a role goes to the mailbox that the user gives it`(
        store: MailStore
    ) async throws {
        let path = try await store.path(of: "Old post")
        let account = try await account(
            store, sync: ["roles": ["archive": .string(path)]],
            [("Archive", []), ("Old post", [SeedMessage(TestMail.plain("kept"))])])
        let archive = try await account.api.get("\(account.path)/mailboxes/archive").expecting(200)
        #expect(archive["path"].string == path)
        #expect(try await account.onlyMessage(in: "archive")["subject"].string == "kept")
        try await account.api.patch(account.path, ["sync": ["roles": ["archive": .null]]]).expecting(200)
        let usual = try await store.path(of: "Archive")
        try await eventually("the server's own choice is back") {
            try await account.api.get("\(account.path)/mailboxes/archive").expecting(200)["path"].string
        } until: {
            $0 == usual
        }
    }

    @Test func `where no mailbox is there that is wanted, the health document says so, until one is`() async throws {
        let account = try await account(.dovecot, sync: ["mailboxes": ["Later"]], [], waits: false)
        func fault() async throws -> String? {
            try await account.api.get("\(account.path)/health").expecting(200)["sync"]["lastError"]["code"].string
        }
        try await eventually("it says so") { try await fault() == "no-wanted-mailbox" }
        #expect(try await account.list("mailbox=inbox")["data"].array.isEmpty)
        try await account.seed(mailbox: "Later", [])
        try await account.api.post("\(account.path)/reconnect").expecting(200)
        try await eventually("it is watched") { try await fault() == nil }
    }

    @Test func `rules that mean nothing are refused with their place`() async throws {
        let bridge = try await Bridge.shared()
        let draft = bridge.host.draft(for: try bridge.host.newUser())
        let wrong: [(JSONValue, String)] = [
            (["announceSince": "tomorrow"], "/sync/announceSince"),
            (["announceSince": "2999-01-01T00:00:00Z"], "/sync/announceSince"),
            (["mailboxes": []], "/sync/mailboxes"),
            (["mailboxes": [""]], "/sync/mailboxes/0"),
            (["roles": ["inbox": "Post"]], "/sync/roles/inbox"),
            (["roles": ["sent": "A", "trash": "A"]], "/sync/roles"),
            (["roles": ["outbox": "A"]], "/sync/roles/outbox"),
            (["every": 5], "/sync/every"),
        ]
        for (sync, pointer) in wrong {
            let problem = try await bridge.api.post("/v1/accounts", draft.setting("/sync", to: sync))
                .problem(422, "invalid-request")
            #expect(problem["errors"].array.map(\.["pointer"].string) == [pointer])
        }
    }
}
