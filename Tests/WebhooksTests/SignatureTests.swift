import Model
import Store
import Testing
import Webhooks
import Wire

@Suite struct `Webhook signature` {
    /// The example of the Standard Webhooks specification and of its libraries' tests.
    @Test func `is the one of the specification`() throws {
        let fields = WebhookSignature.fields(
            id: EventID(rawValue: "msg_p5jXN8AQM9LWM0D4loKWxJek"), at: Timestamp(milliseconds: 1_614_265_330_999),
            body: Array(#"{"test": 2432232314}"#.utf8), secrets: [Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")])
        #expect(fields.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(
            fields.map(\.value) == [
                "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ])
    }

    @Test func `is made with every secret that still signs, the newest first`() throws {
        let (old, older, new) = (WebhookSecret.make(), WebhookSecret.make(), WebhookSecret.make())
        let secrets = WebhookSecrets(
            current: new,
            previous: [
                .init(old, until: Timestamp(milliseconds: 2000)), .init(older, until: Timestamp(milliseconds: 1000)),
            ])
        #expect(secrets.signing(at: Timestamp(milliseconds: 999)) == [new, old, older])
        #expect(secrets.signing(at: Timestamp(milliseconds: 1000)) == [new, old])
        #expect(secrets.signing(at: Timestamp(milliseconds: 2000)) == [new])
        func signature(_ secrets: [Secret]) -> String {
            WebhookSignature.fields(
                id: EventID(rawValue: "e"), at: Timestamp(milliseconds: 0), body: [], secrets: secrets)[2].value
        }
        #expect(signature([new, old]) == signature([new]) + " " + signature([old]))
    }

    @Test func `takes secrets of 24 to 64 octets and no others`() {
        for count in [24, 32, 64] {
            let text = "whsec_" + Base64.encode(Array(repeating: 7, count: count))
            #expect(WebhookSecret.key(of: Secret(text))?.count == count)
        }
        let wrong = [
            "", "whsec_", "whsec_%%%", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_" + Base64.encode(Array(repeating: 7, count: 23)),
            "whsec_" + Base64.encode(Array(repeating: 7, count: 65)),
        ]
        for text in wrong { #expect(WebhookSecret.key(of: Secret(text)) == nil, "\(text)") }
        #expect(WebhookSecret.key(of: WebhookSecret.make())?.count == 32)
        #expect(WebhookSecret.make() != WebhookSecret.make())
    }
}
