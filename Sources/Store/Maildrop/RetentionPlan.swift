package import Model

/// What the webhooks say of one message's `message.created`.
package enum Acknowledgement: Sendable, Equatable {
    /// No webhook wants it.
    case unwanted
    /// One has not answered yet, or has not even looked.
    case pending
    /// One gave up.
    case failed
    /// All that want it have answered 2xx.
    case complete
}

/// A message as retention sees it.
package struct RetainedMessage: Sendable, Equatable {
    package var uid: UInt32
    package var seenAt: Timestamp
    /// Whether a `message.created` told of it.
    package var isAnnounced: Bool
    package var acknowledgement: Acknowledgement

    package init(uid: UInt32, seenAt: Timestamp, isAnnounced: Bool, acknowledgement: Acknowledgement) {
        self.uid = uid
        self.seenAt = seenAt
        self.isAnnounced = isAnnounced
        self.acknowledgement = acknowledgement
    }

    /// What the rule makes of it: a pure function.
    ///
    /// Without anybody who took it nothing is deleted as delivered; and what a webhook is still to get stays, whatever its age.
    package func fate(by retention: Retention, now: Timestamp) -> MessageRetention {
        switch retention.rule {
        case .keep: return MessageRetention(.kept)
        case .deleteAfterDays(let days):
            let begin = max(seenAt, retention.since)
            let end = begin.advanced(by: .seconds(Int64(days) * 86_400))
            if isAnnounced, acknowledgement == .pending { return MessageRetention(.awaitingDelivery, deleteAt: end) }
            return MessageRetention(end <= now ? .due : .scheduled, deleteAt: end)
        case .deleteAfterDelivery:
            guard isAnnounced, seenAt >= retention.since else { return MessageRetention(.kept) }
            return switch acknowledgement {
            case .unwanted: MessageRetention(.kept)
            case .pending: MessageRetention(.awaitingDelivery)
            case .failed: MessageRetention(.deliveryFailed)
            case .complete: MessageRetention(.due)
            }
        }
    }
}
