import Database
package import Model

/// A listed message with the UID that it has in the index.
package struct EnrolledMessage: Sendable, Equatable {
    package var number: Int
    package var uid: UInt32
    package var size: Int
    /// What its header is to be like; nil until somebody has read it.
    package var fingerprint: String?
    /// When we met it first.
    package var seenAt: Timestamp
    /// The server's id for it, where that is more than its number in this session.
    package var uniqueID: String?

    package init(
        number: Int, uid: UInt32, size: Int, fingerprint: String? = nil,
        seenAt: Timestamp = Timestamp(milliseconds: 0), uniqueID: String? = nil
    ) {
        self.number = number
        self.uid = uid
        self.size = size
        self.fingerprint = fingerprint
        self.seenAt = seenAt
        self.uniqueID = uniqueID
    }

    /// What tells it from all others of its maildrop, whatever it is like; no server's id has a blank in it.
    package var name: String { uniqueID ?? "uid \(uid)" }

    /// What can be said of the message that has its number now.
    package enum Sameness: Sendable {
        case same
        case other
        case unknown
    }

    /// By what that message's header is like; nil where it cannot be read.
    ///
    /// Where that was never read id and size are all that is known: they do.
    package func sameness(_ found: String?) -> Sameness {
        guard let fingerprint else { return uniqueID == nil ? .unknown : .same }
        guard let found else { return .unknown }
        return found == fingerprint ? .same : .other
    }
}

/// A maildrop at one moment, as the index numbers it: in the order of the maildrop, oldest first.
package struct Enrolment: Sendable {
    package var mailbox: MailboxRecord
    package var messages: [EnrolledMessage]
    /// UIDs of messages that the listing lacks.
    package var missing: [UInt32]
    /// Whether messages are listed of which it cannot be said which they are: they may be among the missing ones.
    package var isPartial = false

    /// By UID.
    package var byUID: [UInt32: EnrolledMessage] {
        Dictionary(messages.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

/// What POP3 servers call messages, and how long each is kept there.
///
/// A maildrop is the one mailbox of its account. Its messages have UIDs of ours there, so that all that is known of messages of IMAP
/// accounts, ids, keywords, conversations, is known of these in the same tables.
package struct MaildropRepository: Sendable {
    let database: any SQLDatabase
    let events: EventRepository
    let webhooks: WebhookRepository

    /// The path of the one mailbox.
    package static let path = "INBOX"
    /// UIDs are ours, and stay valid as long as their rows.
    package static let uidValidity: UInt32 = 1

    /// Gives each listed message its UID: the one it had, else a new one.
    ///
    /// It needs no lease.
    /// `fingerprint` reads the headers of messages by number where ids do not decide; a message that it leaves out is none of the
    /// enrolment, unless `isGivenUp` says that it was waited for long enough: then it is numbered without.
    package func enrol(
        _ entries: [MaildropEntry], of account: AccountID, now: Timestamp = .now(),
        isGivenUp: (MaildropEntry) -> Bool = { _ in false },
        fingerprint: ([Int]) async throws -> [Int: String]
    ) async throws -> Enrolment {
        var entries = entries
        var fingerprints: [Int: String] = [:]
        var unreadable: Set<Int> = []
        var isPartial = false
        for _ in 0..<Limits.enrolmentAttempts {
            let mailbox = try await mailbox(of: account, now: now)
            let rows = try await rows(in: mailbox.number)
            var match = MaildropMatch(entries, rows: rows, fingerprints: fingerprints, unreadable: unreadable)
            while !match.undecided.isEmpty {
                let found = try await fingerprint(match.undecided)
                var lost = Set(match.undecided.filter { found[$0] == nil })
                let refused = entries.filter { lost.contains($0.number) }
                unreadable.formUnion(refused.filter(isGivenUp).map(\.number))
                unreadable.formUnion(MaildropMatch.wereUnread(refused, rows))
                lost.subtract(unreadable)
                isPartial = isPartial || !lost.isEmpty
                entries.removeAll { lost.contains($0.number) }
                fingerprints.merge(found, uniquingKeysWith: { _, last in last })
                match = MaildropMatch(entries, rows: rows, fingerprints: fingerprints, unreadable: unreadable)
            }
            if let messages = try await store(match, entries, rows, fingerprints, in: mailbox, now) {
                let here = Set(messages.map(\.uid))
                return Enrolment(
                    mailbox: mailbox, messages: messages, missing: rows.map(\.uid).filter { !here.contains($0) },
                    isPartial: isPartial)
            }
        }
        throw StoreError.unreadable("pop3_seen")
    }

    /// The account's maildrop, made where nobody has looked yet.
    package func mailbox(of account: AccountID, now: Timestamp = .now()) async throws -> MailboxRecord {
        if let known = try await known(account) { return known }
        let listed = ListedMailbox(path: Self.path, proposedID: MailboxID(path: Self.path))
        _ = try await MailboxIndex(database: database).identify([listed], of: account, now: now)
        guard let made = try await known(account) else { throw StoreError.unreadable("mailboxes") }
        return made
    }

    private func known(_ account: AccountID) async throws -> MailboxRecord? {
        try await database.read { sql in
            try SyncRepository.mailboxes(of: account, sql).first { $0.path == Self.path }
        }
    }

    /// Notes what headers are like that were read for the first time.
    package func note(fingerprints: [UInt32: String], in mailbox: Int64) async throws {
        guard !fingerprints.isEmpty else { return }
        try await database.write { sql in try Self.note(fingerprints, in: mailbox, sql) }
    }

    static func note(_ fingerprints: [UInt32: String], in mailbox: Int64, _ sql: any SQLConnection) throws {
        for (uid, fingerprint) in fingerprints.sorted(by: { $0.key < $1.key }) {
            try sql.execute(
                """
                UPDATE pop3_seen SET fingerprint = \(fingerprint)
                WHERE mailbox = \(mailbox) AND uid = \(Int64(uid)) AND fingerprint IS NULL
                """)
        }
    }

    /// The server gave the id of this message to another: what it knew is forgotten, and the next look meets a new message.
    package func disown(_ uid: UInt32, in mailbox: Int64) async throws {
        try await database.execute("DELETE FROM pop3_seen WHERE mailbox = \(mailbox) AND uid = \(Int64(uid))")
    }

    // MARK: Rows

    private func rows(in mailbox: Int64) async throws -> [MaildropRow] {
        try await database.read { sql in try Self.rows(in: mailbox, sql) }
    }

    static func rows(in mailbox: Int64, _ sql: any SQLConnection) throws -> [MaildropRow] {
        try sql.rows(
            """
            SELECT uidl, uid, size, fingerprint, seen_at FROM pop3_seen WHERE mailbox = \(mailbox) ORDER BY uid
            """
        ).map { row in
            MaildropRow(
                key: try row.text("uidl"), uid: UInt32(truncatingIfNeeded: try row.integer("uid")),
                size: Int(try row.integer("size")), fingerprint: try row.optionalText("fingerprint"),
                seenAt: Timestamp(milliseconds: try row.integer("seen_at")))
        }
    }

    /// Nil where somebody else wrote meanwhile.
    private func store(
        _ match: MaildropMatch, _ entries: [MaildropEntry], _ rows: [MaildropRow], _ fingerprints: [Int: String],
        in mailbox: MailboxRecord, _ now: Timestamp
    ) async throws -> [EnrolledMessage]? {
        let isUnchanged = match.verdicts.values.allSatisfy { if case .known = $0 { true } else { false } }
        if isUnchanged { return Self.messages(match, entries, rows, new: [:], fingerprints, now) }
        return try await database.write { sql in
            // Two that list the same maildrop at once do so one after the other.
            try sql.execute("UPDATE mailboxes SET path = path WHERE number = \(mailbox.number)")
            guard try Self.rows(in: mailbox.number, sql) == rows else { return nil }
            var enroller = MaildropEnroller(mailbox: mailbox.number, rows: rows, sql: sql, now: now)
            let new = try enroller.run(match, entries, fingerprints)
            return Self.messages(match, entries, rows, new: new, fingerprints, now)
        }
    }

    private static func messages(
        _ match: MaildropMatch, _ entries: [MaildropEntry], _ rows: [MaildropRow], new: [Int: UInt32],
        _ fingerprints: [Int: String], _ now: Timestamp
    ) -> [EnrolledMessage] {
        let byUID = Dictionary(rows.map { ($0.uid, $0) }, uniquingKeysWith: { first, _ in first })
        return entries.compactMap { entry in
            let uid: UInt32? =
                switch match.verdicts[entry.number] {
                case .known(let old)?, .changed(let old, _)?: old
                case .new?: new[entry.number]
                case nil: nil
                }
            return uid.map { uid in
                EnrolledMessage(
                    number: entry.number, uid: uid, size: entry.size,
                    fingerprint: byUID[uid]?.fingerprint ?? fingerprints[entry.number],
                    seenAt: byUID[uid]?.seenAt ?? now,
                    uniqueID: entry.uniqueID.flatMap { $0 == String(entry.number) ? nil : $0 })
            }
        }
    }
}
