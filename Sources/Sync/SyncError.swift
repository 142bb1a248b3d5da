/// Why a pass ended early, where the mail server itself did not say no (that is `MailClientError`).
package enum SyncError: Error, Sendable, Equatable {
    /// LIST named nothing that can be selected: a server's bug, and never a reason to forget what we have.
    case noMailboxes
    /// None of the mailboxes that the user wants kept in step is there.
    case noWantedMailbox
    /// The mailbox vanished between its listing and our look; the next pass finds out.
    case mailboxGone
}

extension SyncError {
    /// A stable word for the health document.
    var code: String {
        switch self {
        case .noMailboxes: "no-mailboxes"
        case .noWantedMailbox: "no-wanted-mailbox"
        case .mailboxGone: "mailbox-gone"
        }
    }

    var text: String {
        switch self {
        case .noMailboxes: "the server lists no mailbox that can be opened"
        case .noWantedMailbox: "the server has none of the mailboxes that `sync.mailboxes` names"
        case .mailboxGone: "a mailbox went while it was being read"
        }
    }
}
