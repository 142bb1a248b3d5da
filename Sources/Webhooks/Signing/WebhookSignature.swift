import Crypto
package import Model
package import Wire

/// The headers of a delivery (Standard Webhooks 1.0, "Webhook headers (sending metadata to consumers)").
package enum WebhookSignature {
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`; one signature for each secret, the newest first.
    ///
    /// The id is the event's and the same in every attempt; the time is the attempt's, so that a receiver can refuse what is
    /// replayed to it much later.
    package static func fields(
        id: EventID, at time: Timestamp, body: [UInt8], secrets: [Secret]
    ) -> [(name: String, value: String)] {
        let seconds = time.milliseconds / 1000
        let signed = Array("\(id.rawValue).\(seconds).".utf8) + body
        let signatures = secrets.compactMap(WebhookSecret.key).map { key in
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: key))
            return "v1," + Base64.encode(Array(code))
        }
        return [
            ("webhook-id", id.rawValue), ("webhook-timestamp", String(seconds)),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }
}
