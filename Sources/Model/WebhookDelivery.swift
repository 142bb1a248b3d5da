/// One event on its way to one webhook.
package struct WebhookDelivery: Sendable, Equatable {
    package let webhookID: WebhookID
    package let sequence: Int64
    package let eventID: EventID
    package let type: EventType
    package let accountID: AccountID?
    package var state: WebhookDeliveryState
    /// Requests that were made.
    package var attempts: Int
    /// Nil where none is planned.
    package var nextAttemptAt: Timestamp?
    package var lastAttemptAt: Timestamp?
    package var lastStatus: Int?
    package var lastError: WebhookFault?
    package let createdAt: Timestamp

    package init(
        webhookID: WebhookID, sequence: Int64, eventID: EventID, type: EventType, accountID: AccountID?,
        state: WebhookDeliveryState, attempts: Int = 0, nextAttemptAt: Timestamp? = nil,
        lastAttemptAt: Timestamp? = nil, lastStatus: Int? = nil, lastError: WebhookFault? = nil, createdAt: Timestamp
    ) {
        self.webhookID = webhookID
        self.sequence = sequence
        self.eventID = eventID
        self.type = type
        self.accountID = accountID
        self.state = state
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.lastAttemptAt = lastAttemptAt
        self.lastStatus = lastStatus
        self.lastError = lastError
        self.createdAt = createdAt
    }

    /// A webhook gets each event in one delivery, so the event's place in the log names it.
    package var id: WebhookDeliveryID { WebhookDeliveryID(sequence: sequence) }
}

/// Names a delivery of a webhook (`dlv_…`).
package struct WebhookDeliveryID: Sendable, Hashable, CustomStringConvertible {
    package let sequence: Int64

    package init(sequence: Int64) { self.sequence = sequence }

    /// Reads what `description` wrote; nil for anything else.
    package init?(_ text: String) {
        guard text.hasPrefix("dlv_"), let sequence = Int64(text.dropFirst(4)), sequence > 0 else { return nil }
        self.init(sequence: sequence)
        guard description == text else { return nil }
    }

    package var description: String { "dlv_\(sequence)" }
}

/// Where a delivery is.
package enum WebhookDeliveryState: String, Sendable, CaseIterable {
    /// To be attempted, or attempted again.
    case pending
    /// Behind an earlier event of its account; of ordered webhooks only.
    case waiting
    /// The endpoint took it (2xx).
    case delivered
    /// Given up: the last attempt failed, or the endpoint is gone.
    case failed

    package var isFinished: Bool { self == .delivered || self == .failed }
}
