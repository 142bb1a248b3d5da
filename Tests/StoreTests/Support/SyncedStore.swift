import Database
import Model
import Store
import Sync
import TestDatabases
import Testing

/// A store with one account that is leased, with the mailboxes INBOX and Work, as its sync has it after a first pass.
struct SyncedStore {
    static let account = AccountID(rawValue: "a")
    let store: MailStore
    let lease: AccountLease

    /// Both mailboxes have been looked into, and were empty.
    static func with(_ fixture: DatabaseFixture, _ body: (SyncedStore) async throws -> Void) async throws {
        try await fixture.withStore { store in try await body(try await SyncedStore(store)) }
    }

    init(_ store: MailStore) async throws {
        self.store = store
        try await store.addAccount("a")
        try await store.beat("n", for: .seconds(15), now: .at(1000))
        lease = try #require(try await store.leases.claim("n", limit: 9, now: .at(1000)).first)
        var listing = ListingChange()
        for path in ["INBOX", "Work"] {
            listing.created[ListedMailbox(path: path, proposedID: MailboxID(path: path))] = Self.facts(path)
        }
        _ = try await store.sync.commit(listing, lease, at: .at(1000)) { _ in [] }
        for path in ["INBOX", "Work"] {
            let cursor = MailboxCursor(uidValidity: 7, uidNext: 1)
            try await commit([MailboxChange(try await record(path), cursor: cursor)])
        }
        try await store.sync.noteFirstSync(lease, at: .at(1000))
    }

    static func facts(_ path: String) -> MailboxFacts {
        MailboxFacts(
            Mailbox(
                id: MailboxID(path: path), name: path, path: path, parentID: nil, role: nil, sortOrder: 1,
                totalEmails: nil, unreadEmails: nil, isSubscribed: true, isSelectable: true))
    }

    func record(_ path: String) async throws -> MailboxRecord {
        try #require(try await store.sync.mailboxes(of: Self.account).first { $0.path == path })
    }

    /// A message that came; the mailbox has its id from what it says.
    static func message(
        _ uid: UInt32, _ email: String, keywords: [String] = [], isNews: Bool = true, references: [Int64]? = nil
    ) -> ArrivedMessage {
        let time = Timestamp.at(5000 + Int64(uid))
        var summary: Message?
        if isNews {
            summary = Message(
                id: EmailID(rawValue: email), mailboxIDs: [], keywords: keywords, size: 100, receivedAt: time)
        }
        return ArrivedMessage(
            uid: uid, identity: identity(email, references), keywords: keywords, receivedAt: time, size: 100,
            isNews: isNews, summary: summary)
    }

    static func identity(_ email: String, _ references: [Int64]? = nil) -> MessageIdentity {
        let thread = ThreadID(rawValue: "T\(email)")
        return MessageIdentity(
            email: EmailID(rawValue: email),
            thread: references.map { .references($0, fallback: thread) } ?? .assigned(thread))
    }

    /// A message that a list read.
    static func seen(_ uid: UInt32, _ email: String) -> SeenMessage {
        SeenMessage(uid: uid, identity: identity(email), keywords: [], receivedAt: .at(5000), size: 100)
    }

    /// What came to a mailbox and went from it, the cursor moved accordingly.
    func change(
        _ path: String, _ arrived: [ArrivedMessage] = [], vanished: ClosedRange<UInt32>? = nil
    ) async throws -> MailboxChange {
        let record = try await record(path)
        var change = MailboxChange(record, cursor: record.cursor)
        change.arrived = arrived
        change.vanished = vanished.map { [$0] } ?? []
        change.cursor.uidNext = max(record.cursor.uidNext, (arrived.map(\.uid).max() ?? 0) + 1)
        return change
    }

    /// Stores with the events that the sync announces, and gives these.
    @discardableResult
    func commit(
        _ changes: [MailboxChange], deleted: [MailboxRecord] = [], under lease: AccountLease? = nil
    ) async throws -> [Event] {
        let outcome = try await store.sync.commit(
            changes, deleted: deleted, lease ?? self.lease, at: .at(9000)
        ) { transitions in EventPlan.events(for: transitions, of: Self.account) }
        return try await store.placed(outcome.events)
    }

    /// All events of mail in the log.
    func told() async throws -> [Event] {
        try await store.events.page(after: 0, limit: 500).events.filter { $0.type.rawValue.hasPrefix("message.") }
    }

    func uids(_ path: String) async throws -> [UInt32] {
        try await store.sync.knownUIDs(in: record(path).number)
    }

    func place(_ path: String, _ uid: UInt32, validity: UInt32 = 7) -> MessagePlace {
        MessagePlace(mailbox: MailboxID(path: path), uidValidity: validity, uid: uid)
    }

    func places(_ email: String) async throws -> Set<MessagePlace> {
        Set(try await store.index.places(of: EmailID(rawValue: email), in: Self.account))
    }
}
