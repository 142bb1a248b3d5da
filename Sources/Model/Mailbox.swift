/// A folder of messages, in RFC 8621's words.
package struct Mailbox: Sendable, Equatable {
    package var id: MailboxID
    /// The last component of the path.
    package var name: String
    /// The server's full name, decoded, with the server's own separator.
    package var path: String
    package var parentID: MailboxID?
    package var role: MailboxRole?
    package var sortOrder: Int
    /// Nil where the mailbox cannot be selected or the server would not count.
    package var totalEmails: Int?
    package var unreadEmails: Int?
    package var isSubscribed: Bool
    package var isSelectable: Bool
    /// Octets of all messages, and what we may do here: nil where nobody asked, or the server does not tell.
    ///
    /// No part of what `mailbox.updated` tells: a list that asks for no rights would take them back.
    package var size: Int?
    package var myRights: MailboxPermissions?

    package init(
        id: MailboxID, name: String, path: String, parentID: MailboxID?, role: MailboxRole?, sortOrder: Int,
        totalEmails: Int?, unreadEmails: Int?, isSubscribed: Bool, isSelectable: Bool
    ) {
        self.id = id
        self.name = name
        self.path = path
        self.parentID = parentID
        self.role = role
        self.sortOrder = sortOrder
        self.totalEmails = totalEmails
        self.unreadEmails = unreadEmails
        self.isSubscribed = isSubscribed
        self.isSelectable = isSelectable
    }
}

/// What a mailbox is for: the IANA "IMAP Mailbox Name Attributes" of RFC 6154, 8457, and the inbox.
package enum MailboxRole: String, Sendable, CaseIterable {
    case inbox
    case drafts
    case sent
    case junk
    case trash
    case archive
    case all
    case flagged
    case important
}

/// How a caller names a mailbox: by its role or by its id.
package enum MailboxReference: Sendable, Hashable {
    case role(MailboxRole)
    case id(MailboxID)

    /// A role's name means the role, anything else is an id.
    package init(_ text: String) {
        if let role = MailboxRole(rawValue: text) {
            self = .role(role)
        } else {
            self = .id(MailboxID(rawValue: text))
        }
    }
}
