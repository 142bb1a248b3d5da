import IMAP
package import MailClient
import Mapping
package import Model
package import Store

/// The verbs on an account's remote mailboxes and messages, one file each in `Verbs/`.
///
/// Where a message lies the index knows; besides it nothing is kept but the list of mailboxes of each account, so that an id or role
/// finds its name, and the pages that are listed again and again, both in memory and for a short time.
package struct MailService: Sendable {
    let sessions: AccountSessions
    let directories = MailboxDirectories()
    let pages = ListedPages()
    let index: MailboxIndex
    /// Told when mail was changed here, so that its events need not wait until somebody looks.
    let changed: @Sendable (AccountID) -> Void

    package init(
        sessions: AccountSessions, index: MailboxIndex, changed: @escaping @Sendable (AccountID) -> Void = { _ in }
    ) {
        self.sessions = sessions
        self.index = index
        self.changed = changed
    }

    /// Forgets what is kept of an account whose settings changed.
    package func forget(_ account: AccountID) {
        directories.forget(account)
        pages.forget(account)
    }

    /// Runs `body` with a session that has the mailbox selected, and tells it the mailbox's UIDVALIDITY.
    ///
    /// Bodies that change nothing, and have not handed on what they read, are `.reading`: they are run again where the
    /// session turns out to be dead.
    func withMailbox<Value: Sendable>(
        _ entry: MailboxDirectory.Entry, of account: AccountID, for use: MailboxUse,
        deadline: ContinuousClock.Instant,
        _ body: (IMAPLease, _ uidValidity: UInt32) async throws -> Value
    ) async throws -> Value {
        do {
            return try await sessions.withIMAP(
                account, mailbox: entry.name, readOnly: use != .changing,
                isRepeatable: use == .reading || use == .listing, isTransfer: use == .transferring,
                asksLater: use == .listing, mayShare: use == .reading || use == .listing, deadline: deadline
            ) { session in
                try await body(session, await session.selected?.uidValidity ?? 0)
            }
        } catch MailClientError.rejected(_, let code, _) where code == "NONEXISTENT" {
            directories.forget(account)
            throw RemoteMailError.mailboxNotFound(entry.mailbox.id.rawValue)
        }
    }

    /// The same for the mailbox of one message, wherever it lies; a place it has left meanwhile is passed over.
    func withMessage<Value: Sendable>(
        _ id: EmailID, of account: AccountID, for use: MailboxUse, deadline: ContinuousClock.Instant,
        _ body: (IMAPLease, MessageKey, MailboxDirectory.Entry) async throws -> Value
    ) async throws -> Value {
        for place in try await places(of: id, in: account, deadline: deadline) {
            do {
                return try await withMessage(
                    MessageKey(id, at: place), of: account, for: use, deadline: deadline, body)
            } catch RemoteMailError.messageNotFound {
                continue
            }
        }
        throw RemoteMailError.messageNotFound(id)
    }

    /// The same for all places where the message lies: what is done to it is done to every copy.
    ///
    /// The answer is that of the last one; throws `messageNotFound` where it is in none of them any more.
    func withEveryPlace<Value: Sendable>(
        of id: EmailID, in account: AccountID, deadline: ContinuousClock.Instant,
        _ body: (IMAPLease, MessageKey, MailboxDirectory.Entry) async throws -> Value
    ) async throws -> Value {
        var last: Value?
        for place in try await places(of: id, in: account, deadline: deadline) {
            do {
                last = try await withMessage(
                    MessageKey(id, at: place), of: account, for: .changing, deadline: deadline, body)
            } catch RemoteMailError.messageNotFound {
                continue
            }
        }
        guard let last else { throw RemoteMailError.messageNotFound(id) }
        return last
    }

    func withMessage<Value: Sendable>(
        _ key: MessageKey, of account: AccountID, for use: MailboxUse, deadline: ContinuousClock.Instant,
        _ body: (IMAPLease, MessageKey, MailboxDirectory.Entry) async throws -> Value
    ) async throws -> Value {
        guard let entry = try await mailbox(key.mailbox, of: account, deadline: deadline) else {
            throw RemoteMailError.messageNotFound(key.id)
        }
        return try await withMailbox(entry, of: account, for: use, deadline: deadline) { session, validity in
            guard validity == key.uidValidity else { throw RemoteMailError.messageNotFound(key.id) }
            return try await body(session, key, entry)
        }
    }

    /// Fetches `items` of one message, which must be there.
    func fetch(
        _ key: MessageKey, _ items: [FetchItem], in session: IMAPLease
    ) async throws -> FetchedMessage {
        let found = try await session.execute(FetchCommand(.uids(UIDSet(key.uid)), items: items))
        guard let message = found.first(where: { $0.uid == key.uid }) else {
            throw RemoteMailError.messageNotFound(key.id)
        }
        return message
    }

    /// The same, whatever of it the server cannot give: see `TolerantFetch`.
    func fetchTolerantly(
        _ key: MessageKey, _ items: [FetchItem], rawOctets: Int? = nil, in session: IMAPLease
    ) async throws -> FetchedMessage {
        let found = try await TolerantFetch(session, items, rawOctets: rawOctets).messages(UIDSet(key.uid))
        guard let message = found.first(where: { $0.uid == key.uid }) else {
            throw RemoteMailError.messageNotFound(key.id)
        }
        return message
    }

    /// The mailbox a caller means: from the kept list, or from the server where that does not know it.
    func mailbox(
        _ reference: MailboxReference, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> MailboxDirectory.Entry {
        if let kept = directories[account], let entry = try? kept.selectable(reference) { return entry }
        return try await listMailboxes(of: account, deadline: deadline).selectable(reference)
    }

    private func mailbox(
        _ id: MailboxID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> MailboxDirectory.Entry? {
        if let entry = directories[account]?[id] { return entry }
        return try await listMailboxes(of: account, deadline: deadline)[id]
    }
}

/// What a session is wanted for.
enum MailboxUse {
    /// May run twice.
    case reading
    /// The same, and asks for news of the mailbox itself, beside what it wants to know.
    case listing
    /// Reads (or copies elsewhere) and must run once.
    case readingOnce
    /// Reads once, and may take long: some sessions are kept free of such.
    case transferring
    /// Changes the mailbox.
    case changing
}
