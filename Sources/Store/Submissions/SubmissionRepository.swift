import Database
package import Model

/// Outgoing mail: handed over durably, shown, canceled.
///
/// The queue's verbs are in `SubmissionRepository+Queue`.
package struct SubmissionRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer
    let events: EventRepository

    /// Stores the submission with its message; both are on the disk when this returns.
    ///
    /// It is due at `sendAt`, or at once. An account that is gone is `DatabaseError.constraint(.foreignKey)`.
    package func insert(_ submission: Submission, content: [UInt8]) async throws {
        var upload = beginContent(for: submission.accountID, at: submission.createdAt)
        try await upload.append(content)
        try await insert(submission, content: upload)
    }

    /// The same for a message that was handed over piece by piece.
    ///
    /// Another one of the same source is `DatabaseError.constraint(.unique)`.
    package func insert(_ submission: Submission, content upload: ContentUpload) async throws {
        let last = try upload.sealedRest(of: submission.id)
        var submission = submission
        submission.content = upload.kind
        let envelope = try sealedEnvelope(submission)
        let (id, state, source) = (submission.id.rawValue, submission.state.rawValue, submission.source)
        let (messageID, saveToSent) = (submission.messageID, submission.saveToSent)
        let sendAt = submission.sendAt?.milliseconds
        let forgotten = submission.createdAt.milliseconds - Limits.idempotencyLifetime.components.seconds * 1000
        let due = submission.sendAt ?? submission.nextAttemptAt ?? submission.createdAt
        let blob = upload.id
        let size = upload.size
        let account = submission.accountID.rawValue
        let created = submission.createdAt.milliseconds
        try await database.write { sql in
            if let source {
                // A caller's key means something for a day; a draft is the same for ever.
                try sql.execute(
                    """
                    UPDATE submissions SET source = NULL WHERE account_id = \(account) AND source = \(source)
                        AND source LIKE 'key:%' AND created_at < \(forgotten)
                    """)
            }
            try sql.execute(
                """
                INSERT INTO blobs (id, account_id, is_owned, created_at) VALUES (\(blob), \(account), 1, \(created))
                ON CONFLICT (id) DO UPDATE SET is_owned = 1
                """)
            try sql.execute(
                """
                INSERT INTO blob_chunks (blob_id, position, sealed) VALUES (\(blob), \(last.position), \(last.sealed))
                """)
            try sql.execute(
                """
                INSERT INTO submissions (id, account_id, state, phase, message_id, send_at, created_at, due_at,
                    attempts, copy_attempts, save_to_sent, envelope, blob_id, size, lock_epoch, source)
                VALUES (\(id), \(account), \(state), \(SubmissionPhase.delivery.rawValue), \(messageID), \(sendAt),
                    \(created), \(due.milliseconds), 0, 0, \(saveToSent), \(envelope), \(blob), \(size), 0, \(source))
                """)
        }
    }

    package func submission(_ id: SubmissionID, of account: AccountID) async throws -> Submission? {
        try await database.read { sql in
            try sql.first(
                """
                SELECT \(Self.columns) FROM submissions
                WHERE id = \(id.rawValue) AND account_id = \(account.rawValue)
                """
            ).map(submission)
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
                return try sql.rows(
                    """
                    SELECT \(Self.columns) FROM submissions
                    WHERE (created_at, id) < (\(after.createdAt.milliseconds), \(after.id))
                    ORDER BY created_at DESC, id DESC LIMIT \(limit + 1)
                    """
                ).map(submission)
            }
            return try Self.newest(of: accounts, after: after, limit: limit + 1, sql).map(submission)
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
