/// Why a pass ended early, where the mail server itself did not say no (that is `MailClientError`).
package enum SyncError: Error, Sendable, Equatable {
    /// LIST named nothing that can be selected: a server's bug, and never a reason to forget what we have.
    case noMailboxes
    /// None of the mailboxes that the user wants kept in step is there.
    case noWantedMailbox
    /// The mailbox vanished between its listing and our look; the next pass finds out.
    case mailboxGone
}
