import MailServers
import Testing

/// Messages are deleted when the policy says so, and never one that nobody took.
@Suite(.timeLimit(.minutes(6)), .serialized)
struct RetentionTests {
    private func webhook(_ bridge: Bridge, _ receiver: WebhookReceiver, _ path: String) async throws
        -> WebhookAtReceiver
    {
        try await WebhookAtReceiver.make(bridge.api, receiver, path, ["types": ["message.created"]])
    }

    private func state(_ account: MailAccount, _ id: String) async throws -> String? {
        try await account.api.get("\(account.path)/messages/\(id)").expecting(200)["retention"]["state"].string
    }

    @Test(arguments: MailStore.allCases)
    func `delivered messages are deleted; older ones, and those that a webhook refuses, stay`(
        store: MailStore
    ) async throws {
        let bridge = try await Bridge.start(settings: Bridge.quickMaildrops)
        let account = try await bridge.newMaildrop(store, retention: ["policy": "deleteAfterDelivery"]) { user in
            try await user.seed([SeedMessage(TestMail.plain("Before the account"))])
        }
        try await account.isRead()
        let receiver = try await WebhookReceiver.start()
        let good = try await webhook(bridge, receiver, "/ok/delivered")
        try await account.deliver(TestMail.plain("Taken"))
        try await good.received(1)
        try await eventually("it is deleted") { try await account.stored().count == 1 }
        let events = try await account.events.count(2)
        #expect(events.map(\.["type"].string) == ["message.created", "message.deleted"])
        #expect(events[0]["data"]["id"] == events[1]["data"]["id"])
        let old = try #require(try await account.listAll("").first?["id"].string)
        #expect(try await state(account, old) == "kept")

        // A second webhook that wants the event and does not take it: the message waits.
        let bad = try await webhook(bridge, receiver, "/fail/2/undelivered")
        try await account.deliver(TestMail.plain("Waiting"))
        try await good.received(2)
        let waiting = try await eventually("it is listed") {
            try await account.list("subject=Waiting")["data"].array
        } until: {
            !$0.isEmpty
        }
        let id = try #require(waiting[0]["id"].string)
        #expect(try await state(account, id) == "awaiting-delivery")
        try await twoVisits(account)
        #expect(try await account.stored().count == 2)
        // Its own retries come too late for a test: it is sent again on request.
        let delivery = try #require(try await bad.deliveries().first?["id"].string)
        for _ in 0..<3 {
            try await bridge.api.post("\(bad.target)/deliveries/\(delivery)/redeliver").expecting(202)
            try await eventually("an attempt ended") {
                let shown = try await bad.deliveries().first
                return shown?["state"].string == "delivered" || (shown?["attempts"].int ?? 0) > 0
            }
            if try await bad.deliveries().first?["state"] == "delivered" { break }
        }
        try await eventually("it is deleted", within: .seconds(60)) { try await account.stored().count == 1 }
    }

    @Test func `a change of the policy deletes nothing that is there`() async throws {
        let bridge = try await Bridge.start(settings: Bridge.quickMaildrops)
        let receiver = try await WebhookReceiver.start()
        let hook = try await webhook(bridge, receiver, "/ok/all")
        let account = try await bridge.newMaildrop(.dovecot)
        try await account.isRead()
        try await account.deliver(TestMail.plain("Acknowledged under keep"))
        try await hook.received(1)
        let id = try #require(try await account.events.count(1)[0]["data"]["id"].string)
        for policy: JSONValue in [["policy": "deleteAfterDelivery"], ["policy": "deleteAfterDays", "days": 1]] {
            try await account.api.patch(account.path, ["pop3": ["retention": policy]]).expecting(200)
            try await twoVisits(account)
            #expect(try await account.stored().count == 1)
        }
        #expect(try await state(account, id) == "scheduled")
        // What comes under the new policy follows it.
        try await account.api.patch(account.path, ["pop3": ["retention": ["policy": "deleteAfterDelivery"]]]).expecting(
            200)
        try await account.deliver(TestMail.plain("Acknowledged under delivery"))
        try await eventually("it came and went") {
            try await account.events.all().map(\.["type"].string).suffix(1) == ["message.deleted"]
        }
        #expect(try await account.listAll("").map(\.["id"].string) == [id])
    }

    /// Returns when the maildrop was visited twice, each of which would have deleted what is due.
    private func twoVisits(_ account: MailAccount) async throws {
        for _ in 0..<2 {
            let checked = try await account.api.get("\(account.path)/health").expecting(200)["sync"]["lastCheckedAt"]
            try await eventually("another visit") {
                try await account.api.get("\(account.path)/health").expecting(200)["sync"]["lastCheckedAt"] != checked
            }
        }
    }

    /// At each line that the server says the connection ends, in the whole cycle of look, delete and QUIT.
    @Test func `a connection that breaks at any moment loses nothing and announces nothing twice`() async throws {
        let host = try await MailHost.shared()
        let bridge = try await Bridge.start(settings: Bridge.quickMaildrops)
        let receiver = try await WebhookReceiver.start()
        _ = try await webhook(bridge, receiver, "/ok/cut")
        let target = host.dovecot.ports.pop3
        let proxy = try LoopbackProxy(.forward(to: target))
        defer { proxy.stop() }
        let user = try host.newUser()
        let retention: JSONValue = ["policy": "deleteAfterDelivery"]
        let draft = try await host.draft(for: user).removing("imap").setting(
            "/pop3", to: MailStore.dovecot.maildrop(of: host, "none", port: proxy.port, retention: retention))
        var account = try await bridge.addAccount(draft)
        account.user = user
        try await account.isRead()
        var sent = 0
        for lines in stride(from: 1, through: 40, by: 3) {
            for _ in 0..<3 {
                sent += 1
                try await account.deliver(TestMail.plain("cut \(sent)"))
            }
            let before = proxy.connectionCount
            proxy.set(.cut(to: target, afterLines: lines, .close))
            try await eventually("a visit was cut", within: .seconds(60)) { proxy.connectionCount > before + 1 }
            proxy.set(.forward(to: target))
            // So that the next look is not put off.
            try await account.api.post("\(account.path)/reconnect").expecting(200)
        }
        let total = sent
        try await eventually("all are told of, taken, and gone", within: .seconds(120)) {
            let events = try await account.events.all()
            return try await account.stored().isEmpty && events.count == 2 * total
        }
        try await checkTold(account, receiver, "/ok/cut", total)
    }

    /// A look that finds nothing new says less than a session that deletes, so only that one is cut.
    @Test func `a deletion that is cut at any line deletes all or nothing, and is told once`() async throws {
        let host = try await MailHost.shared()
        let bridge = try await Bridge.start(settings: Bridge.quickMaildrops)
        let receiver = try await WebhookReceiver.start()
        let target = host.dovecot.ports.pop3
        let proxy = try LoopbackProxy(.forward(to: target))
        defer { proxy.stop() }
        let user = try host.newUser()
        let retention: JSONValue = ["policy": "deleteAfterDelivery"]
        let draft = try await host.draft(for: user).removing("imap").setting(
            "/pop3", to: MailStore.dovecot.maildrop(of: host, "none", port: proxy.port, retention: retention))
        var account = try await bridge.addAccount(draft)
        account.user = user
        try await account.isRead()
        let hook = try await webhook(bridge, receiver, "/slow/1000/cut")
        var sent = 0
        for lines in stride(from: 34, through: 48, by: 2) {
            sent += 1
            try await account.deliver(TestMail.plain("deletion \(sent)"))
            _ = try await account.events.count(2 * sent - 1)
            // It was told of, and is not taken yet.
            proxy.set(.cut(to: target, afterLines: lines, .close))
            try await hook.received(sent)
            let before = proxy.connectionCount
            try await eventually("it was tried to delete it") { proxy.connectionCount > before + 1 }
            proxy.set(.forward(to: target))
            try await account.api.post("\(account.path)/reconnect").expecting(200)
            _ = try await account.events.count(2 * sent)
            #expect(try await account.stored().isEmpty)
        }
        try await checkTold(account, receiver, "/slow/1000/cut", sent)
    }

    @Test func `the program is killed at any moment of the cycle, and nothing is lost or told twice`() async throws {
        let host = try await MailHost.shared()
        var bridge = try await Bridge.start(settings: Bridge.quickMaildrops)
        let receiver = try await WebhookReceiver.start()
        _ = try await webhook(bridge, receiver, "/moody/killed")
        let user = try host.newUser()
        var account = try await bridge.addAccount(
            MailStore.dovecot.maildropDraft(for: user, of: host, retention: ["policy": "deleteAfterDelivery"]))
        account.user = user
        try await account.isRead()
        var sent = 0
        for _ in 0..<10 {
            for _ in 0..<8 {
                sent += 1
                try await account.deliver(TestMail.plain("kill \(sent)"))
            }
            // Sound: the moment of the kill is meant to be any
            try await Task.sleep(for: .milliseconds(Int.random(in: 200...1_800)))
            try await bridge.process.kill()
            bridge = try await bridge.restart(settings: Bridge.quickMaildrops)
        }
        let again = MailAccount(id: account.id, api: bridge.api, host: host, user: user)
        let total = sent
        try await eventually("all are told of, taken, and gone", within: .seconds(180)) {
            let events = try await again.events.all()
            return try await again.stored().isEmpty && events.count == 2 * total
        }
        try await checkTold(again, receiver, "/moody/killed", total)
        withExtendedLifetime(bridge) {}
    }

    /// Each message was announced under one id, taken by the receiver before it was deleted, and told to be gone once.
    private func checkTold(
        _ account: MailAccount, _ receiver: WebhookReceiver, _ path: String, _ total: Int
    ) async throws {
        let events = try await account.events.all()
        let created = events.filter { $0["type"] == "message.created" }
        let deleted = events.filter { $0["type"] == "message.deleted" }
        #expect(created.count == total && deleted.count == total)
        #expect(Set(created.compactMap(\.["data"]["id"].string)).count == total)
        #expect(Set(created.compactMap(\.["data"]["subject"].string)).count == total)
        #expect(Set(deleted.compactMap(\.["data"]["id"].string)) == Set(created.compactMap(\.["data"]["id"].string)))
        let taken = Set(try await receiver.calls(path).filter { $0.status == 200 }.map(\.id))
        #expect(taken.isSuperset(of: created.compactMap(\.["id"].string)), "deleted without having been taken")
    }
}
