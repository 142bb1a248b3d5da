import MailServers
import Testing

/// Mailboxes made, moved and removed, and messages judged, as the server itself sees it afterwards.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct OrganisingTests {
    @Test(arguments: MailStore.allCases) func `a mailbox is made, renamed, moved and deleted with what is in it`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let path = "\(account.path)/mailboxes"
        let made = try await account.api.post(path, ["name": "Projekte & Grüße"])
        let top = try made.expecting(201)
        let topID = try #require(top["id"].string)
        #expect(made["Location"] == "\(path)/\(topID)")
        #expect(top["isSubscribed"] == true)
        let inside = try await account.api.post(path, ["name": "日本", "parentId": .string(topID)]).expecting(201)
        #expect(inside["path"].string == (try await store.path(of: "Projekte & Grüße/日本")))
        #expect(inside["parentId"] == top["id"])
        #expect(try await account.storedMailboxes().isSuperset(of: ["Projekte & Grüße", "Projekte & Grüße/日本"]))
        try await account.api.post(path, ["name": "Projekte & Grüße"]).problem(409, "mailbox-exists")

        try await account.seed(mailbox: "Projekte & Grüße/日本", [SeedMessage(TestMail.plain("Inside"))])
        let renamed = try await account.api.patch("\(path)/\(topID)", ["name": "Alt"])
        let after = try renamed.expecting(200)
        #expect(after["path"].string == (try await store.path(of: "Alt")))
        #expect(renamed["Content-Location"] == .some("\(path)/\(after["id"].string ?? "")"))
        #expect(after["id"].string == topID, "a mailbox keeps its id under another name")
        let list = try await account.api.get(path).expecting(200)["data"].array
        let childPath = try await store.path(of: "Alt/日本")
        let child = try #require(list.first { $0["path"].string == childPath })
        #expect(child["totalEmails"] == 1)
        let childID = try #require(child["id"].string)
        #expect(try await account.onlyMessage(in: childID)["subject"] == "Inside")

        let moved = try await account.api.patch("\(path)/\(childID)", ["parentId": nil, "isSubscribed": false])
        let movedID = try #require(try moved.expecting(200)["id"].string)
        #expect(try moved.json["path"].string == (try await store.path(of: "日本")))
        #expect(try moved.json["isSubscribed"] == false)
        let subscribed = try await account.storedMailboxes(subscribed: true)
        #expect(subscribed.contains("Alt") && !subscribed.contains("日本"))
        try await account.api.delete("\(path)/\(movedID)").problem(409, "mailbox-not-empty")
        #expect(try await account.api.delete("\(path)/\(movedID)?force=true").status == 204)
        #expect(try await account.api.delete("\(path)/\(after["id"].string ?? "")").status == 204)
        #expect(try await account.storedMailboxes() == ["INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"])
    }

    @Test(arguments: MailStore.allCases) func `the inbox stays where it is`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let inbox = "\(account.path)/mailboxes/inbox"
        try await account.api.delete("\(inbox)?force=true").problem(409, "mailbox-protected")
        try await account.api.patch(inbox, ["name": "Other"]).problem(409, "mailbox-protected")
        #expect(try await account.api.get(inbox).expecting(200)["role"] == "inbox")
    }

    @Test(arguments: MailStore.allCases) func `spam goes to the junk mailbox and back`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        try await account.seed([SeedMessage(TestMail.plain("Offer"))])
        let id = try await account.onlyMessage()["id"]
        let junk = try await account.api.post("\(account.message(id))/spam").expecting(200)
        #expect(junk["keywords"]["$junk"] == true)
        #expect(try await account.stored(in: "Junk").count == 1)
        #expect(try await account.stored().isEmpty)
        let back = try await account.api.post("\(account.message(junk["id"]))/not-spam").expecting(200)
        #expect(back["keywords"]["$notjunk"] == true)
        #expect(back["keywords"]["$junk"].isNull)
        #expect(try await account.onlyMessage()["id"] == back["id"])
        #expect(try await account.stored(in: "Junk").isEmpty)
    }

    @Test(arguments: MailStore.allCases) func `reading marks as read where it is asked to, by a token that may write`(
        store: MailStore
    ) async throws {
        let bridge = try await Bridge.shared()
        let account = try await store.newAccount()
        try await account.seed([SeedMessage(TestMail.plain("One"))])
        let path = try await account.message(account.onlyMessage()["id"])
        let made = try await bridge.api.post("/v1/tokens", ["name": "reader", "scopes": ["read"]]).expecting(201)
        let reader = bridge.api.with(token: made["token"].string)
        try await reader.get("\(path)?markSeen=true").problem(403, "insufficient-scope")
        #expect(try await reader.get(path).expecting(200)["keywords"] == [:])
        #expect(try await account.api.get("\(path)?markSeen=true").expecting(200)["keywords"] == ["$seen": true])
        #expect(try await account.storedFlags()["One"]?.contains("\\Seen") == true)
    }
}
