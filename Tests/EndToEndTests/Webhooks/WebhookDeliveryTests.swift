import Foundation
import MailServers
import Testing

/// Events arrive at endpoints that behave, and at those that do not.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct WebhookDeliveryTests {
    @Test func `events arrive signed, as somebody else's package verifies it`() async throws {
        let bridge = try await WebhookBridge.start()
        let receiver = try await WebhookReceiver.start()
        let all = try await WebhookAtReceiver.make(bridge.api, receiver, "/ok/all")
        let created = try await WebhookAtReceiver.make(
            bridge.api, receiver, "/ok/created", ["types": ["account.created"], "accounts": ["a", "b"]])
        let own = "whsec_" + Data((0..<24).map { UInt8($0) }).base64EncodedString()
        let chosen = try await WebhookAtReceiver.make(
            bridge.api, receiver, "/ok/own", ["secret": .string(own), "types": ["account.*"]])
        #expect(chosen.secret == own)

        for id in ["a", "b", "c"] { try await bridge.addAccount(id) }
        try await bridge.rename("a", to: "Jane")
        let calls = try await all.received(4)
        #expect(Set(calls.map(\.id)).count == 4)
        #expect(calls.allSatisfy { $0.verified == [0] && $0.signatures == 1 && $0.id.hasPrefix("evt_") })
        #expect(calls.allSatisfy { abs($0.timestamp - Int(Date().timeIntervalSince1970)) < 60 })
        let renamed = try #require(calls.first { $0.event["type"] == "account.updated" })
        #expect(renamed.event["id"].string == renamed.id && renamed.event["accountId"] == "a")
        #expect(renamed.event["data"]["name"] == "Jane")
        #expect(try await chosen.received(4).allSatisfy { $0.verified == [0] })
        #expect(Set(try await created.received(2).map(\.event["accountId"].string)) == ["a", "b"])

        try await eventually("all is noted") { try await all.deliveries("?state=delivered").count == 4 }
        let deliveries = try await all.deliveries()
        #expect(Set(deliveries.map(\.["eventId"].string)) == Set(calls.map(\.id)))
        #expect(deliveries.allSatisfy { $0["attempts"] == 1 && $0["lastStatus"] == 200 && $0["nextAttemptAt"].isNull })
        let shown = try await all.show()
        #expect(shown["endpoint"]["state"] == "healthy" && shown["secret"].isNull)
        #expect(!bridge.process.output.contains(all.secret) && !bridge.process.output.contains("/ok/all"))
        #expect(try await receiver.count("/ok/created") == 2)
        #expect(try await bridge.process.stop() == 0)
    }

    @Test func `a failure is repeated under the same id`() async throws {
        let bridge = try await WebhookBridge.start()
        let receiver = try await WebhookReceiver.start()
        let hook = try await WebhookAtReceiver.make(bridge.api, receiver, "/fail/2/once")
        try await bridge.addAccount("a")
        let calls = try await hook.received(2)
        #expect(calls[0].id == calls[1].id && calls.allSatisfy { $0.verified == [0] })
        #expect(calls[1].timestamp > calls[0].timestamp)
        // For five minutes now; after the first it was for seconds.
        let pending = try await eventually("the second failure is noted") {
            try await hook.deliveries()
        } until: {
            $0.first?["attempts"] == 2
        }
        #expect(pending[0]["state"] == "pending" && pending[0]["lastStatus"] == 500)
        #expect(pending[0]["lastError"]["code"] == "status" && !pending[0]["nextAttemptAt"].isNull)
        #expect(try await hook.show()["endpoint"]["state"] == "failing")
        let id = try #require(pending[0]["id"].string)
        try await bridge.api.post("\(hook.target)/deliveries/\(id)/redeliver").expecting(202)
        #expect(try await hook.received(3)[2].id == calls[0].id)
        try await eventually("it is delivered") { try await hook.deliveries("?state=delivered").count == 1 }
        #expect(try await hook.show()["endpoint"]["consecutiveFailures"] == 0)
        try await bridge.process.stop()
    }

    @Test func `endpoints that hang delay no other, and no stop`() async throws {
        let bridge = try await WebhookBridge.start(in: TemporaryFolder("webhooks", inMemory: true))
        let receiver = try await WebhookReceiver.start()
        for number in 0..<10 { _ = try await WebhookAtReceiver.make(bridge.api, receiver, "/hang/\(number)") }
        let fine = try await WebhookAtReceiver.make(bridge.api, receiver, "/ok/fine")
        try await bridge.addAccount("a")
        for number in 1..<100 { try await bridge.rename("a", to: "\(number)") }
        // Far less than one time-out of those that hang.
        let calls = try await fine.received(100, within: .seconds(15))
        #expect(Set(calls.map(\.id)).count == 100)
        #expect(try await bridge.process.stop(seconds: 30) == 0)
    }

    @Test func `410 disables, redirects are not followed`() async throws {
        let bridge = try await WebhookBridge.start()
        let receiver = try await WebhookReceiver.start()
        let gone = try await WebhookAtReceiver.make(bridge.api, receiver, "/gone/a")
        let redirect = try await WebhookAtReceiver.make(bridge.api, receiver, "/redirect/a")
        try await bridge.addAccount("a")
        let shown = try await eventually("the webhook is disabled") {
            try await gone.show()
        } until: {
            $0["state"] == "disabled"
        }
        #expect(shown["disabledReason"] == "gone" && shown["endpoint"]["lastStatus"] == 410)
        #expect(try await gone.deliveries()[0]["state"] == "failed")
        try await bridge.rename("a", to: "Unheard")
        let failed = try await eventually("the redirect is noted") {
            try await redirect.deliveries()
        } until: {
            $0.count == 2 && $0.allSatisfy { $0["attempts"] != 0 }
        }
        #expect(failed[0]["lastError"]["code"] == "redirect" && failed[0]["lastStatus"] == 307)
        #expect(try await receiver.count("/ok/redirected") == 0)
        #expect(try await receiver.count("/gone/a") == 1)
        // Enabled with another URL, it goes on where it was.
        let patch: JSONValue = ["state": "enabled", "url": .string(receiver.url("/ok/back"))]
        let tag = try #require(try await bridge.api.get(gone.target)["ETag"])
        try await bridge.api.patch(gone.target, patch, headers: [("If-Match", tag)]).expecting(200)
        try await eventually("what was missed arrives") { try await receiver.count("/ok/back") == 1 }
        #expect(try await receiver.calls("/ok/back")[0].event["data"]["name"] == "Unheard")
        try await bridge.api.patch(gone.target, patch, headers: [("If-Match", tag)])
            .problem(412, "precondition-failed")
        try await bridge.process.stop()
    }

    @Test func `both secrets sign while one is replaced`() async throws {
        let bridge = try await WebhookBridge.start()
        let receiver = try await WebhookReceiver.start()
        let hook = try await WebhookAtReceiver.make(bridge.api, receiver, "/ok/rotated")
        let rotated = try await bridge.api.post("\(hook.target)/rotate-secret").expecting(200)
        let secret = try #require(rotated["secret"].string)
        #expect(secret != hook.secret && !rotated["previousSecretExpiresAt"].isNull)
        try await receiver.know([hook.secret, secret], of: "/ok/rotated")
        try await bridge.addAccount("a")
        let calls = try await hook.received(1)
        #expect(calls[0].verified == [0, 1] && calls[0].signatures == 2)
        try await bridge.process.stop()
    }

    @Test func `tests, sends again and replays`() async throws {
        let bridge = try await WebhookBridge.start()
        let receiver = try await WebhookReceiver.start()
        let hook = try await WebhookAtReceiver.make(bridge.api, receiver, "/ok/again", ["ordered": true])
        let tested = try await bridge.api.post("\(hook.target)/test").expecting(200)
        #expect(tested["ok"] == true && tested["status"] == 200 && tested["error"].isNull)
        let test = try await hook.received(1)[0]
        #expect(test.event["type"] == "webhook.test" && test.verified == [0])
        #expect(test.id == tested["eventId"].string)
        #expect(try await hook.deliveries().isEmpty)

        try await bridge.addAccount("a")
        for number in 1...4 { try await bridge.rename("a", to: "\(number)") }
        let first = try await hook.received(6).dropFirst().map(\.id)
        let deliveries = try await eventually("all is noted") {
            try await hook.deliveries("?state=delivered")
        } until: {
            $0.count == 5
        }
        // Newest first; ordered, so they came in their order.
        #expect(deliveries.map(\.["eventId"].string) == first.reversed())
        let id = try #require(deliveries[0]["id"].string)
        let again = try await bridge.api.post("\(hook.target)/deliveries/\(id)/redeliver").expecting(202)
        #expect(again["state"] == "pending" && again["attempts"] == 0)
        #expect(try await hook.received(7).last?.id == first.last)
        let after = try #require(deliveries[3]["sequence"].int)
        try await bridge.api.post("\(hook.target)/replay", ["after": .number(Double(after))]).expecting(202)
        #expect(try await hook.received(10).suffix(3).map(\.id) == Array(first.suffix(3)))
        try await bridge.api.post("\(hook.target)/replay", ["after": 1_000_000]).problem(422, "invalid-request")
        try await bridge.api.post("\(hook.target)/deliveries/dlv_999/redeliver").problem(404, "delivery-not-found")
        try await bridge.api.delete(hook.target).expecting(204)
        try await bridge.api.get(hook.target).problem(404, "webhook-not-found")
        try await bridge.process.stop()
    }
}
