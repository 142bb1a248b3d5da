/// Which messages a list shows, in which order, and what of them.
///
/// The members of its plain condition can be named as its own.
@dynamicMemberLookup
package struct MessageQuery: Sendable, Equatable {
    package var mailbox: MailboxReference?
    /// What must hold in any case.
    package var condition = MessageCondition()
    /// What must hold besides.
    package var filter: MessageFilter?
    /// A search in the provider's own language (Gmail's).
    package var native: String?
    package var threadID: ThreadID?
    package var sort = MessageSort.newest
    /// Whether only the first message of each conversation is shown.
    package var collapsesThreads = false
    /// Nil for all that lists show.
    package var fields: Set<MessageField>?

    package init(mailbox: MailboxReference? = nil) { self.mailbox = mailbox }

    package subscript<Value>(dynamicMember path: WritableKeyPath<MessageCondition, Value>) -> Value {
        get { condition[keyPath: path] }
        set { condition[keyPath: path] = newValue }
    }

    /// Whether messages are found by when they came into their mailbox, which not every server can tell.
    package var comparesSaveDates: Bool {
        ([condition] + (filter?.conditions ?? [])).contains { $0.savedAfter != nil || $0.savedBefore != nil }
    }
}

/// What can be asked of one message; all that is set must hold.
package struct MessageCondition: Sendable, Equatable {
    package var unread: Bool?
    package var flagged: Bool?
    package var answered: Bool?
    package var keyword: String?
    package var notKeyword: String?
    package var from: String?
    package var to: String?
    package var cc: String?
    package var subject: String?
    /// In the body.
    package var body: String?
    /// Anywhere in header or body.
    package var text: String?
    package var header: HeaderCondition?
    package var after: Timestamp?
    package var before: Timestamp?
    /// The same of when it came into its mailbox; what has no such time is neither after nor before.
    package var savedAfter: Timestamp?
    package var savedBefore: Timestamp?
    /// Octets, this size included.
    package var minSize: Int?
    package var maxSize: Int?
    package var hasAttachment: Bool?

    package init() {}
}

/// A header field that is there, and holds a text where one is given.
package struct HeaderCondition: Sendable, Equatable {
    package var name: String
    package var value: String?

    package init(name: String, value: String? = nil) {
        self.name = name
        self.value = value
    }
}

/// A tree of conditions: RFC 8621's FilterOperator.
package indirect enum MessageFilter: Sendable, Equatable {
    case condition(MessageCondition)
    case all([MessageFilter])
    case any([MessageFilter])
    case none([MessageFilter])

    /// Those of the whole tree.
    package var conditions: [MessageCondition] {
        switch self {
        case .condition(let condition): [condition]
        case .all(let filters), .any(let filters), .none(let filters): filters.flatMap(\.conditions)
        }
    }
}

/// The order of a list.
package enum MessageSort: String, Sendable, CaseIterable {
    case newest = "-receivedAt"
    case oldest = "receivedAt"
    case size
    case sizeDescending = "-size"
    case from
    case fromDescending = "-from"
    case subject
    case subjectDescending = "-subject"
    case sentAt
    case sentAtDescending = "-sentAt"

    package var isDescending: Bool { rawValue.hasPrefix("-") }

    /// The member that messages are compared by.
    package var field: MessageField {
        switch self {
        case .newest, .oldest: .receivedAt
        case .size, .sizeDescending: .size
        case .from, .fromDescending: .from
        case .subject, .subjectDescending: .subject
        case .sentAt, .sentAtDescending: .sentAt
        }
    }
}

/// The members of a message that a list can show, in the order in which it does.
package enum MessageField: String, Sendable, CaseIterable {
    case id
    case threadID = "threadId"
    case mailboxIDs = "mailboxIds"
    case keywords
    case size
    case receivedAt
    case savedAt
    case sentAt
    case subject
    case from
    case sender
    case to
    case cc
    case bcc
    case replyTo
    case messageID = "messageId"
    case inReplyTo
    case references
    case preview
    case hasAttachment
    case attachments
    case problems

    /// What is shown where nobody names members: `savedAt` costs servers a look at each message that few want.
    package static let usual = Set(allCases).subtracting([.savedAt])
}
