/// Proof of life of an account: how its servers are reached, what they can do, how far its mail is known.
package struct AccountHealth: Sendable, Equatable {
    package var account: AccountID
    package var state: AccountState
    /// When all of this was so.
    package var at: Timestamp
    /// Only servers that the account has.
    package var servers: [MailProtocol: ServerHealth]
    /// Empty until the server that keeps the mail was reached.
    package var features: [ServerFeature]
    /// Nil where no server keeps mail.
    package var sync: SyncHealth?

    package init(
        account: AccountID, state: AccountState, at: Timestamp, servers: [MailProtocol: ServerHealth] = [:],
        features: [ServerFeature] = [], sync: SyncHealth? = nil
    ) {
        self.account = account
        self.state = state
        self.at = at
        self.servers = servers
        self.features = features
        self.sync = sync
    }
}

/// How one server of an account is reached.
package struct ServerHealth: Sendable, Equatable {
    /// What is known of it now.
    package enum State: String, Sendable, CaseIterable {
        /// A session is open.
        case connected
        case connecting
        /// The last attempt failed.
        case failing
        /// Nobody needs it now.
        case unused
    }

    package var state: State
    /// When it last answered; nil where it did not since the program started.
    package var lastContactAt: Timestamp?
    package var lastError: AccountFault?
    /// What the server calls itself.
    package var serverName: String?
    package var sessions: SessionUse
    /// The words of its greeting or login, sorted; empty until it was reached.
    package var capabilities: [String]
    /// After how many days the server itself deletes messages (RFC 2449, 6.7); nil where it never does, or does not say.
    package var expireDays: Int?
    /// How far apart the server wants logins to be (RFC 2449, 6.5).
    package var loginDelaySeconds: Int?

    package init(
        state: State, lastContactAt: Timestamp? = nil, lastError: AccountFault? = nil, serverName: String? = nil,
        sessions: SessionUse = SessionUse(), capabilities: [String] = []
    ) {
        self.state = state
        self.lastContactAt = lastContactAt
        self.lastError = lastError
        self.serverName = serverName
        self.sessions = sessions
        self.capabilities = capabilities
    }
}

/// The sessions of one account at one server.
package struct SessionUse: Sendable, Equatable {
    /// Used by a request now.
    package var lent: Int
    package var idle: Int
    package var connecting: Int
    /// Requests that wait for one.
    package var waiting: Int
    /// Those that hear of news; they are not lent, and not part of the budget.
    package var watching: Int
    /// How many there may be for requests.
    package var budget: Int

    package init(
        lent: Int = 0, idle: Int = 0, connecting: Int = 0, waiting: Int = 0, watching: Int = 0, budget: Int = 0
    ) {
        self.lent = lent
        self.idle = idle
        self.connecting = connecting
        self.waiting = waiting
        self.watching = watching
        self.budget = budget
    }
}

/// Something that works for every account, or not, and who does the work.
package struct ServerFeature: Sendable, Equatable {
    /// What is asked for.
    package enum Name: String, Sendable, CaseIterable {
        /// To be told of news.
        case push
        /// To be told what changed since.
        case changes
        case moves
        /// To expunge exactly the messages that are meant.
        case expunge
        case messageIds
        case threads
        case search
        /// A provider's own search string.
        case nativeSearch
        case sort
        case previews
        /// When messages came into their mailboxes.
        case saveDates
        case mailboxRoles
        /// Numbers of messages with the list of mailboxes.
        case mailboxCounts
        case attachments
        /// A draft takes the place of another in one step.
        case drafts
        case rights
        case quota
        /// More mailboxes than the inbox.
        case mailboxes
        case keywords
        /// A copy of what is sent.
        case sentCopies
    }

    /// Who does it.
    package enum Support: String, Sendable, CaseIterable {
        case native
        /// Done here, by what the server has.
        case emulated
        case missing
    }

    package var name: Name
    package var support: Support
    /// The server's extensions that are used for it.
    package var extensions: [String]

    package init(_ name: Name, _ support: Support, _ extensions: [String] = []) {
        self.name = name
        self.support = support
        self.extensions = extensions
    }
}

/// How far the mirror of an account's mail is.
package struct SyncHealth: Sendable, Equatable {
    package var phase: String
    package var since: Timestamp
    /// How news come, where the phase is `watching`.
    package var watching: String?
    package var tier: String?
    package var lastContactAt: Timestamp?
    /// When all mailboxes were last found to be, or brought, up to date.
    package var lastCheckedAt: Timestamp?
    package var lastEventAt: Timestamp?
    package var nextAttemptAt: Timestamp?
    package var lastError: AccountFault?
    package var mailboxes: Int
    /// Messages that the first sync has still to read, as far as it knows.
    package var remaining: Int

    package init(
        phase: String, since: Timestamp, watching: String? = nil, tier: String? = nil,
        lastContactAt: Timestamp? = nil, lastCheckedAt: Timestamp? = nil, lastEventAt: Timestamp? = nil,
        nextAttemptAt: Timestamp? = nil, lastError: AccountFault? = nil, mailboxes: Int = 0, remaining: Int = 0
    ) {
        self.phase = phase
        self.since = since
        self.watching = watching
        self.tier = tier
        self.lastContactAt = lastContactAt
        self.lastCheckedAt = lastCheckedAt
        self.lastEventAt = lastEventAt
        self.nextAttemptAt = nextAttemptAt
        self.lastError = lastError
        self.mailboxes = mailboxes
        self.remaining = remaining
    }

    /// Seconds since all mailboxes were last known to be up to date; nil where they never were.
    package func lagSeconds(at now: Timestamp) -> Int? {
        lastCheckedAt.map { Int(max(0, now.milliseconds - $0.milliseconds) / 1000) }
    }
}
