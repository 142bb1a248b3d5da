import Foundation
import MailServers
import Testing

/// What webhooks carry of real mail.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct WebhookContentTests {
    @Test func `a new message arrives with its text, if it is one that is wanted`() async throws {
        let bridge = try await Bridge.start(settings: WebhookBridge.allowsPrivate)
        let receiver = try await WebhookReceiver.start()
        let account = try await bridge.newAccount()
        let plain = try await WebhookAtReceiver.make(bridge.api, receiver, "/ok/plain", ["types": ["message.created"]])
        let whole = try await WebhookAtReceiver.make(
            bridge.api, receiver, "/ok/whole",
            [
                "types": ["message.*"], "include": ["text", "html", "headers"], "accounts": [.string(account.id)],
                "filter": ["subject": "WANTED"],
            ])
        try await eventually("the account is watched", within: .seconds(60)) {
            try await bridge.api.get(account.path).expecting(200)
        } until: {
            $0["state"] == "connected"
        }
        try await eventually("news arrive", within: .seconds(90)) {
            try await account.host.dovecot.deliver(account.user, TestMail.plain("Other"))
            return try await receiver.count("/ok/plain") > 0
        }
        try await account.host.dovecot.deliver(account.user, TestMail.plain("This is Wanted"))
        let call = try await whole.received(1)[0]
        #expect(call.verified == [0] && call.event["type"] == "message.created")
        let data = call.event["data"]
        #expect(data["subject"] == "This is Wanted" && data["problems"] == [], "\(data)")
        #expect(data["text"].string?.isEmpty == false && data["html"].isNull)
        #expect(data["headers"].array.contains { $0["name"] == "Subject" && $0["value"] == "This is Wanted" })
        #expect(try await receiver.calls("/ok/plain").allSatisfy { $0.event["data"]["text"].isNull })
        #expect(try await receiver.count("/ok/whole") == 1)
        withExtendedLifetime(plain) {}
        try await bridge.process.stop()
    }
}
