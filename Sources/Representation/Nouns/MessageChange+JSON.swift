package import Model

/// A new message in its event: its summary, and what the mailboxes are for in which it lies.
package struct AnnouncedMessage: JSONWritable, Sendable {
    private let message: Message
    private let roles: Set<MailboxRole>

    package init(_ message: Message, roles: Set<MailboxRole>) {
        self.message = message
        self.roles = roles
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            message.writeMembers(to: &writer)
            writer.member("mailboxRoles", array: roles.map(\.rawValue).sorted())
        }
    }
}

/// What an event tells of a message that was there before: only what is kept of it, and how it was.
package struct MessageChange: JSONWritable, Sendable {
    private let id: EmailID
    private let threadID: ThreadID
    private let mailboxIDs: [MailboxID]
    private let roles: Set<MailboxRole>
    private let keywords: [String]
    /// The members that are not as they were.
    private let changed: [String]
    private let previousMailboxIDs: [MailboxID]?
    private let previousRoles: Set<MailboxRole>?
    private let previousKeywords: [String]?

    package init(
        id: EmailID, threadID: ThreadID, mailboxIDs: [MailboxID], roles: Set<MailboxRole> = [], keywords: [String],
        changed: [String], previousMailboxIDs: [MailboxID]? = nil, previousRoles: Set<MailboxRole>? = nil,
        previousKeywords: [String]? = nil
    ) {
        self.id = id
        self.threadID = threadID
        self.mailboxIDs = mailboxIDs
        self.roles = roles
        self.keywords = keywords
        self.changed = changed
        self.previousMailboxIDs = previousMailboxIDs
        self.previousRoles = previousRoles
        self.previousKeywords = previousKeywords
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("threadId", threadID)
            writer.member("mailboxIds", array: mailboxIDs)
            writer.member("mailboxRoles", array: roles.map(\.rawValue).sorted())
            writer.member("keywords", keywords: keywords)
            writer.member("changed", array: changed)
            if let previousMailboxIDs { writer.member("previousMailboxIds", array: previousMailboxIDs) }
            if let previousRoles {
                writer.member("previousMailboxRoles", array: previousRoles.map(\.rawValue).sorted())
            }
            if let previousKeywords { writer.member("previousKeywords", keywords: previousKeywords) }
        }
    }
}

extension JSONWriter {
    /// Keywords as JMAP shows them (RFC 8621, 4.1.1): each a member that is true.
    mutating func member(_ name: String, keywords: [String]) {
        member(
            name,
            object: { writer in
                for keyword in keywords { writer.member(keyword, true) }
            })
    }
}
