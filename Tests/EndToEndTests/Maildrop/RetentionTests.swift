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
}
