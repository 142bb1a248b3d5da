package import Model

/// All that a dispatcher writes in one go: what became of deliveries, what the log brought, what it takes next.
///
/// One transaction costs one fsync whatever is in it; and what belongs together, an event's deliveries and the place in the log,
/// cannot come apart.
package struct WebhookTurn: Sendable {
    package var settlements: [WebhookSettlement] = []
    package var health: [WebhookHealthChange] = []
    package var assignments: [WebhookAssignment] = []
    package var looks: [WebhookLook] = []

    package init() {}

    /// The webhooks whose order of events this turn looks at or changes.
    var ordering: Set<WebhookID> {
        Set(settlements.map(\.lease.webhook)).union(assignments.map(\.webhook)).union(health.map(\.webhook))
    }

    package var isEmpty: Bool { settlements.isEmpty && health.isEmpty && assignments.isEmpty && looks.isEmpty }
}

/// The right of one dispatcher to attempt one delivery, until a moment.
package struct WebhookLease: Sendable, Equatable {
    package let webhook: WebhookID
    package let sequence: Int64
    let owner: String
    let epoch: Int64

    package init(webhook: WebhookID, sequence: Int64, owner: String, epoch: Int64) {
        self.webhook = webhook
        self.sequence = sequence
        self.owner = owner
        self.epoch = epoch
    }
}

/// A delivery that was taken to be attempted.
package struct ClaimedDelivery: Sendable, Equatable {
    package let lease: WebhookLease
    package let accountID: AccountID?
    /// Requests made before.
    package let attempts: Int
    package let createdAt: Timestamp

    package init(lease: WebhookLease, accountID: AccountID?, attempts: Int, createdAt: Timestamp) {
        self.lease = lease
        self.accountID = accountID
        self.attempts = attempts
        self.createdAt = createdAt
    }

    package var sequence: Int64 { lease.sequence }
}

/// What became of a claimed delivery.
package struct WebhookSettlement: Sendable, Equatable {
    /// How it goes on.
    package enum Outcome: Sendable, Equatable {
        case delivered(status: Int)
        case retry(at: Timestamp, status: Int?, fault: WebhookFault)
        case failed(status: Int?, fault: WebhookFault)
        /// No attempt was made: it is due again then.
        case released(at: Timestamp)
    }

    package let lease: WebhookLease
    package let outcome: Outcome

    package init(_ lease: WebhookLease, _ outcome: Outcome) {
        self.lease = lease
        self.outcome = outcome
    }
}

/// What an endpoint's answers say about it.
package struct WebhookHealthChange: Sendable, Equatable {
    package var webhook: WebhookID
    package var health: WebhookHealth
    /// The endpoint said that it is gone: the webhook is switched off.
    package var disables: Bool

    package init(webhook: WebhookID, health: WebhookHealth, disables: Bool) {
        self.webhook = webhook
        self.health = health
        self.disables = disables
    }
}

/// What a stretch of the log brought for one webhook.
package struct WebhookAssignment: Sendable, Equatable {
    /// An event that the webhook gets.
    package struct Match: Sendable, Equatable {
        package let sequence: Int64
        package let account: AccountID?

        package init(sequence: Int64, account: AccountID?) {
            self.sequence = sequence
            self.account = account
        }
    }

    package var webhook: WebhookID
    /// The settings that the events were compared with; with other ones nothing is written.
    package var revision: Int64
    /// The place in the log before, which fences off another dispatcher, and after.
    package var from: Int64
    package var to: Int64
    package var matches: [Match]
    package var isOrdered: Bool

    package init(
        webhook: WebhookID, revision: Int64, from: Int64, to: Int64, matches: [Match], isOrdered: Bool
    ) {
        self.webhook = webhook
        self.revision = revision
        self.from = from
        self.to = to
        self.matches = matches
        self.isOrdered = isOrdered
    }
}

/// The wish to take deliveries of one webhook that are due.
package struct WebhookLook: Sendable, Equatable {
    package var webhook: WebhookID
    /// At most so many.
    package var limit: Int

    package init(webhook: WebhookID, limit: Int) {
        self.webhook = webhook
        self.limit = limit
    }
}

/// What a turn brought.
package struct WebhookTurnResult: Sendable {
    /// By webhook, the deliveries that were taken, in the order in which they are due.
    package var claimed: [WebhookID: [ClaimedDelivery]] = [:]
    /// By webhook that was looked at, when the next one is due that was not taken; absent where there is none.
    package var nextDue: [WebhookID: Timestamp] = [:]
    /// Webhooks whose events were not assigned, because they were changed or another dispatcher was there first.
    package var refused: Set<WebhookID> = []
    /// Settlements that changed nothing, because the lease was lost or the webhook is gone.
    package var lost = 0

    package init() {}
}
