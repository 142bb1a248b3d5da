/// One LIST or LSUB response (RFC 9051, 7.3.1; extended data RFC 5258).
package struct MailboxListing: Sendable, Equatable {
    package var name: MailboxName
    /// Hierarchy delimiter; nil in a flat namespace.
    package var delimiter: Character?
    package var attributes: Set<MailboxAttribute>
    /// RFC 5258 CHILDINFO and RFC 9051 OLDNAME, RFC 5464 and others: tag and raw value.
    package var extended: [(tag: String, value: [UInt8])] = []
    /// From LIST … RETURN (STATUS …).
    package var status: MailboxStatus?
    /// From LIST … RETURN (MYRIGHTS); nil where it was not asked for, or left out.
    package var rights: MailboxRights?

    package init(name: MailboxName, delimiter: Character?, attributes: Set<MailboxAttribute> = []) {
        self.name = name
        self.delimiter = delimiter
        self.attributes = attributes
    }

    package static func == (left: MailboxListing, right: MailboxListing) -> Bool {
        left.name == right.name && left.delimiter == right.delimiter && left.attributes == right.attributes
            && left.status == right.status && left.rights == right.rights
            && left.extended.elementsEqual(right.extended) { $0 == $1 }
    }

    /// Whether SELECT makes sense: `\NonExistent` implies `\Noselect` (RFC 5258).
    package var isSelectable: Bool {
        !attributes.contains(.noSelect) && !attributes.contains(.nonExistent)
    }
}

/// A word of a LIST response, such as `\Noselect` or `\Sent`; equal without regard to case.
package struct MailboxAttribute: Sendable, Hashable, CustomStringConvertible {
    /// Lower case with its backslash.
    ///
    /// Cyrus sends special-use attributes in lower case, others as printed.
    package let name: String

    package init(_ name: String) { self.name = name.lowercased() }

    package var description: String { name }

    package static let noInferiors = MailboxAttribute(#"\Noinferiors"#)
    package static let noSelect = MailboxAttribute(#"\Noselect"#)
    package static let marked = MailboxAttribute(#"\Marked"#)
    package static let unmarked = MailboxAttribute(#"\Unmarked"#)
    package static let hasChildren = MailboxAttribute(#"\HasChildren"#)
    package static let hasNoChildren = MailboxAttribute(#"\HasNoChildren"#)
    package static let nonExistent = MailboxAttribute(#"\NonExistent"#)
    package static let subscribed = MailboxAttribute(#"\Subscribed"#)
    package static let remote = MailboxAttribute(#"\Remote"#)
    package static let all = MailboxAttribute(#"\All"#)
    /// Gmail's older word for `\All`.
    package static let allMail = MailboxAttribute(#"\AllMail"#)
    package static let archive = MailboxAttribute(#"\Archive"#)
    package static let drafts = MailboxAttribute(#"\Drafts"#)
    package static let flagged = MailboxAttribute(#"\Flagged"#)
    package static let starred = MailboxAttribute(#"\Starred"#)
    package static let junk = MailboxAttribute(#"\Junk"#)
    package static let spam = MailboxAttribute(#"\Spam"#)
    package static let sent = MailboxAttribute(#"\Sent"#)
    package static let trash = MailboxAttribute(#"\Trash"#)
    package static let important = MailboxAttribute(#"\Important"#)
    /// XLIST's word for a localized INBOX.
    package static let inbox = MailboxAttribute(#"\Inbox"#)
}

/// STATUS response (RFC 9051, 7.3.4); what the server left out is nil.
package struct MailboxStatus: Sendable, Equatable {
    package var messages: UInt32?
    package var recent: UInt32?
    package var unseen: UInt32?
    package var deleted: UInt32?
    package var uidNext: UInt32?
    package var uidValidity: UInt32?
    package var size: UInt64?
    package var highestModificationSequence: UInt64?
    package var appendLimit: UInt64?
    package var mailboxID: String?

    package init() {}
}

/// NAMESPACE response (RFC 2342).
package struct Namespaces: Sendable, Equatable {
    package var personal: [Namespace] = []
    package var otherUsers: [Namespace] = []
    package var shared: [Namespace] = []

    package init() {}
}

/// One namespace: what names in it begin with, and what separates their levels.
package struct Namespace: Sendable, Equatable {
    package var prefix: MailboxName
    package var delimiter: Character?

    package init(prefix: MailboxName, delimiter: Character?) {
        self.prefix = prefix
        self.delimiter = delimiter
    }
}
