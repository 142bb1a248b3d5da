import Foundation
import MailServers
import Testing

/// Conversations, before each kind of server: Dovecot numbers none and has THREAD; Cyrus announces numbers and has none.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct ConversationTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    @Test(arguments: MailStore.allCases) func `conversations are listed, opened, filtered and collapsed`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        func letter(_ id: String, _ references: String, _ subject: String, _ minute: Int) -> SeedMessage {
            SeedMessage(
                TestMail.crlf(
                    "From: a@outside.test\nSubject: \(subject)\nMessage-ID: <\(id)@x>\n"
                        + (references.isEmpty ? "" : "References: \(references)\n") + "\nText.\n"),
                receivedAt: Self.start.addingTimeInterval(Double(minute) * 60))
        }
        try await account.seed([
            letter("a", "", "Plan", 0), letter("z", "", "Other", 1), letter("b", "<a@x>", "Re: Plan", 2),
            letter("c", "<a@x> <b@x>", "Re: Plan", 3), letter("y", "", "Last", 4),
        ])
        let list = try await account.api.get("\(account.path)/threads").expecting(200)
        #expect(list["data"].array.map(\.["messages"][0]["subject"].string) == ["Last", "Re: Plan", "Other"])
        #expect(list["data"].array.map(\.["messageIds"].array.count) == [1, 3, 1])
        let id = try #require(list["data"][1]["id"].string)
        let thread = try await account.api.get("\(account.path)/threads/\(id)").expecting(200)
        #expect(thread["messages"].array.map(\.["subject"].string) == ["Plan", "Re: Plan", "Re: Plan"])
        #expect(thread["messageIds"] == list["data"][1]["messageIds"])
        let filtered = try await account.list("threadId=\(id)&fields=threadId")
        #expect(filtered["data"].array.map(\.["threadId"].string) == [id, id, id])
        for limit in [1, 50] {
            let collapsed = try await account.listAll("mailbox=inbox&collapseThreads=true&limit=\(limit)")
            #expect(collapsed.map(\.["messageId"].string) == ["y@x", "c@x", "z@x"])
        }
        let page = try await account.api.get("\(account.path)/threads?limit=1").expecting(200)
        let cursor = page["nextCursor"].string ?? ""
        let next = try await account.api.get("\(account.path)/threads?limit=1&cursor=\(cursor)").expecting(200)
        #expect(next["data"][0]["id"].string == id)
        try await account.api.get("\(account.path)/threads/nothing").problem(404, "not-found")
    }
}
