import Foundation
import MailServers
import Testing

/// Servers that lack what the others have, or break the rules of RFC 1939.
@Suite(.timeLimit(.minutes(3)))
struct OddServerTests {
    private static let bridge = Task(name: "odd bridge") { try await Bridge.start(settings: Bridge.quickMaildrops) }

    private func account(_ server: OddServer, retention: String = "keep") async throws -> MailAccount {
        try await Self.bridge.value.addAccount(server.draft(retention: retention))
    }

    private func subjects(_ account: MailAccount) async throws -> [String] {
        try await account.listAll("").compactMap(\.["subject"].string)
    }

    @Test(arguments: [["nouidl"], ["nouidl", "notop"], ["nocapa"], ["nocapa", "nouidl", "notop"]])
    func `what a server lacks is done without`(habits: [String]) async throws {
        let server = try OddServer(habits)
        for number in 1...4 { try server.put("id\(number)", "Message \(number)") }
        let account = try await account(server)
        try await account.isRead()
        #expect(try await subjects(account) == ["Message 4", "Message 3", "Message 2", "Message 1"])
        let ids = try await account.listAll("fields=id").compactMap(\.["id"].string)
        try server.put("id5", "Message 5")
        let created = try await account.events.count(1)
        #expect(created.map(\.["data"]["subject"].string) == ["Message 5"])
        try server.drop("id2")
        let deleted = try await account.events.count(2)
        #expect(deleted[1]["type"] == "message.deleted" && deleted[1]["data"]["id"].string == ids[2])
        #expect(
            try await account.listAll("fields=id").compactMap(\.["id"].string).dropFirst() == [ids[0], ids[1], ids[3]])
        try await account.api.delete("\(account.path)/messages/\(ids[3])").expecting(204)
        #expect(try await subjects(account) == ["Message 5", "Message 4", "Message 3"])
        let message = try await account.api.get("\(account.path)/messages/\(ids[0])").expecting(200)
        #expect(message["subject"] == "Message 4" && message["text"].string?.hasPrefix("Hello.") == true)
        #expect(try await account.events.count(3).count == 3)
    }

    @Test func `a unique id that is given to another message is seen, and the wrong message is not deleted`()
        async throws
    {
        let server = try OddServer([])
        try server.put("same", "First")
        try server.put("other", "Second")
        let account = try await account(server)
        try await account.isRead()
        let first = try #require(try await account.list("subject=First")["data"][0]["id"].string)
        try server.give("same", "Usurper", body: "Of another length than the first one had.")
        // Asked for by its id, before any visit perhaps: it is gone, and nothing else goes in its place.
        try await account.api.delete("\(account.path)/messages/\(first)").problem(404, "message-not-found")
        let events = try await account.events.count(2)
        #expect(Set(events.map(\.["type"].string)) == ["message.created", "message.deleted"])
        #expect(events.first { $0["type"] == "message.deleted" }?["data"]["id"].string == first)
        #expect(events.first { $0["type"] == "message.created" }?["data"]["subject"] == "Usurper")
        #expect(Set(try await subjects(account)) == ["Usurper", "Second"])
    }

    @Test func `messages whose ids are their numbers are followed when the numbers shift`() async throws {
        let server = try OddServer(["numbers"])
        for number in 1...6 {
            try server.put("id\(number)", "Message \(number)", body: String(repeating: "x", count: number))
        }
        let account = try await account(server)
        try await account.isRead()
        let ids = try await account.listAll("fields=id").compactMap(\.["id"].string)
        try server.drop("id1")
        let events = try await account.events.count(1)
        #expect(events.map(\.["type"].string) == ["message.deleted"])
        #expect(events[0]["data"]["id"].string == ids[5])
        #expect(try await account.listAll("fields=id").compactMap(\.["id"].string) == Array(ids.dropLast()))
        try server.put("id7", "Message 7")
        let more = try await account.events.count(2)
        #expect(more.last?["data"]["subject"] == "Message 7")
        #expect(try await account.events.all().count == 2)
    }

    @Test func `a server that wants logins apart is left alone, and callers are told for how long`() async throws {
        let server = try OddServer(["delay=3600"])
        try server.put("id1", "One")
        let account = try await account(server)
        let answer = try await eventually("the server was visited") {
            try await account.api.get("\(account.path)/messages")
        } until: {
            $0.status == 503
        }
        try answer.problem(503, "account-unavailable")
        let pause = try #require(answer["Retry-After"].flatMap { Int($0) })
        #expect((3_000...3_700).contains(pause))
        #expect(try await account.api.get(account.path).expecting(200)["state"] == "connected")
    }

    /// Neither Dovecot nor Cyrus keep a second session out, as they are set up by Debian.
    @Test func `a maildrop that somebody else has is waited for, then 503 says to come again`() async throws {
        let server = try OddServer([])
        try server.put("id1", "One")
        // Visited once in five minutes: a visit that is kept out as well would have the account's only session meanwhile.
        let account = try await Bridge.shared().addAccount(server.draft())
        try await account.isRead()
        // Held until its standard input ends.
        let holder = try await onThread {
            let child = try ChildProcess([
                Command.locate("python3"), "-c",
                """
                import poplib, sys, time
                while True:
                    try:
                        box = poplib.POP3("127.0.0.1", \(server.port))
                        box.user("other"); box.pass_("other")
                        break
                    except poplib.error_proto: time.sleep(0.02)
                print("HELD", flush=True)
                sys.stdin.read()
                box.quit()
                """,
            ])
            _ = try child.output.waitForLine(containing: "HELD", seconds: 30)
            return child
        }
        // The maildrop is waited for twenty seconds: the caller's time does not end within the last try.
        let busy = try await account.api.get("\(account.path)/messages", headers: [("Prefer", "wait=60")])
        let problem = try busy.problem(503, "account-unavailable")
        #expect(problem["upstream"]["code"] == "IN-USE")
        #expect(busy["Retry-After"] != nil)
        #expect(try await account.api.get(account.path).expecting(200)["state"] == "connected")
        async let waiting = account.api.get("\(account.path)/messages", headers: [("Prefer", "wait=60")])
        holder.closeInput()
        #expect(try await waiting.expecting(200)["data"].array.count == 1)
    }

    @Test func `a server at a private address is not dialled where that is forbidden`() async throws {
        let server = try OddServer([])
        let bridge = try await Bridge.start(
            settings: Bridge.quickMaildrops.merging(["MAILBRIDGE_MAIL_ALLOW_PRIVATE": "false"]) { $1 })
        let made = try await bridge.api.post("/v1/accounts?verify=false", server.draft()).expecting(201)
        let answer = try await bridge.api.get("/v1/accounts/\(made["id"].string ?? "")/messages")
        #expect(answer.status == 502 || answer.status == 503, "\(answer.text)")
        #expect(try await server.logins().all == 0)
    }

    /// One login each hour has to do for all: look, announce, delete.
    @Test func `retention deletes in the session of the look, where the server wants logins apart`() async throws {
        let bridge = try await Bridge.start(settings: Bridge.quickMaildrops)
        let receiver = try await WebhookReceiver.start()
        let server = try OddServer(["delay=10", "expire=30"])
        let hook = try await WebhookAtReceiver.make(bridge.api, receiver, "/ok/early", ["types": ["message.created"]])
        let account = try await bridge.addAccount(server.draft(retention: "deleteAfterDelivery"))
        try await account.isRead()
        try server.put("id1", "One")
        try await hook.received(1)
        let events = try await account.events.count(2)
        #expect(events.map(\.["type"].string) == ["message.created", "message.deleted"])
        // The one that verified the settings, the first look, the one that announced, the one that deleted.
        #expect(try await server.logins().all <= 4)
        let health = try await account.api.get("\(account.path)/health").expecting(200)["pop3"]
        #expect(health["expireDays"].int == 30 && health["loginDelaySeconds"].int == 10)
    }

    @Test func `a unique id that is given to a message of the same size is not taken for the old one`() async throws {
        let server = try OddServer([])
        try server.put("same", "First", body: "aaaa")
        let account = try await account(server)
        try await account.isRead()
        let first = try #require(try await account.list("subject=First")["data"][0]["id"].string)
        try server.give("same", "Secnd", body: "bbbb")
        // Nothing in the list of the server is other than it was: its header is.
        try await account.api.delete("\(account.path)/messages/\(first)").problem(404, "message-not-found")
        let events = try await account.events.count(2)
        #expect(Set(events.map(\.["type"].string)) == ["message.created", "message.deleted"])
        #expect(events.first { $0["type"] == "message.created" }?["data"]["subject"] == "Secnd")
        #expect(try await subjects(account) == ["Secnd"])
    }

    @Test func `messages of one size whose ids are their numbers are followed`() async throws {
        let server = try OddServer(["numbers"])
        for number in 1...6 { try server.put("id\(number)", "Message \(number)") }
        let account = try await account(server)
        try await account.isRead()
        let ids = try await account.listAll("fields=id").compactMap(\.["id"].string)
        try server.drop("id2")
        let events = try await account.events.count(1)
        #expect(events[0]["data"]["id"].string == ids[4] && events[0]["type"] == "message.deleted")
        try server.drop("id1")
        try server.put("id7", "Message 7")
        let more = try await account.events.count(3)
        #expect(Set(more.dropFirst().map(\.["type"].string)) == ["message.created", "message.deleted"])
        #expect(more.contains { $0["data"]["id"].string == ids[5] })
        #expect(
            try await subjects(account) == ["Message 7", "Message 6", "Message 5", "Message 4", "Message 3"])
        #expect(try await account.events.all().count == 3)
    }

    /// Whether the messages are gone nobody can know then, but the next look can.
    @Test func `a QUIT whose answer is lost is found out about, and told once`() async throws {
        let server = try OddServer(["lostquit"])
        try server.put("id1", "One")
        try server.put("id2", "Two")
        let account = try await account(server, retention: "deleteAfterDelivery")
        try await account.isRead()
        let one = try #require(try await account.list("subject=One")["data"][0]["id"].string)
        try await account.api.delete("\(account.path)/messages/\(one)").problem(503, "account-unavailable")
        let deleted = try await account.events.count(1)
        #expect(deleted.map(\.["data"]["id"].string) == [one] && deleted[0]["type"] == "message.deleted")

        let receiver = try await WebhookReceiver.start()
        let hook = try await WebhookAtReceiver.make(
            account.api, receiver, "/ok/lost", ["accounts": [.string(account.id)]])
        try server.put("id3", "Three")
        let told = try await account.events.count(3)
        #expect(told.map(\.["type"].string) == ["message.deleted", "message.created", "message.deleted"])
        #expect(told[1]["data"]["subject"] == "Three" && told[2]["data"]["id"] == told[1]["data"]["id"])
        #expect(try await hook.received(1).contains { $0.id == told[1]["id"].string && $0.status == 200 })
        #expect(try await subjects(account) == ["Two"])
    }
}
