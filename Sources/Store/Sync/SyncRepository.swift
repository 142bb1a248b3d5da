import Database
package import Model

/// What the sync keeps: mailboxes with their cursors, and the index of messages.
///
/// Every write is one transaction, fenced by the account's lease; see `SyncRepository+Commit` for the one that counts.
package struct SyncRepository: Sendable {
    let database: any SQLDatabase
    let events: EventRepository

    static let columns: SQL =
        """
        number, id, path, document, uid_validity, uid_next, mod_seq, total, unread, backfill, generation, seen_at,
        checked_at, wanted_at
        """

    /// The account's mailboxes, in the order in which they were first seen.
    package func mailboxes(of account: AccountID) async throws -> [MailboxRecord] {
        try await database.read { sql in try Self.mailboxes(of: account, sql) }
    }

    static func mailboxes(of account: AccountID, _ sql: any SQLConnection) throws -> [MailboxRecord] {
        try sql.rows("SELECT \(columns) FROM mailboxes WHERE account_id = \(account.rawValue)").map(record)
    }

    /// When the first pass over all mailboxes ended; nil before.
    package func firstSynced(_ account: AccountID) async throws -> Timestamp? {
        try await database.read { sql in
            try sql.first("SELECT synced_at FROM account_sync WHERE account_id = \(account.rawValue)")?
                .optionalInteger("synced_at").map { Timestamp(milliseconds: $0) }
        }
    }

    package func noteFirstSync(_ lease: AccountLease, at time: Timestamp = .now()) async throws {
        try await database.write { sql in
            try LeaseRepository.check(lease, sql)
            try sql.execute(
                """
                UPDATE account_sync SET synced_at = \(time.milliseconds)
                WHERE account_id = \(lease.account.rawValue) AND synced_at IS NULL
                """)
        }
    }

    /// The UIDs that the mailbox has rows of, ascending, without those of an older UIDVALIDITY.
    package func knownUIDs(in mailbox: Int64) async throws -> [UInt32] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT uid FROM messages WHERE mailbox = \(mailbox) AND uid <= \(Int64(UInt32.max)) ORDER BY uid
                """
            ).map { UInt32(truncatingIfNeeded: try $0.integer("uid")) }
        }
    }

    static func record(_ row: SQLRow) throws -> MailboxRecord {
        func number(_ column: String) throws -> UInt32 { UInt32(truncatingIfNeeded: try row.integer(column)) }
        let cursor = MailboxCursor(
            uidValidity: try number("uid_validity"), uidNext: try number("uid_next"),
            modificationSequence: try row.optionalInteger("mod_seq").map { UInt64(bitPattern: $0) },
            total: try number("total"),
            unread: try row.optionalInteger("unread").map { UInt32(truncatingIfNeeded: $0) },
            backfill: try number("backfill"), generation: try row.integer("generation"))
        return MailboxRecord(
            number: try row.integer("number"), id: MailboxID(rawValue: try row.text("id")), path: try row.text("path"),
            announced: try row.optionalText("document").map {
                try Document.decode(MailboxFacts.self, from: $0, place: "mailboxes/document")
            }, cursor: cursor, seenAt: Timestamp(milliseconds: try row.integer("seen_at")),
            checkedAt: try row.optionalInteger("checked_at").map { Timestamp(milliseconds: $0) },
            standing: try row.optionalInteger("wanted_at").map {
                $0 == 0 ? .leftOut : .since(Timestamp(milliseconds: $0))
            }
                ?? .always)
    }
}

extension Array {
    /// Consecutive pieces of at most `size`: statements of few different lengths, which the database need not parse anew.
    func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
