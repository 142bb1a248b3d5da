/// One entry of the event log: something that happened to an account, its mail or its submissions.
package struct Event: Sendable, Equatable {
    package let id: EventID
    /// The place in the log: it grows by one with each event, without a gap.
    package let sequence: Int64
    package let type: EventType
    package let timestamp: Timestamp
    package let accountID: AccountID?
    /// What it is about: the JSON text of one object.
    package let data: [UInt8]

    package init(
        id: EventID, sequence: Int64, type: EventType, timestamp: Timestamp, accountID: AccountID?, data: [UInt8]
    ) {
        self.id = id
        self.sequence = sequence
        self.type = type
        self.timestamp = timestamp
        self.accountID = accountID
        self.data = data
    }
}

/// An event before it has its place in the log.
package struct EventDraft: Sendable, Equatable {
    package var type: EventType
    package var accountID: AccountID?
    /// The JSON text of one object.
    package var data: [UInt8]

    package init(_ type: EventType, of accountID: AccountID?, data: [UInt8]) {
        self.type = type
        self.accountID = accountID
        self.data = data
    }
}

/// What may happen.
package enum EventType: String, Sendable, Hashable, CaseIterable {
    case messageCreated = "message.created"
    case messageUpdated = "message.updated"
    case messageDeleted = "message.deleted"
    case messageMoved = "message.moved"
    case messageBounced = "message.bounced"
    case messageComplained = "message.complained"
    case mailboxCreated = "mailbox.created"
    case mailboxUpdated = "mailbox.updated"
    case mailboxDeleted = "mailbox.deleted"
    case mailboxReset = "mailbox.reset"
    case accountCreated = "account.created"
    case accountUpdated = "account.updated"
    case accountDeleted = "account.deleted"
    case accountConnected = "account.connected"
    case accountAuthenticationFailed = "account.authentication_failed"
    case accountUnreachable = "account.unreachable"
    case submissionSent = "submission.sent"
    case submissionDeferred = "submission.deferred"
    case submissionFailed = "submission.failed"
    case submissionUnknown = "submission.unknown"
}

/// Which events somebody wants; nil means all.
package struct EventFilter: Sendable, Equatable {
    package var types: Set<EventType>?
    package var accounts: Set<AccountID>?

    package static let all = EventFilter()

    package init(types: Set<EventType>? = nil, accounts: Set<AccountID>? = nil) {
        self.types = types
        self.accounts = accounts
    }

    package func matches(_ event: Event) -> Bool {
        types?.contains(event.type) != false
            && accounts.map { accounts in event.accountID.map(accounts.contains) ?? false } != false
    }
}
