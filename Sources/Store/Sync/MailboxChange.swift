package import Model

/// What a look at one mailbox brought: goes into the store as a whole, together with the cursor.
package struct MailboxChange: Sendable {
    package var mailbox: MailboxRecord
    /// The cursor once this is stored.
    package var cursor: MailboxCursor
    package var arrived: [ArrivedMessage] = []
    /// Whether they were there before we first looked: then nothing happened to those that are no news.
    package var isBackfill = false
    /// Ranges of UIDs that the server has no more; those we never had do not matter.
    package var vanished: [ClosedRange<UInt32>] = []
    /// Messages whose keywords were seen; most of them have what they had.
    package var keywords: [(uid: UInt32, keywords: [String])] = []
    /// Rows of an older UIDVALIDITY that were not met again are gone: the last step of a reset.
    package var endsReset = false

    package init(_ mailbox: MailboxRecord, cursor: MailboxCursor) {
        self.mailbox = mailbox
        self.cursor = cursor
    }
}

/// A message that has no row yet.
package struct ArrivedMessage: Sendable {
    package var uid: UInt32
    package var identity: MessageIdentity
    package var keywords: [String]
    package var receivedAt: Timestamp
    package var size: Int
    /// Whether it is to be announced, unless it only came from another mailbox.
    package var isNews: Bool
    /// What the event shows; nil for what is not announced.
    package var summary: Message?

    package init(
        uid: UInt32, identity: MessageIdentity, keywords: [String], receivedAt: Timestamp, size: Int, isNews: Bool,
        summary: Message? = nil
    ) {
        self.uid = uid
        self.identity = identity
        self.keywords = keywords
        self.receivedAt = receivedAt
        self.size = size
        self.isNews = isNews
        self.summary = summary
    }
}

/// What a commit found out about one message of the account.
package struct MessageTransition: Sendable, Equatable {
    package var email: EmailID
    package var thread: ThreadID
    /// The mailboxes it was in, and is in.
    package var before: Set<MailboxID>
    package var after: Set<MailboxID>
    /// What those mailboxes are for.
    package var rolesBefore: Set<MailboxRole>
    package var rolesAfter: Set<MailboxRole>
    package var keywordsBefore: [String]?
    package var keywords: [String]
    package var isNews: Bool
    package var summary: Message?

    package init(
        email: EmailID, thread: ThreadID, before: Set<MailboxID>, after: Set<MailboxID>,
        rolesBefore: Set<MailboxRole> = [], rolesAfter: Set<MailboxRole> = [], keywordsBefore: [String]? = nil,
        keywords: [String] = [], isNews: Bool = false, summary: Message? = nil
    ) {
        self.rolesBefore = rolesBefore
        self.rolesAfter = rolesAfter
        self.email = email
        self.thread = thread
        self.before = before
        self.after = after
        self.keywordsBefore = keywordsBefore
        self.keywords = keywords
        self.isNews = isNews
        self.summary = summary
    }
}
