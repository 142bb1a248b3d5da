extension Mailbox {
    /// The one mailbox of a POP3 account.
    package static func maildrop(_ id: MailboxID, total: Int? = nil, unread: Int? = nil) -> Mailbox {
        Mailbox(
            id: id, name: "INBOX", path: "INBOX", parentID: nil, role: .inbox, sortOrder: 1, totalEmails: total,
            unreadEmails: unread, isSubscribed: true, isSelectable: true)
    }
}
