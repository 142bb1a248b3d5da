import Foundation
import MailServers
import Testing

/// Mailboxes and pages of messages, as a mail client lists them.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct ListingTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    @Test(arguments: MailStore.allCases) func `mailboxes are listed with their roles and counts`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        try await account.seed([SeedMessage(TestMail.plain("One"), flags: "S")])
        try await account.seed(mailbox: "Grüße/Ordner", [SeedMessage(TestMail.plain("Two"))])
        let list = try await account.api.get("\(account.path)/mailboxes").expecting(200)
        #expect(list["nextCursor"].isNull)
        let byRole = Dictionary(
            list["data"].array.map { ($0["role"].string ?? $0["path"].string ?? "", $0) }, uniquingKeysWith: { $1 })
        for role in ["inbox", "drafts", "sent", "junk", "trash", "archive"] {
            #expect(byRole[role] != nil, "no mailbox has the role \(role)")
        }
        #expect(byRole["inbox"]?["totalEmails"] == 1)
        #expect(byRole["inbox"]?["unreadEmails"] == 0)
        let folder = byRole[try await store.path(of: "Grüße/Ordner")]
        #expect(folder?["name"] == "Ordner")
        #expect(folder?["totalEmails"] == 1)
        #expect(folder?["unreadEmails"] == 1)
        #expect(folder?["parentId"] == byRole[try await store.path(of: "Grüße")]?["id"])
        let id = try #require(folder?["id"].string)
        #expect(try await account.onlyMessage(in: id)["subject"] == "Two")
    }

    @Test(arguments: MailStore.allCases)
    func `50 of many messages come at once, and pages neither repeat nor skip while mail arrives`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let total = store == .dovecot ? 10_000 : 1_200
        try await account.seed(count: total) { index in
            SeedMessage(
                TestMail.plain("Report \(index)"), flags: index % 3 == 0 ? "S" : "",
                receivedAt: Self.start.addingTimeInterval(Double(index) * 60))
        }
        // Dovecot reads its files the first time; what we measure is the second.
        _ = try await account.list("mailbox=inbox&limit=1")
        let before = ContinuousClock.now
        let first = try await account.api.get("\(account.path)/messages?mailbox=inbox")
        let duration = ContinuousClock.now - before
        #expect(duration < .seconds(25))
        let page = try first.expecting(200)
        #expect(page["data"].array.count == 50)
        let newest = page["data"][0]
        #expect(newest["subject"] == .string("Report \(total - 1)"))
        #expect(newest["from"] == [["name": nil, "email": "alice@outside.test"]])
        #expect(newest["keywords"] == ((total - 1) % 3 == 0 ? ["$seen": true] : [:]))
        #expect(newest["receivedAt"] == (store == .dovecot ? "2023-11-21T20:52:20.000Z" : "2023-11-15T18:12:20.000Z"))
        #expect(newest["sentAt"] == "2023-11-14T22:13:20.000Z")
        let next = try #require(page["nextCursor"].string)
        #expect(first["Link"]?.contains("rel=\"next\"") == true)
        #expect(first["Link"]?.contains("cursor=") == true)

        var subjects = page["data"].array.compactMap(\.["subject"].string)
        var ids = Set(page["data"].array.compactMap(\.["id"].string))
        var cursor: String? = next
        var count = 1
        while let current = cursor {
            // New mail between two pages, for the first few: it belongs to none of them.
            if count <= 3 { try await account.deliver(TestMail.plain("New \(count)")) }
            let size = count <= 2 ? 50 : 500
            let page = try await account.list("mailbox=inbox&limit=\(size)&cursor=\(current.percentEncoded)")
            subjects += page["data"].array.compactMap(\.["subject"].string)
            ids.formUnion(page["data"].array.compactMap(\.["id"].string))
            cursor = page["nextCursor"].string
            count += 1
        }
        #expect(subjects == (0..<total).reversed().map { "Report \($0)" })
        #expect(ids.count == total)
        // They may have come in the same second, whose order is the server's.
        let latest = try await account.list("mailbox=inbox&limit=3")["data"].array.compactMap(\.["subject"].string)
        #expect(Set(latest) == ["New 1", "New 2", "New 3"])
    }

    @Test(arguments: MailStore.allCases)
    func `a page that is listed again shows what others did meanwhile`(store: MailStore) async throws {
        let account = try await store.newAccount()
        try await account.isRead()
        for subject in ["one", "two", "three"] { try await account.deliver(TestMail.plain(subject)) }
        _ = try await account.events.count(3)
        func listed() async throws -> [String: JSONValue] {
            let messages = try await account.list("mailbox=inbox")["data"].array
            return Dictionary(messages.map { ($0["subject"].string ?? "", $0) }, uniquingKeysWith: { $1 })
        }
        let first = try await listed()
        let again = try await listed()
        #expect(first.count == 3 && first == again)
        try await OtherClient.run(account, "select INBOX", "store 1 \\Flagged", "expunge 2")
        let changed = try await listed()
        #expect(Set(changed.keys) == ["one", "three"] && changed["one"]?["keywords"] == ["$flagged": true])
        #expect(changed["three"] == first["three"])
        try await account.deliver(TestMail.plain("four"))
        #expect(Set(try await listed().keys) == ["one", "three", "four"])
        let one = try await account.api.get("\(account.path)/messages/\(first["one"]?["id"].string ?? "")").expecting(
            200)
        #expect(one["keywords"] == changed["one"]?["keywords"])
    }

    /// A filter and the seeded messages that pass it.
    struct Filter: Sendable, CustomTestStringConvertible {
        var query: String
        var passes: @Sendable (Int) -> Bool

        init(_ query: String, _ passes: @escaping @Sendable (Int) -> Bool) {
            self.query = query
            self.passes = passes
        }

        var testDescription: String { query }

        static let all = [
            Filter("unread=true") { $0 % 3 != 0 },
            Filter("unread=false") { $0 % 3 == 0 },
            Filter("flagged=true") { $0 % 7 == 0 },
            Filter("flagged=false") { $0 % 7 != 0 },
            Filter("from=alice") { $0 % 2 == 0 },
            Filter("from=\("Alice Ä".percentEncoded)") { $0 % 2 == 0 },
            Filter("to=team%40example.test") { $0 % 5 == 0 },
            Filter("subject=invoice") { $0 % 4 == 0 },
            Filter("subject=\("請求書".percentEncoded)") { $0 == 7 },
            Filter("subject=\("with \"quotes\" \\ and %".percentEncoded)") { $0 == 11 },
            Filter("text=zebra") { $0 % 6 == 0 },
            Filter("after=2023-11-15T00:13:20Z") { $0 >= 2 },
            Filter("after=2023-11-15T00:13:20.001Z") { $0 >= 3 },
            Filter("before=2023-11-15T00:13:20Z") { $0 < 2 },
            Filter("after=2023-11-15&before=2023-11-16") { (2..<26).contains($0) },
            Filter("after=\("2023-11-15T09:13:20+09:00".percentEncoded)") { $0 >= 2 },
            Filter("unread=true&from=alice&subject=note&before=2023-11-16") {
                $0 % 3 != 0 && $0 % 2 == 0 && $0 % 4 != 0 && $0 != 7 && $0 != 11 && $0 < 26
            },
            Filter("subject=nothing-has-this") { _ in false },
        ]
    }

    private static func filtered(_ store: MailStore) async throws -> (account: MailAccount, ids: [String]) {
        try await (store == .dovecot ? inDovecot : inCyrus).value
    }

    private static let inDovecot = Task(name: "filtered mailbox in Dovecot") { try await fill(.dovecot) }
    private static let inCyrus = Task(name: "filtered mailbox in Cyrus") { try await fill(.cyrus) }

    private static func fill(_ store: MailStore) async throws -> (account: MailAccount, ids: [String]) {
        let account = try await store.newAccount()
        try await account.seed(mailbox: "Archive", count: 60) { index in
            let subject =
                switch index {
                case 7: "=?UTF-8?B?6KuL5rGC5pu4IDc=?="
                case 11: "with \"quotes\" \\ and %"
                case let index where index % 4 == 0: "Invoice \(index)"
                default: "Note \(index)"
                }
            let message = TestMail.plain(
                subject, from: index % 2 == 0 ? "=?UTF-8?Q?Alice_=C3=84?= <alice@outside.test>" : "bob@outside.test",
                to: index % 5 == 0 ? "team@example.test" : "me@example.test",
                body: "Number \(index).\n" + (index % 6 == 0 ? "A zebra." : "A horse."))
            let flags = (index % 3 == 0 ? "S" : "") + (index % 7 == 0 ? "F" : "")
            return SeedMessage(
                message, flags: flags, receivedAt: start.addingTimeInterval(Double(index) * 3600))
        }
        let all = try await account.listAll("mailbox=archive")
        return (account, Array(all.compactMap(\.["id"].string).reversed()))
    }

    @Test(arguments: MailStore.allCases, Filter.all)
    func `a filter finds what it says, newest first`(store: MailStore, filter: Filter) async throws {
        let (account, ids) = try await Self.filtered(store)
        try #require(ids.count == 60)
        let expected = (0..<60).reversed().filter(filter.passes).map { ids[$0] }
        let found = try await account.list("mailbox=archive&limit=500&\(filter.query)")
        #expect(found["data"].array.map(\.["id"].string) == expected)
        #expect(found["nextCursor"].isNull)
        let paged = try await account.listAll("mailbox=archive&limit=7&\(filter.query)")
        #expect(paged.map(\.["id"].string) == expected)
        // Without a mailbox all of them are searched, and the others are empty.
        let everywhere = try await account.listAll("limit=50&\(filter.query)")
        #expect(everywhere.map(\.["id"].string) == expected)
    }

    @Test(arguments: MailStore.allCases) func `without a mailbox all are merged by time, without junk and trash`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        for (index, mailbox) in ["INBOX", "Archive", "Junk", "Trash", "Grüße/Ordner"].enumerated() {
            // Cyrus makes X of what is not ASCII in a header.
            let name = index == 4 ? "Folder" : mailbox
            try await account.seed(mailbox: mailbox, count: 6) { number in
                SeedMessage(
                    TestMail.plain("\(name) \(number)"),
                    receivedAt: Self.start.addingTimeInterval(Double(number * 10 + index) * 60))
            }
        }
        let expected = (0..<6).reversed().flatMap { number in ["Folder", "Archive", "INBOX"].map { "\($0) \(number)" } }
        let all = try await account.listAll("limit=4")
        #expect(all.compactMap(\.["subject"].string) == expected)
    }

    @Test(arguments: MailStore.allCases) func `a cursor of a mailbox that the server rebuilt is stale`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let messages = (0..<3).map { SeedMessage(TestMail.plain("\($0)")) }
        try await account.seed(mailbox: "Other", messages)
        let mailboxes = try await account.api.get("\(account.path)/mailboxes").expecting(200)
        let path = try await store.path(of: "Other")
        let id = try #require(mailboxes["data"].array.first { $0["path"].string == path }?["id"].string)
        let cursor = try #require(try await account.list("mailbox=\(id)&limit=1")["nextCursor"].string)
        try await account.rebuild("Other", messages)
        // Dovecot lets a session that has the mailbox selected go on with what is deleted: a new one sees what is there.
        try await account.api.post("\(account.path)/reconnect").expecting(200)
        let answer = try await account.api.get("\(account.path)/messages?mailbox=\(id)&limit=1&cursor=\(cursor)")
        try answer.problem(422, "stale-cursor")
    }
}
