import Foundation
import MailServers
import Testing

/// Batches over what a filter finds, and what a server tells of a mailbox and of the account.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct FilterBatchTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    private static func seeds(_ count: Int) -> [SeedMessage] {
        (0..<count).map { index in
            let sender = index % 2 == 0 ? "alice@outside.test" : "bob@outside.test"
            return SeedMessage(
                TestMail.plain("Number \(index)", from: sender),
                receivedAt: start.addingTimeInterval(Double(index) * 3600))
        }
    }

    private func batch(_ account: MailAccount, _ body: JSONValue) async throws -> JSONValue {
        try await account.api.post("\(account.path)/messages/batch", body).expecting(200)
    }

    @Test(arguments: MailStore.allCases)
    func `all that qualifies is moved, a number at a time`(store: MailStore) async throws {
        let account = try await store.newAccount()
        try await account.seed(Self.seeds(50))
        var body: JSONValue = [
            "mailbox": "inbox", "filter": ["from": "alice"], "limit": 10,
            "action": ["keywords": ["$flagged": true], "move": "archive"],
        ]
        var done = 0
        while true {
            let page = try await batch(account, body)
            #expect(page["results"].array.allSatisfy { $0["error"].isNull && $0["newId"].string != nil })
            done += try #require(page["done"].int)
            guard let cursor = page["nextCursor"].string else { break }
            #expect(page["done"] == 10)
            body = body.setting("/cursor", to: .string(cursor))
        }
        #expect(done == 25)
        #expect(try await account.listAll("mailbox=archive&flagged=true&limit=20").count == 25)
        let left = try await account.listAll("mailbox=inbox")
        #expect(left.count == 25 && left.allSatisfy { $0["from"].array.first?["email"] == "bob@outside.test" })
        // What nobody finds is no fault.
        let none = try await batch(
            account, ["filter": ["from": "alice"], "mailbox": "inbox", "action": ["delete": true]])
        #expect(none["done"] == 0 && none["nextCursor"].isNull)
    }

    @Test(arguments: MailStore.allCases)
    func `a moment that IMAP cannot search is kept to the second`(store: MailStore) async throws {
        let account = try await store.newAccount()
        try await account.seed(Self.seeds(10))
        let moment = ISO8601DateFormatter().string(from: Self.start.addingTimeInterval(3 * 3600 + 1))
        let done = try await batch(
            account, ["mailbox": "inbox", "filter": ["before": .string(moment)], "action": ["delete": true]])
        #expect(done["done"] == 4)
        #expect(try await account.listAll("mailbox=trash").count == 4)
        // Without a mailbox the trash is left alone.
        let rest = try await batch(account, ["filter": ["from": "outside.test"], "action": ["delete": true]])
        #expect(rest["done"] == 6)
        let emptied = try await batch(
            account, ["mailbox": "trash", "filter": [:], "action": ["delete": true, "permanently": true]])
        #expect(emptied["done"] == 10)
        #expect(try await account.list("mailbox=trash")["data"] == [])
    }

    @Test func `thousands are changed by one request`() async throws {
        let account = try await MailStore.dovecot.newAccount()
        try await account.seed((0..<3_000).map { SeedMessage(TestMail.plain("Number \($0)")) })
        let done = try await batch(
            account, ["mailbox": "inbox", "filter": ["unread": true], "action": ["keywords": ["$seen": true]]])
        #expect(done["done"] == 3_000 && done["results"].array.count == 3_000 && done["nextCursor"].isNull)
        #expect(try await account.list("mailbox=inbox&unread=true")["data"] == [])
    }

    @Test(arguments: MailStore.allCases)
    func `a mailbox has the size and the rights that its server tells`(store: MailStore) async throws {
        let account = try await store.newAccount()
        let messages = Self.seeds(3)
        try await account.seed(messages)
        let inbox = try await account.api.get("\(account.path)/mailboxes/inbox").expecting(200)
        #expect(inbox["totalEmails"] == 3)
        if let size = inbox["size"].int { #expect(size >= messages.reduce(0) { $0 + $1.raw.count }) }
        if store == .cyrus {
            #expect(inbox["myRights"]["mayReadItems"] == true && inbox["myRights"]["mayAddItems"] == true)
        }
        let listed = try await account.api.get("\(account.path)/mailboxes").expecting(200)["data"].array
        #expect(listed.allSatisfy { $0["size"].isNull })
        // Cyrus tells rights within its list (LIST-MYRIGHTS), this Dovecot tells none.
        for mailbox in listed where mailbox["isSelectable"] == true {
            #expect(mailbox["myRights"]["mayReadItems"].bool == (store == .cyrus ? true : nil))
        }
        let alone = try #require(listed.first { $0["role"] == "inbox" })
        #expect(alone["myRights"] == inbox["myRights"])
        let quota = try await account.api.get("\(account.path)/quota")
        if store == .cyrus {
            #expect(try quota.expecting(200)["nextCursor"].isNull)
        } else {
            // This Dovecot has no quotas: that is said, and not an empty list.
            try quota.problem(502, "upstream-unsupported")
        }
    }
}
