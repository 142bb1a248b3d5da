/// Where events are sent, and which.
package struct Webhook: Sendable, Equatable {
    package let id: WebhookID
    package var settings: WebhookSettings
    package var state: WebhookState
    /// How the endpoint fares; not part of the settings and of the revision.
    package var health: WebhookHealth
    /// The place in the event log behind which nothing was looked at for this webhook.
    package var position: Int64
    /// Until when the secret before the current one signs too.
    package var previousSecretExpiresAt: Timestamp?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Grows with each change of settings or state.
    package var revision: Int64

    package init(
        id: WebhookID, settings: WebhookSettings, state: WebhookState = .enabled,
        health: WebhookHealth = WebhookHealth(), position: Int64, previousSecretExpiresAt: Timestamp? = nil,
        createdAt: Timestamp, updatedAt: Timestamp, revision: Int64
    ) {
        self.id = id
        self.settings = settings
        self.state = state
        self.health = health
        self.position = position
        self.previousSecretExpiresAt = previousSecretExpiresAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
    }
}

/// What a caller decides about a webhook.
package struct WebhookSettings: Sendable, Equatable {
    package var url: String
    package var description: String?
    /// Names of event types, or `message.*` for all that begin so; nil for every event.
    package var types: [String]?
    /// Events of these accounts only; nil for all, and for events that belong to no account.
    package var accounts: Set<AccountID>?
    /// What is fetched from the mail server and sent along with a new message.
    package var include: Set<WebhookInclude>
    package var filter: WebhookFilter?
    /// Whether the events of one account arrive in their order, each after the one before was taken.
    package var isOrdered: Bool

    package init(
        url: String, description: String? = nil, types: [String]? = nil, accounts: Set<AccountID>? = nil,
        include: Set<WebhookInclude> = [], filter: WebhookFilter? = nil, isOrdered: Bool = false
    ) {
        self.url = url
        self.description = description
        self.types = types
        self.accounts = accounts
        self.include = include
        self.filter = filter
        self.isOrdered = isOrdered
    }
}

/// Whether a webhook is delivered to.
package enum WebhookState: Sendable, Equatable {
    case enabled
    /// Its place in the log is kept, so that enabling it goes on there.
    case switchedOff(WebhookDisabling)

    package var isEnabled: Bool { self == .enabled }
}

/// Who switched a webhook off.
package enum WebhookDisabling: String, Sendable, CaseIterable {
    /// A caller of the API.
    case request
    /// The endpoint: it answered 410 Gone.
    case gone
}

/// A part of a message that a webhook can ask for.
package enum WebhookInclude: String, Sendable, CaseIterable, Comparable {
    case text
    case html
    case headers

    package static func < (left: WebhookInclude, right: WebhookInclude) -> Bool { left.rawValue < right.rawValue }
}

/// What a message must be like for its events to be sent; every condition that is set must hold.
///
/// It narrows `message.*` events; others are chosen by their type alone.
package struct WebhookFilter: Sendable, Equatable {
    /// The message lies in this mailbox, or did until now.
    package var mailboxID: MailboxID?
    /// The same of whichever mailbox plays this role.
    package var mailboxRole: MailboxRole?
    /// A sender's name or address holds this, whatever the case of its letters.
    package var from: String?
    /// The subject holds this, whatever the case of its letters.
    package var subject: String?
    package var hasAttachment: Bool?
    /// The message has this keyword.
    package var keyword: String?

    package init(
        mailboxID: MailboxID? = nil, mailboxRole: MailboxRole? = nil, from: String? = nil, subject: String? = nil,
        hasAttachment: Bool? = nil, keyword: String? = nil
    ) {
        self.mailboxRole = mailboxRole
        self.mailboxID = mailboxID
        self.from = from
        self.subject = subject
        self.hasAttachment = hasAttachment
        self.keyword = keyword
    }

    package var isEmpty: Bool { self == WebhookFilter() }
}

/// What is known about an endpoint from its answers.
package struct WebhookHealth: Sendable, Equatable {
    /// Failed attempts since the last good one.
    package var failures: Int
    /// How often in a row the circuit was opened.
    package var pauses: Int
    /// Until when nothing is sent, because attempts failed; then one delivery tries.
    package var openUntil: Timestamp?
    package var lastStatus: Int?
    package var lastError: WebhookFault?
    package var lastSuccessAt: Timestamp?
    package var lastFailureAt: Timestamp?

    package init(
        failures: Int = 0, pauses: Int = 0, openUntil: Timestamp? = nil, lastStatus: Int? = nil,
        lastError: WebhookFault? = nil, lastSuccessAt: Timestamp? = nil, lastFailureAt: Timestamp? = nil
    ) {
        self.failures = failures
        self.pauses = pauses
        self.openUntil = openUntil
        self.lastStatus = lastStatus
        self.lastError = lastError
        self.lastSuccessAt = lastSuccessAt
        self.lastFailureAt = lastFailureAt
    }
}

/// Why an attempt did not succeed.
package struct WebhookFault: Sendable, Equatable {
    /// A stable code, for example `status`, `timed-out`, `address-forbidden`, `certificate`.
    package var code: String
    package var text: String

    package init(code: String, text: String) {
        self.code = code
        self.text = text
    }
}
