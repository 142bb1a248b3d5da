/// How long messages stay on a POP3 server.
package enum RetentionRule: Sendable, Hashable {
    /// Until somebody deletes them.
    case keep
    /// So many days after we first saw them.
    case deleteAfterDays(Int)
    /// Until every webhook that wants their `message.created` has acknowledged it.
    case deleteAfterDelivery

    /// The word for it in the API and in stored documents.
    package enum Name: String, Sendable, CaseIterable {
        case keep
        case deleteAfterDays
        case deleteAfterDelivery
    }

    package var name: Name {
        switch self {
        case .keep: .keep
        case .deleteAfterDays: .deleteAfterDays
        case .deleteAfterDelivery: .deleteAfterDelivery
        }
    }

    package var days: Int? { if case .deleteAfterDays(let days) = self { days } else { nil } }

    /// Nil where days are missing, or are there and mean nothing.
    package init?(_ name: Name, days: Int?) {
        switch (name, days) {
        case (.keep, nil): self = .keep
        case (.deleteAfterDelivery, nil): self = .deleteAfterDelivery
        case (.deleteAfterDays, let days?): self = .deleteAfterDays(days)
        default: return nil
        }
    }
}

/// A rule, and since when it holds.
///
/// No clock begins before the rule: a change never deletes what was there at once.
package struct Retention: Sendable, Hashable {
    package var rule: RetentionRule
    package var since: Timestamp

    package init(_ rule: RetentionRule, since: Timestamp) {
        self.rule = rule
        self.since = since
    }
}

/// What will become of one message on its server.
package struct MessageRetention: Sendable, Hashable {
    /// What that is.
    package enum State: String, Sendable, CaseIterable {
        /// It stays: by the rule, or because it was there before the rule or was never announced.
        case kept
        /// It is deleted at `deleteAt`.
        case scheduled
        /// A webhook has yet to acknowledge it.
        case awaitingDelivery = "awaiting-delivery"
        /// A webhook gave up on it, so it stays.
        case deliveryFailed = "delivery-failed"
        /// It is deleted when the server is next visited.
        case due
    }

    package var state: State
    package var deleteAt: Timestamp?

    package init(_ state: State, deleteAt: Timestamp? = nil) {
        self.state = state
        self.deleteAt = deleteAt
    }
}
