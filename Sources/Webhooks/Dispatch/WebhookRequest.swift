package import HTTP
package import Model

/// A delivery as it goes out.
package struct WebhookRequest: Sendable {
    package let url: HTTPURL
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]

    package init(url: HTTPURL, fields: [(name: String, value: String)], body: [UInt8]) {
        self.url = url
        self.fields = fields
        self.body = body
    }
}

/// Sends a request to an endpoint, once, and waits for its answer until then; the composition root lends an HTTP client.
package typealias WebhookSender =
    @Sendable (WebhookRequest, ContinuousClock.Instant) async -> AttemptOutcome

/// Reads from the mail server what a webhook wants of a new message.
package typealias WebhookContentSource =
    @Sendable (EmailID, AccountID, Set<WebhookInclude>, ContinuousClock.Instant) async throws -> WebhookContent

/// What was read of a message.
package enum WebhookContent: Sendable {
    case message(Message)
    /// The message is not there any more.
    case gone
}
