import Database
package import Model

/// What one look at an account's mailboxes found.
package struct SyncOutcome: Sendable {
    /// What became of each message that changed, by its id.
    package var transitions: [MessageTransition]
    package var events: [Event]
}

extension SyncRepository {
    /// Says which events tell of these transitions: pure, and the sync's own business.
    package typealias Announcing = @Sendable ([MessageTransition]) -> [EventDraft]

    /// Stores what was found in some mailboxes: rows, events and cursors, all or nothing.
    ///
    /// A crash at any moment leaves the old cursor without the events or the new one with them. Throws `StoreError.accountLeaseLost`
    /// where another node has the account by now.
    package func commit(
        _ changes: [MailboxChange], deleted: [MailboxRecord] = [], _ lease: AccountLease, at time: Timestamp = .now(),
        announcing: @escaping Announcing
    ) async throws -> SyncOutcome {
        let outcome = try await database.write { [events] sql in
            try LeaseRepository.check(lease, sql)
            var writer = IndexWriter(lease: lease, sql: sql)
            try writer.apply(changes, deleted: deleted, at: time)
            let transitions = try writer.transitions()
            let drafts = announcing(transitions)
            return SyncOutcome(
                transitions: transitions, events: try events.append(drafts, at: time, in: sql))
        }
        events.committed(outcome.events)
        return outcome
    }
}

/// Writes the rows of one commit, and finds out what that means for each message.
struct IndexWriter {
    /// A message that some row of this commit is about.
    private struct Affected {
        var thread: ThreadID
        var before: Set<Int64> = []
        var arrivedIn: Set<Int64> = []
        var keywordsBefore: [String]?
        var keywords: [String] = []
        var isNews = false
        var summary: Message?
    }

    private let lease: AccountLease
    private let sql: any SQLConnection
    private var affected: [EmailID: Affected] = [:]
    private var mailboxes: [Int64: MailboxRecord] = [:]
    private let placer: MessagePlacer

    init(lease: AccountLease, sql: any SQLConnection) {
        self.lease = lease
        self.sql = sql
        placer = MessagePlacer(account: lease.number, sql: sql)
    }

    mutating func apply(_ changes: [MailboxChange], deleted: [MailboxRecord], at time: Timestamp) throws {
        for record in try SyncRepository.mailboxes(of: lease.account, sql) { mailboxes[record.number] = record }
        // What is gone first, with a note of where it was: then a message that arrives elsewhere is known to have moved.
        for change in changes {
            if change.cursor.generation != change.mailbox.cursor.generation { try setAside(change) }
            for range in change.vanished { try remove(range, from: change.mailbox.number) }
        }
        for mailbox in deleted {
            try remove("mailbox = \(mailbox.number)", from: mailbox.number, announcedBelow: mailbox.cursor.uidNext)
        }
        var arrivals: [(change: MailboxChange, placed: [PlacedMessage])] = []
        for change in changes where !change.arrived.isEmpty {
            let placed = try placer.place(change.arrived, in: change.mailbox.number)
            try noteBefore(placed, in: change)
            arrivals.append((change, placed))
        }
        for (change, placed) in arrivals { try insert(placed, into: change) }
        for change in changes {
            try update(change.keywords, in: change.mailbox.number)
            if change.endsReset { try removeSetAside(of: change.mailbox.number) }
            try store(change, at: time)
        }
        for mailbox in deleted { try sql.execute("DELETE FROM mailboxes WHERE number = \(mailbox.number)") }
    }

    // MARK: Rows

    /// A new UIDVALIDITY: the old rows stand for what was there until everything is read again.
    private func setAside(_ change: MailboxChange) throws {
        let shift = abs(change.cursor.generation) << 32
        try sql.execute(
            """
            UPDATE messages SET uid = uid + \(shift)
            WHERE mailbox = \(change.mailbox.number) AND uid <= \(Int64(UInt32.max))
            """)
    }

    private mutating func remove(_ range: ClosedRange<UInt32>, from mailbox: Int64) throws {
        let (low, high) = (Int64(range.lowerBound), Int64(range.upperBound))
        try remove(
            "mailbox = \(mailbox) AND uid >= \(low) AND uid <= \(high)", from: mailbox,
            announcedBelow: mailboxes[mailbox]?.cursor.uidNext)
    }

    private mutating func removeSetAside(of mailbox: Int64) throws {
        try remove("mailbox = \(mailbox) AND uid > \(Int64(UInt32.max))", from: mailbox, announcedBelow: nil)
    }

    private mutating func remove(_ rows: SQL, from mailbox: Int64, announcedBelow limit: UInt32?) throws {
        let gone = try sql.rows("SELECT uid, email_id, thread_id, keywords FROM messages WHERE \(rows)")
        guard !gone.isEmpty else { return }
        for row in gone {
            // A row that a list made of a message that came and went unannounced tells nobody anything.
            let uid = try row.integer("uid")
            if let limit, uid >= Int64(limit), uid <= Int64(UInt32.max) { continue }
            try note(row, in: mailbox)
        }
        try sql.execute("DELETE FROM messages WHERE \(rows)")
    }

    private mutating func insert(_ placed: [PlacedMessage], into change: MailboxChange) throws {
        let mailbox = change.mailbox.number
        for message in placed {
            let arrived = message.arrived
            var entry = affected[message.email] ?? Affected(thread: message.thread)
            entry.keywords = arrived.keywords
            entry.isNews = entry.isNews || arrived.isNews
            entry.summary = entry.summary ?? arrived.summary
            if !change.isBackfill || arrived.isNews { entry.arrivedIn.insert(mailbox) }
            affected[message.email] = entry
        }
        for chunk in placed.chunks(of: Limits.rowsInStatement) {
            try sql.execute(MessagePlacer.insertion(of: chunk, into: mailbox, replacing: true))
        }
    }

    private mutating func update(_ seen: [(uid: UInt32, keywords: [String])], in mailbox: Int64) throws {
        for chunk in seen.chunks(of: Limits.keysInStatement) {
            let now = Dictionary(chunk.map { ($0.uid, $0.keywords) }, uniquingKeysWith: { _, last in last })
            let rows = try sql.rows(
                """
                SELECT uid, email_id, thread_id, keywords FROM messages
                WHERE mailbox = \(mailbox) AND uid IN \(list: chunk.map { Int64($0.uid) })
                """)
            for row in rows {
                let uid = UInt32(truncatingIfNeeded: try row.integer("uid"))
                guard let keywords = now[uid], uid < mailboxes[mailbox]?.cursor.uidNext ?? 0 else { continue }
                let text = keywords.joined(separator: " ")
                guard text != (try row.text("keywords")) else { continue }
                try note(row, in: mailbox)
                let email = EmailID(rawValue: try row.text("email_id"))
                affected[email]?.keywords = keywords
                try sql.execute(
                    "UPDATE messages SET keywords = \(text) WHERE mailbox = \(mailbox) AND uid = \(Int64(uid))")
            }
        }
    }

    private func store(_ change: MailboxChange, at time: Timestamp) throws {
        let cursor = change.cursor
        try sql.execute(
            """
            UPDATE mailboxes SET uid_validity = \(Int64(cursor.uidValidity)), uid_next = \(Int64(cursor.uidNext)),
                mod_seq = \(cursor.modificationSequence.map { Int64(bitPattern: $0) }), total = \(Int64(cursor.total)),
                unread = \(cursor.unread.map { Int64($0) }), backfill = \(Int64(cursor.backfill)),
                generation = \(cursor.generation), checked_at = \(time.milliseconds)
            WHERE number = \(change.mailbox.number)
            """)
    }

    // MARK: What it means

    private mutating func note(_ row: SQLRow, in mailbox: Int64) throws {
        let email = EmailID(rawValue: try row.text("email_id"))
        let keywords = try row.text("keywords").split(separator: " ").map(String.init)
        var entry = try affected[email] ?? Affected(thread: ThreadID(rawValue: row.text("thread_id")))
        entry.before.insert(mailbox)
        if entry.keywordsBefore == nil {
            entry.keywordsBefore = keywords
            entry.keywords = keywords
        }
        affected[email] = entry
    }

    /// Notes where the messages that arrive have been, rows aside that a list made of what is not announced yet.
    private mutating func noteBefore(_ placed: [PlacedMessage], in change: MailboxChange) throws {
        // What a backfill finds to be news has no row here but one that a list made.
        let news = change.isBackfill ? Set(placed.filter(\.arrived.isNews).map { Int64($0.arrived.uid) }) : []
        for chunk in placed.map(\.email.rawValue).chunks(of: Limits.keysInStatement) {
            for row in try rows(of: chunk) {
                let mailbox = try row.integer("mailbox")
                guard let record = watched(mailbox) else { continue }
                let uid = try row.integer("uid")
                if uid <= Int64(UInt32.max), uid >= Int64(record.cursor.uidNext) { continue }
                if mailbox == change.mailbox.number, news.contains(uid) { continue }
                try note(row, in: mailbox)
            }
        }
    }

    /// Nil for mailboxes of other accounts, and for those that nobody looks at: what their rows say may be long over.
    private func watched(_ number: Int64) -> MailboxRecord? {
        mailboxes[number].flatMap { $0.standing == .leftOut ? nil : $0 }
    }

    /// The same message in other accounts has the same id: the caller looks at the mailbox.
    private func rows(of emails: [String]) throws -> [SQLRow] {
        try sql.rows(
            """
            SELECT mailbox, uid, email_id, thread_id, keywords FROM messages WHERE email_id IN \(list: emails)
            """)
    }

    func transitions() throws -> [MessageTransition] {
        var after: [EmailID: Set<Int64>] = [:]
        for chunk in affected.keys.map(\.rawValue).sorted().chunks(of: Limits.keysInStatement) {
            for row in try rows(of: chunk) {
                let mailbox = try row.integer("mailbox")
                guard watched(mailbox) != nil else { continue }
                after[EmailID(rawValue: try row.text("email_id")), default: []].insert(mailbox)
            }
        }
        return affected.map { email, entry in
            func ids(_ numbers: Set<Int64>) -> Set<MailboxID> { Set(numbers.compactMap { mailboxes[$0]?.id }) }
            func roles(_ numbers: Set<Int64>) -> Set<MailboxRole> { Set(numbers.compactMap { mailboxes[$0]?.role }) }
            let places = after[email] ?? []
            // Mailboxes that this commit does not touch held the message before as well.
            let before = entry.before.union(places.subtracting(entry.arrivedIn))
            return MessageTransition(
                email: email, thread: entry.thread, before: ids(before), after: ids(places),
                rolesBefore: roles(before), rolesAfter: roles(places), keywordsBefore: entry.keywordsBefore,
                keywords: entry.keywords, isNews: entry.isNews,
                summary: entry.summary)
        }
    }
}
