package import Model

/// The verbs on an account's remote mailboxes and messages.
package struct MailService: Sendable {
    package func mailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [Mailbox] {
        fatalError("being written")
    }

    /// One page of summaries (no bodies), newest first; without a mailbox, of all but junk and trash.
    package func messages(
        of account: AccountID, matching query: MessageQuery, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Message> { fatalError("being written") }

    package func message(
        _ id: EmailID, of account: AccountID, options: MessageOptions, deadline: ContinuousClock.Instant
    ) async throws -> Message { fatalError("being written") }

    /// The whole message as the server keeps it (`message/rfc822`).
    package func rawMessage(
        _ id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent { fatalError("being written") }

    /// One attachment, decoded while it streams.
    package func attachment(
        _ part: PartID, of id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> MessageContent { fatalError("being written") }

    /// Sets (true) and clears (false) keywords; answers the message's keywords afterwards.
    package func setKeywords(
        _ changes: [String: Bool], on id: EmailID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message { fatalError("being written") }

    /// Answers the message in its new place; its id may be another one there.
    package func move(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message { fatalError("being written") }

    /// Answers the copy.
    package func copy(
        _ id: EmailID, to mailbox: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Message { fatalError("being written") }

    /// Moves to trash; from the trash, or with `permanently`, expunges exactly this message.
    package func delete(
        _ id: EmailID, of account: AccountID, permanently: Bool, deadline: ContinuousClock.Instant
    ) async throws { fatalError("being written") }
}
