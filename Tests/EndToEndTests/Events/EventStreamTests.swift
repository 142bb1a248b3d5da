import Foundation
import MailServers
import Testing

/// The event log over HTTP: nothing is missed, nothing comes twice, and nobody sees what is not his.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct EventStreamTests {
    /// An account that nobody connects to.
    private static func draft(_ name: String) -> JSONValue { Endpoint.sender.setting("/name", to: .string(name)) }

    private static func add(_ name: String, to bridge: Bridge) async throws -> MailAccount {
        try await bridge.addAccount(draft(name), query: "?verify=false")
    }

    private static func rename(_ account: MailAccount, _ name: String, _ api: APIClient) async throws {
        _ = try await api.patch(account.path, ["name": .string(name)]).expecting(200)
    }

    /// The whole log, page by page.
    private static func log(_ api: APIClient, _ query: String = "") async throws -> [JSONValue] {
        var all: [JSONValue] = []
        var after = 0
        while true {
            let page = try await api.get("/v1/events?after=\(after)&limit=7\(query)").expecting(200)
            all += page["data"].array
            after = try #require(page["next"].int)
            if after == page["newest"].int { return all }
        }
    }

    @Test func `a stream goes on over power failures without a hole and without a repetition`() async throws {
        var bridge = try await Bridge.start()
        let account = try await Self.add("first", to: bridge)
        var seen: [StreamBlock] = []
        var last = "0"
        for round in 0..<3 {
            let follower = EventFollower(bridge.api, lastEventID: last)
            try await follower.opened()
            let api = bridge.api
            // Still writing when the power goes: some of these fail.
            async let writing: Void = {
                for number in 0..<200 {
                    guard (try? await Self.rename(account, "\(round).\(number)", api)) != nil else { return }
                }
            }()
            try await eventually("some events have come") { follower.events.count >= 10 }
            try await bridge.process.kill()
            await writing
            _ = try await follower.ended()
            seen += follower.events
            last = try #require(follower.lastID)
            bridge = try await bridge.restart()
        }
        let whole = try await Self.log(bridge.api)
        let follower = EventFollower(bridge.api, lastEventID: last)
        try await eventually("the rest has come") { seen.count + follower.events.count >= whole.count }
        seen += follower.events
        #expect(seen.map(\.id) == (1...whole.count).map { "\($0)" })
        #expect(seen.map(\.json["id"].string) == whole.map(\.["id"].string))
        #expect(Set(whole.map(\.["id"].string)).count == whole.count)
        #expect(seen.map(\.event) == whole.map(\.["type"].string))
        // What the API answered is what the log tells.
        let told = whole.filter { $0["type"] == "account.updated" }.compactMap { $0["data"]["name"].string }
        #expect(try await bridge.api.get(account.path).expecting(200)["name"].string == told.last)
    }

    @Test func `sending mail is told`() async throws {
        let bridge = try await Bridge.start()
        let (sender, recipient) = (try await bridge.newAccount(), try await bridge.newAccount())
        let follower = EventFollower(bridge.api)
        try await follower.opened()
        let submission = try await sender.submit([
            "to": [.string(recipient.user.email)], "subject": "Told", "text": "Hello.",
        ])
        try await eventually("the submission is told") { follower.events.contains { $0.event == "submission.sent" } }
        let event = try #require(follower.events.first { $0.event == "submission.sent" }).json
        #expect(event["accountId"].string == sender.id)
        #expect(event["data"]["id"] == submission["id"] && event["data"]["state"] == "sent")
        #expect(event["data"]["recipients"][0]["state"] == "accepted")
    }

    @Test func `a state of an account is told when it changes, in the same words as the account`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        let types = ["created", "updated", "connected", "authentication_failed", "deleted"]
        let own = "&types=" + types.map { "account.\($0)" }.joined(separator: ",")
        let made = try await Self.log(bridge.api, own)
        #expect(made.map(\.["type"].string) == ["account.created", "account.connected"])
        #expect(made[0]["data"]["id"].string == account.id && made[0]["data"]["email"].string == account.user.email)
        #expect(made[1]["data"]["state"] == "connected" && made[1]["data"]["lastError"].isNull)
        let wrong: JSONValue = ["credentials": ["username": .string(account.user.email), "password": "wrong"]]
        _ = try await bridge.api.patch("\(account.path)?verify=false", wrong).expecting(200)
        _ = try await bridge.api.post("\(account.path)/reconnect")
        let events = try await eventually("the refusal is told") {
            try await Self.log(bridge.api, own)
        } until: {
            $0.last?["type"] == "account.authentication_failed"
        }
        #expect(events[2]["type"] == "account.updated")
        #expect(events.last?["data"]["lastError"]["code"].string?.contains("authentication") == true)
        _ = try await bridge.api.delete(account.path).expecting(204)
        let last = try await Self.log(bridge.api, own).last
        #expect(last?["type"] == "account.deleted" && last?["accountId"].string == account.id)
        #expect(!"\(events)".contains(account.user.password))
    }

    @Test func `a long poll is answered when something happens`() async throws {
        let bridge = try await Bridge.start()
        let account = try await Self.add("poll", to: bridge)
        let newest = try #require(try await bridge.api.get("/v1/events").expecting(200)["newest"].int)
        async let answer = bridge.api.get("/v1/events?after=\(newest)&wait=60&types=account.deleted")
        try await Self.rename(account, "not this", bridge.api)
        _ = try await bridge.api.delete(account.path).expecting(204)
        let page = try await answer.expecting(200)
        #expect(page["data"].array.map(\.["type"].string) == ["account.deleted"])
    }

    @Test func `a token sees the events of its accounts only, in the list and in the stream`() async throws {
        let bridge = try await Bridge.start()
        let (mine, other) = (try await Self.add("mine", to: bridge), try await Self.add("other", to: bridge))
        let token = try await bridge.api.post(
            "/v1/tokens", ["name": "bound", "scopes": ["events"], "accounts": [.string(mine.id)]]
        ).expecting(201)
        let api = bridge.api.with(token: token["token"].string)
        let follower = EventFollower(api, "?after=0")
        try await follower.opened()
        try await Self.rename(other, "hidden", bridge.api)
        try await Self.rename(mine, "shown", bridge.api)
        try await eventually("the change is told") { follower.events.count >= 2 }
        let listed = try await Self.log(api)
        #expect(listed.map(\.["accountId"].string) == [mine.id, mine.id])
        #expect(follower.events.map(\.json) == listed)
        try await api.get("/v1/events?account=\(other.id)").problem(403, "account-forbidden")
        // It ends with its token.
        _ = try await bridge.api.delete("/v1/tokens/\(token["id"].string ?? "")").expecting(204)
        let end = try await follower.ended()
        #expect(try end.get().status == 200)
        #expect(follower.blocks.last?.event == "problem")
        #expect(follower.blocks.last?.json["type"] == "/problems/invalid-token")
    }

    @Test func `a program that stops ends its streams at once and in order`() async throws {
        let bridge = try await Bridge.start(settings: ["MAILBRIDGE_DRAIN_TIMEOUT": "3600"])
        let followers = (0..<20).map { _ in EventFollower(bridge.api) }
        for follower in followers { try await follower.opened() }
        async let poll = bridge.api.get("/v1/events?wait=60")
        try await eventually("the poll waits") {
            try await bridge.api.get("/metrics").text.contains("mailbridge_event_streams 20\n")
        }
        #expect(try await bridge.process.stop(seconds: 60) == 0)
        for follower in followers { #expect(try await follower.ended().get().status == 200) }
        // It was answered, or it came after the end began; it did not hold it up.
        _ = try? await poll
    }
}
