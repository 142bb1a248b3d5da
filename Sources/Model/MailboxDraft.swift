/// What a caller wants of a new mailbox.
package struct MailboxDraft: Sendable, Equatable {
    /// The last component of its path.
    package var name: String
    /// Nil for the top of the account.
    package var parent: MailboxReference?
    package var role: MailboxRole?

    package init(name: String, parent: MailboxReference? = nil, role: MailboxRole? = nil) {
        self.name = name
        self.parent = parent
        self.role = role
    }
}

/// What is to change of a mailbox; nil leaves it as it is.
package struct MailboxPatch: Sendable, Equatable {
    /// Where a mailbox lies.
    package enum Place: Sendable, Equatable {
        case top
        case inside(MailboxReference)
    }

    package var name: String?
    package var place: Place?
    package var isSubscribed: Bool?

    package init(name: String? = nil, place: Place? = nil, isSubscribed: Bool? = nil) {
        self.name = name
        self.place = place
        self.isSubscribed = isSubscribed
    }
}
