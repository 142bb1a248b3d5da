package import Model

/// Why a verb on remote mail did not happen, where the mail server itself did not say no (that is `MailClientError`).
package enum RemoteMailError: Error, Sendable, Equatable {
    case mailboxNotFound(String)
    /// The account has no mailbox of this role.
    case roleNotFound(MailboxRole)
    case mailboxNotSelectable(MailboxID)
    case messageNotFound(EmailID)
    case attachmentNotFound(PartID)
    /// The message was moved or copied, and the server does not tell where in that mailbox it is now.
    case movedOutOfSight(MailboxID)
    /// The page cursor is not ours, or the mailbox it points into was reset since.
    case staleCursor
    case invalid([FieldFault])
    /// The account has no server that keeps mail.
    case noMailStore(AccountID)
}
