package import Model

/// What `message.updated` and `message.moved` tell: the message as it is, and what was before.
package struct MessageChange: JSONWritable, Sendable {
    private let id: EmailID
    private let threadID: ThreadID
    private let mailboxIDs: [MailboxID]
    private let keywords: [String]
    /// The members that are not as they were.
    private let changed: [String]
    private let previousMailboxIDs: [MailboxID]?
    private let previousKeywords: [String]?

    package init(
        id: EmailID, threadID: ThreadID, mailboxIDs: [MailboxID], keywords: [String], changed: [String],
        previousMailboxIDs: [MailboxID]? = nil, previousKeywords: [String]? = nil
    ) {
        self.id = id
        self.threadID = threadID
        self.mailboxIDs = mailboxIDs
        self.keywords = keywords
        self.changed = changed
        self.previousMailboxIDs = previousMailboxIDs
        self.previousKeywords = previousKeywords
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("threadId", threadID)
            writer.member("mailboxIds", array: mailboxIDs)
            writer.member("keywords", array: keywords)
            writer.member("changed", array: changed)
            if let previousMailboxIDs { writer.member("previousMailboxIds", array: previousMailboxIDs) }
            if let previousKeywords { writer.member("previousKeywords", array: previousKeywords) }
        }
    }
}
