import Database
package import Model

/// Outgoing mail: handed over durably, shown, canceled.
///
/// The queue's verbs are in `SubmissionRepository+Turn`, `+Recovery` and `+Decisions`.
package struct SubmissionRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer
    let events: EventRepository

    package func submission(_ id: SubmissionID, of account: AccountID) async throws -> Submission? {
        try await database.read { sql in
            try sql.first(
                """
                SELECT \(Self.columns) FROM submissions
                WHERE id = \(id.rawValue) AND account_id = \(account.rawValue)
                """
            ).map { try withReports([submission($0)], sql)[0] }
        }
    }

    /// Newest first: of these accounts, or of all where `accounts` is nil.
    package func list(
        accounts: Set<AccountID>?, after cursor: PageCursor?, limit: Int
    ) async throws -> Page<Submission> {
        let limit = pageSize(limit)
        let after = cursor ?? .newestFirst
        let found = try await database.read { sql -> [Submission] in
            guard let accounts else {
                let rows = try sql.rows(
                    """
                    SELECT \(Self.columns) FROM submissions
                    WHERE (created_at, id) < (\(after.createdAt.milliseconds), \(after.id))
                    ORDER BY created_at DESC, id DESC LIMIT \(limit + 1)
                    """)
                return try withReports(rows.map(submission), sql)
            }
            return try withReports(
                Self.newest(of: accounts, after: after, limit: limit + 1, sql).map(submission), sql)
        }
        return Page(found, limit: limit) { PageCursor(createdAt: $0.createdAt, id: $0.id.rawValue) }
    }

    /// The newest of each account by its own index, then the newest of those: no sort of all that an account ever sent.
    private static func newest(
        of accounts: Set<AccountID>, after: PageCursor, limit: Int, _ sql: any SQLConnection
    ) throws -> [SQLRow] {
        var keys: [(createdAt: Int64, id: String)] = []
        for account in accounts {
            let rows = try sql.rows(
                """
                SELECT created_at, id FROM submissions WHERE account_id = \(account.rawValue)
                    AND (created_at, id) < (\(after.createdAt.milliseconds), \(after.id))
                ORDER BY created_at DESC, id DESC LIMIT \(limit)
                """)
            for row in rows { keys.append((createdAt: try row.integer("created_at"), id: try row.text("id"))) }
        }
        keys.sort { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
        return try keys.prefix(limit).compactMap { key in
            try sql.first("SELECT \(columns) FROM submissions WHERE id = \(key.id)")
        }
    }

    /// How many submissions are in each state that is not final.
    package func countOpen() async throws -> [SubmissionState: Int] {
        try await database.read { sql in
            // The index has these very words.
            let rows = try sql.rows(
                """
                SELECT state, COUNT(*) AS count FROM submissions
                WHERE state IN ('scheduled', 'queued', 'sending', 'unknown') GROUP BY state
                """)
            var counts: [SubmissionState: Int] = [.scheduled: 0, .queued: 0, .sending: 0, .unknown: 0]
            for row in rows {
                if let state = SubmissionState(rawValue: try row.text("state")) {
                    counts[state] = Int(try row.integer("count"))
                }
            }
            return counts
        }
    }

    static func dropContent(of id: SubmissionID, _ sql: any SQLConnection) throws(DatabaseError) {
        try sql.execute(
            "DELETE FROM blobs WHERE id = (SELECT blob_id FROM submissions WHERE id = \(id.rawValue))")
        try sql.execute("UPDATE submissions SET blob_id = \(SQLValue.null) WHERE id = \(id.rawValue)")
    }
}
