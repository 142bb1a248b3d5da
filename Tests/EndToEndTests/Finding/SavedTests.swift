import Foundation
import MailServers
import Testing

/// When messages came into their mailbox, told and searched for, before each kind of server.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct SavedTests {
    private static let longAgo = Date(timeIntervalSince1970: 1_700_000_000)

    private static func seeds(_ names: String...) -> [SeedMessage] {
        names.map { SeedMessage(TestMail.plain($0), receivedAt: longAgo) }
    }

    /// RFC 3339 as the API writes it, in whole seconds.
    private static func text(_ date: Date) -> String { ISO8601DateFormatter().string(from: date) }

    private static func date(_ value: JSONValue) throws -> Date {
        let text = try #require(value.string).replacing(".000Z", with: "Z")
        return try #require(ISO8601DateFormatter().date(from: text))
    }

    private func subjects(_ account: MailAccount, _ query: String) async throws -> [String] {
        try await account.listAll(query).compactMap(\.["subject"].string).sorted()
    }

    /// Moves a message to the trash, in a second of its own; answers when it came there.
    private func trash(_ subject: String, _ account: MailAccount) async throws -> Date {
        let message = try await account.list("mailbox=inbox&subject=\(subject)")["data"][0]
        let before = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
        let moved = try await account.api.post("\(account.message(message["id"]))/move", ["mailbox": "trash"])
            .expecting(200)
        #expect(moved.object["savedAt"] == nil, "a change does not ask for it")
        let there = try await account.api.get(account.message(moved["id"])).expecting(200)
        let saved = try Self.date(there["savedAt"])
        #expect(saved >= before && saved <= Date())
        #expect(try Self.date(there["receivedAt"]) == Self.longAgo)
        // Sound: save dates are whole seconds, and nothing but time makes another one.
        try await Task.sleep(for: .seconds(1.1))
        return saved
    }

    @Test(arguments: MailStore.allCases)
    func `the trash is emptied of what has been there for a while, however old it is`(store: MailStore) async throws {
        let account = try await store.newAccount()
        try await account.seed(Self.seeds("First", "Second", "Third"))
        let first = try await trash("First", account)
        let second = try await trash("Second", account)
        #expect(second > first)
        for query in ["", "&sort=subject", "&hasAttachment=false"] {
            let found = try await subjects(account, "mailbox=trash&savedBefore=\(Self.text(second))\(query)")
            #expect(found == ["First"], "\(query)")
        }
        #expect(try await subjects(account, "mailbox=trash&savedAfter=\(Self.text(second))") == ["Second"])
        #expect(try await subjects(account, "mailbox=trash&savedAfter=\(Self.text(first))") == ["First", "Second"])
        #expect(try await subjects(account, "mailbox=trash&savedBefore=\(Self.text(first))") == [])
        #expect(try await subjects(account, "mailbox=trash&savedBefore=2023-12-24") == [])
        let not: JSONValue = [
            "operator": "NOT", "conditions": [["savedAfter": .string(Self.text(second))], ["subject": "nothing"]],
        ]
        let search: JSONValue = ["mailbox": "trash", "filter": not, "fields": ["subject", "savedAt"]]
        let rest = try await account.api.post("\(account.path)/messages/search", search).expecting(200)["data"].array
        #expect(rest.map(\.["subject"].string) == ["First"])
        #expect(try Self.date(rest[0]["savedAt"]) == first)

        let emptied = try await account.api.post(
            "\(account.path)/messages/batch",
            [
                "mailbox": "trash", "filter": ["savedBefore": .string(Self.text(second))],
                "action": ["delete": true, "permanently": true],
            ]
        ).expecting(200)
        #expect(emptied["done"] == 1)
        #expect(try await subjects(account, "mailbox=trash") == ["Second"])
        #expect(try await subjects(account, "mailbox=inbox") == ["Third"])
    }

    @Test(arguments: MailStore.allCases)
    func `it is shown where it is asked for, and a flag does not change it`(store: MailStore) async throws {
        let account = try await store.newAccount()
        try await account.deliver(TestMail.plain("Delivered"))
        let listed = try await account.list("mailbox=inbox")["data"][0]
        #expect(listed.object["savedAt"] == nil)
        let path = try account.message(listed["id"])
        let saved = try await account.api.get(path).expecting(200)["savedAt"]
        #expect(abs(try Self.date(saved).timeIntervalSinceNow) < 60)
        // Sound: what happens within the second cannot be seen.
        try await Task.sleep(for: .seconds(1.1))
        try await account.api.patch(path, ["keywords": ["$flagged": true]]).expecting(200)
        let fields = try await account.list("mailbox=inbox&fields=savedAt")["data"][0]
        #expect(Set(fields.object.keys) == ["id", "savedAt"])
        #expect(fields["savedAt"] == saved)
        let health = try await account.api.get("\(account.path)/health").expecting(200)
        let feature = health["features"].array.first { $0["name"] == "saveDates" }
        #expect(feature?["support"] == "native" && feature?["extensions"] == ["SAVEDATE"])
    }
}
