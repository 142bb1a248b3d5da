import MailServers
import Testing

/// Mailboxes made, moved and removed, and messages judged, as Dovecot itself sees it afterwards.
@Suite(.timeLimit(.minutes(2)), .validatesAnswers)
struct OrganisingTests {
    private func mailboxes(_ account: MailAccount, subscribed: Bool = false) async throws -> Set<String> {
        let options = subscribed ? "-s8" : "-8"
        let output = try await account.host.dovecot.doveadm(
            "mailbox", "list", "-u", account.user.email, options, "*")
        return Set(output.split(separator: "\n").map(String.init))
    }

    @Test func `a mailbox is made, renamed, moved and deleted with what is in it`() async throws {
        let account = try await Bridge.shared().newAccount()
        let path = "\(account.path)/mailboxes"
        let made = try await account.api.post(path, ["name": "Projekte & Grüße"])
        let top = try made.expecting(201)
        let topID = try #require(top["id"].string)
        #expect(made["Location"] == "\(path)/\(topID)")
        #expect(top["isSubscribed"] == true)
        let inside = try await account.api.post(path, ["name": "日本", "parentId": .string(topID)]).expecting(201)
        #expect(inside["path"] == "Projekte & Grüße/日本")
        #expect(inside["parentId"] == top["id"])
        #expect(try await mailboxes(account).isSuperset(of: ["Projekte & Grüße", "Projekte & Grüße/日本"]))
        try await account.api.post(path, ["name": "Projekte & Grüße"]).problem(409, "mailbox-exists")

        try await account.host.dovecot.seed(
            account.user, mailbox: "Projekte & Grüße/日本", [SeedMessage(TestMail.plain("Inside"))])
        let renamed = try await account.api.patch("\(path)/\(topID)", ["name": "Alt"])
        let after = try renamed.expecting(200)
        #expect(after["path"] == "Alt")
        #expect(renamed["Content-Location"] == .some("\(path)/\(after["id"].string ?? "")"))
        try await account.api.get("\(path)/\(topID)").problem(404, "mailbox-not-found")
        let list = try await account.api.get(path).expecting(200)["data"].array
        let child = try #require(list.first { $0["path"] == "Alt/日本" })
        #expect(child["totalEmails"] == 1)
        let childID = try #require(child["id"].string)
        #expect(try await account.onlyMessage(in: childID)["subject"] == "Inside")

        let moved = try await account.api.patch("\(path)/\(childID)", ["parentId": nil, "isSubscribed": false])
        let movedID = try #require(try moved.expecting(200)["id"].string)
        #expect(try moved.json["path"] == "日本")
        #expect(try moved.json["isSubscribed"] == false)
        let subscribed = try await mailboxes(account, subscribed: true)
        #expect(subscribed.contains("Alt") && !subscribed.contains("日本"))
        try await account.api.delete("\(path)/\(movedID)").problem(409, "mailbox-not-empty")
        #expect(try await account.api.delete("\(path)/\(movedID)?force=true").status == 204)
        #expect(try await account.api.delete("\(path)/\(after["id"].string ?? "")").status == 204)
        #expect(try await mailboxes(account) == ["INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"])
    }

    @Test func `the inbox stays where it is`() async throws {
        let account = try await Bridge.shared().newAccount()
        let inbox = "\(account.path)/mailboxes/inbox"
        try await account.api.delete("\(inbox)?force=true").problem(409, "mailbox-protected")
        try await account.api.patch(inbox, ["name": "Other"]).problem(409, "mailbox-protected")
        #expect(try await account.api.get(inbox).expecting(200)["role"] == "inbox")
    }

    @Test func `spam goes to the junk mailbox and back`() async throws {
        let account = try await Bridge.shared().newAccount()
        try await account.host.dovecot.seed(account.user, [SeedMessage(TestMail.plain("Offer"))])
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

    @Test func `reading marks as read where it is asked to, by a token that may write`() async throws {
        let bridge = try await Bridge.shared()
        let account = try await bridge.newAccount()
        try await account.host.dovecot.seed(account.user, [SeedMessage(TestMail.plain("One"))])
        let path = try await account.message(account.onlyMessage()["id"])
        let made = try await bridge.api.post("/v1/tokens", ["name": "reader", "scopes": ["read"]]).expecting(201)
        let reader = bridge.api.with(token: made["token"].string)
        try await reader.get("\(path)?markSeen=true").problem(403, "insufficient-scope")
        #expect(try await reader.get(path).expecting(200)["keywords"] == [:])
        #expect(try await account.api.get("\(path)?markSeen=true").expecting(200)["keywords"] == ["$seen": true])
        #expect(try await account.storedFlags()["One"]?.contains("\\Seen") == true)
    }
}
