package import Model

/// Why a verb on remote mail did not happen, where the mail server itself did not say no (that is `MailClientError`).
package enum RemoteMailError: Error, Sendable, Equatable {
    case mailboxNotFound(String)
    /// The account has no mailbox of this role.
    case roleNotFound(MailboxRole)
    case mailboxNotSelectable(MailboxID)
    /// A mailbox of this path is there already.
    case mailboxExists(String)
    /// It holds messages or mailboxes, and was not to be deleted with them.
    case mailboxNotEmpty(MailboxID)
    /// The inbox, which every account has and keeps.
    case mailboxProtected(MailboxID)
    case messageNotFound(EmailID)
    /// The account is read for the first time, and what was asked for has not been met yet.
    case accountSyncing(AccountID)
    /// The message is not marked as a draft, and does not lie among drafts.
    case notADraft(EmailID)
    /// The server takes no message of this size; its limit, where it says so.
    case tooLarge(limit: Int?)
    case attachmentNotFound(PartID)
    case threadNotFound(ThreadID)
    /// The server cannot sort, and there are more messages than are sorted here.
    case tooManyToSort(maximum: Int)
    /// The page cursor is not ours, or the mailbox it points into was reset since.
    case staleCursor
    case invalid([FieldFault])
    /// What POP3 cannot do, as the beginning of a sentence.
    case notInMaildrop(String)
    /// The account has no server that keeps mail.
    case noMailStore(AccountID)
}
