import Foundation
import MailServers
import Testing

/// What a client changes in a mailbox, as the server itself sees it afterwards.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct ChangingTests {
    private func account(
        _ store: MailStore, _ subjects: String..., flags: String = ""
    ) async throws -> (MailAccount, ids: [JSONValue]) {
        let account = try await store.newAccount()
        try await account.seed(
            subjects.enumerated().map { index, subject in
                // A minute apart: servers disagree on the order of what came in the same second.
                SeedMessage(
                    TestMail.plain(subject), flags: flags,
                    receivedAt: Date(timeIntervalSince1970: 1_700_000_000 + Double(index) * 60))
            })
        let ids = try await account.list("mailbox=inbox")["data"].array.map(\.["id"])
        try #require(ids.count == subjects.count)
        return (account, ids.reversed())
    }

    @Test(arguments: MailStore.allCases) func `keywords are set and cleared`(
        store: MailStore
    ) async throws {
        let (account, ids) = try await account(store, "One", "Two")
        let path = try account.message(ids[0])
        let set = try await account.api.patch(
            path, ["keywords": ["$seen": true, "$flagged": true, "project-x": true]])
        #expect(try set.expecting(200)["keywords"] == ["$seen": true, "$flagged": true, "project-x": true])
        let flags = try await account.storedFlags()
        #expect(flags["One"]?.isSuperset(of: ["\\Seen", "\\Flagged", "project-x"]) == true)
        #expect(flags["Two"]?.contains("\\Seen") == false)
        let cleared = try await account.api.patch(path, ["keywords": ["$flagged": nil, "project-x": false]])
        #expect(try cleared.expecting(200)["keywords"] == ["$seen": true])
        let after = try #require(try await account.storedFlags()["One"])
        #expect(after.contains("\\Seen") && !after.contains("\\Flagged") && !after.contains("project-x"))
        #expect(try await account.list("mailbox=inbox&unread=true")["data"].array.map(\.["id"]) == [ids[1]])
    }

    @Test(arguments: MailStore.allCases) func `a change on condition happens only while the condition holds`(
        store: MailStore
    ) async throws {
        let (account, ids) = try await account(store, "One")
        let path = try account.message(ids[0])
        let tag = try #require(try await account.api.get(path)["ETag"])
        let change: JSONValue = ["keywords": ["$flagged": true]]
        let first = try await account.api.patch(path, change, headers: [("If-Match", tag)])
        try first.expecting(200)
        #expect(first["ETag"] != tag)
        let second = try await account.api.patch(path, ["keywords": ["$seen": true]], headers: [("If-Match", tag)])
        try second.problem(412, "precondition-failed")
        try await account.api.delete(path, headers: [("If-Match", tag)]).problem(412, "precondition-failed")
        #expect(try await account.storedFlags()["One"]?.contains("\\Seen") == false)
        try await account.api.patch(path, change, headers: [("If-Match", "unquoted")]).problem(422, "invalid-request")
    }

    @Test(arguments: MailStore.allCases) func `a message lies in exactly the mailboxes that are named`(
        store: MailStore
    ) async throws {
        let (account, ids) = try await account(store, "One")
        let path = try account.message(ids[0])
        func roles(_ names: JSONValue) async throws -> Set<String> {
            let answer = try await account.api.patch(path, ["mailboxIds": names]).expecting(200)
            #expect(answer["id"] == ids[0])
            let message = try await account.api.get(path).expecting(200)
            var roles: Set<String> = []
            for id in message["mailboxIds"].array.compactMap(\.string) {
                let mailbox = try await account.api.get("\(account.path)/mailboxes/\(id)").expecting(200)
                roles.insert(mailbox["role"].string ?? id)
            }
            return roles
        }
        #expect(try await roles(["inbox", "archive"]) == ["inbox", "archive"])
        #expect(try await account.stored().count == 1)
        #expect(try await account.stored(in: "Archive").count == 1)
        // Nothing to do, nothing done.
        #expect(try await roles(["archive", "inbox", "inbox"]) == ["inbox", "archive"])
        #expect(try await account.stored(in: "Archive").count == 1)
        #expect(try await roles(["trash", "archive"]) == ["trash", "archive"])
        #expect(try await account.stored().isEmpty)
        #expect(try await roles(["trash"]) == ["trash"])
        #expect(try await roles(["inbox"]) == ["inbox"])
        #expect(try await account.stored().count == 1)
        // Both at once.
        let both = try await account.api.patch(path, ["keywords": ["$flagged": true], "mailboxIds": ["archive"]])
        #expect(try both.expecting(200)["keywords"] == ["$flagged": true])
        #expect(try await account.storedFlags(in: "Archive")["One"]?.contains("\\Flagged") == true)
        let wrong: JSONValue = ["mailboxIds": ["nowhere"], "keywords": ["$seen": true]]
        try await account.api.patch(path, wrong).problem(404, "mailbox-not-found")
        #expect(try await account.storedFlags(in: "Archive")["One"]?.contains("\\Seen") == false)
        #expect(try await account.stored(in: "Archive").count == 1)
    }

    @Test(arguments: MailStore.allCases) func `a message is moved`(
        store: MailStore
    ) async throws {
        let (account, ids) = try await account(store, "One", "Two", flags: "SF")
        let answer = try await account.api.post("\(account.message(ids[0]))/move", ["mailbox": "archive"])
        let moved = try answer.expecting(200)
        #expect(moved["subject"] == "One")
        #expect(moved["keywords"] == ["$seen": true, "$flagged": true])
        let path = try account.message(moved["id"])
        #expect(answer["Content-Location"] == path)
        #expect(try await account.stored().count == 1)
        #expect(try await account.stored(in: "Archive").count == 1)
        if moved["id"] != ids[0] {
            try await account.api.get(account.message(ids[0])).problem(404, "message-not-found")
        }
        #expect(try await account.onlyMessage()["subject"] == "Two")
        #expect(try await account.onlyMessage(in: "archive")["id"] == moved["id"])
    }

    @Test(arguments: MailStore.allCases) func `a message is copied`(
        store: MailStore
    ) async throws {
        let (account, ids) = try await account(store, "One")
        let answer = try await account.api.post("\(account.message(ids[0]))/copy", ["mailbox": "archive"])
        let copy = try answer.expecting(201)
        #expect(answer["Location"] == (try account.message(copy["id"])))
        #expect(try await account.stored() == account.stored(in: "Archive"))
        let raw = try await account.api.get("\(account.message(copy["id"]))/raw")
        #expect(try await account.stored() == [raw.body])
    }

    @Test(arguments: MailStore.allCases) func `deleting moves to the trash first, and out of it for good`(
        store: MailStore
    ) async throws {
        let (account, ids) = try await account(store, "One", "Two")
        #expect(try await account.api.delete(account.message(ids[0])).status == 204)
        #expect(try await account.stored().count == 1)
        let inTrash = try await account.onlyMessage(in: "trash")
        #expect(inTrash["subject"] == "One")
        #expect(try await account.api.delete(account.message(inTrash["id"])).status == 204)
        #expect(try await account.stored(in: "Trash").isEmpty)
        try await account.api.delete(account.message(inTrash["id"])).problem(404, "message-not-found")
    }

    @Test(arguments: MailStore.allCases)
    func `deleting for good takes exactly this message, not one that another client marked`(
        store: MailStore
    ) async throws {
        let (account, ids) = try await account(store, "One", "Two", "Three")
        try await account.markAsDeleted("Three")
        #expect(try await account.api.delete("\(account.message(ids[1]))?permanently=true").status == 204)
        #expect(try await account.stored().count == 2)
        #expect(try await account.stored(in: "Trash").isEmpty)
        let subjects = try await account.list("mailbox=inbox")["data"].array.compactMap(\.["subject"].string)
        #expect(subjects == ["Three", "One"])
        #expect(try await account.storedFlags()["Three"]?.contains("\\Deleted") == true)
    }

    @Test func `a server without MOVE, UIDPLUS and LIST extensions serves as well`() async throws {
        var old = DovecotServer.Options()
        old.configuration = "imap_capability = IMAP4rev1"
        let users = [MailUser("old@example.test")]
        let host = try await MailHost.start(users: users, dovecot: old)
        let bridge = try await Bridge.start(host: host)
        let account = try await bridge.addAccount(of: users[0])
        try await account.seed(["One", "Two", "Three"].map { SeedMessage(TestMail.plain($0)) })
        try await account.markAsDeleted("Three")
        let ids = try await account.list("mailbox=inbox")["data"].array.map(\.["id"])
        try #require(ids.count == 3)
        let moved = try await account.api.post("\(account.message(ids[2]))/move", ["mailbox": "archive"])
        #expect(try moved.expecting(200)["subject"] == "One")
        #expect(try await account.api.delete("\(account.message(ids[1]))?permanently=true").status == 204)
        #expect(try await account.onlyMessage()["subject"] == "Three")
        #expect(try await account.storedFlags()["Three"]?.contains("\\Deleted") == true)
        #expect(try await account.onlyMessage(in: "archive")["id"] == moved.json["id"])
        try await bridge.process.stop()
    }
}
