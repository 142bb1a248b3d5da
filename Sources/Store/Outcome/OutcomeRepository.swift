import Database
package import Model

/// What is to be done about mail that was sent, and how far the event log was looked at for it.
///
/// Every task is done at least once; what it leads to is written in the transaction that removes it, and so once.
package struct OutcomeRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer
    let events: EventRepository

    /// A place in the event log; what lies behind it was not looked at.
    package func position() async throws -> Int64 {
        try await database.read { sql in
            guard let row = try sql.first("SELECT position FROM outcome_position WHERE id = 1") else {
                throw StoreError.unreadable("outcome_position")
            }
            return try row.integer("position")
        }
    }

    /// Writes what a stretch of the log means; false where another node was faster, and nothing was written.
    package func advance(_ turn: OutcomeTurn, now: Timestamp = .now()) async throws -> Bool {
        try await database.write { sql in
            let moved = try sql.execute(
                """
                UPDATE outcome_position SET position = \(turn.position) WHERE id = 1 AND position = \(turn.after)
                """)
            guard moved == 1 else { return false }
            for candidate in turn.candidates where try Self.isWanted(candidate, sql) {
                let id = "report/\(candidate.account)/\(candidate.message)"
                try sql.execute(
                    """
                    INSERT INTO outcome_tasks (id, kind, account_id, email_id, attempts, due_at, created_at)
                    SELECT \(id), 'report', id, \(candidate.message.rawValue), 0, \(now.milliseconds),
                        \(now.milliseconds)
                    FROM accounts WHERE id = \(candidate.account.rawValue)
                    ON CONFLICT (id) DO NOTHING
                    """)
            }
            for id in turn.sent {
                try sql.execute(
                    """
                    UPDATE outcome_tasks SET due_at = \(now.milliseconds), created_at = \(now.milliseconds)
                    WHERE submission_id = \(id.rawValue) AND due_at IS NULL
                    """)
            }
            for id in turn.failed {
                try sql.execute("DELETE FROM outcome_tasks WHERE submission_id = \(id.rawValue) AND due_at IS NULL")
            }
            return true
        }
    }

    /// The log was shortened behind our back: goes on at `position`.
    package func jump(to position: Int64, from old: Int64) async throws {
        try await database.execute(
            "UPDATE outcome_position SET position = \(position) WHERE id = 1 AND position = \(old)")
    }

    private static func isWanted(_ candidate: ReportCandidate, _ sql: any SQLConnection) throws -> Bool {
        guard let ids = candidate.onlyIfOneOf else { return true }
        guard !ids.isEmpty else { return false }
        return try sql.first("SELECT id FROM submissions WHERE message_id IN \(list: ids) LIMIT 1") != nil
    }

    /// Takes tasks that are due; they are due again at `until`, should whoever took them be gone.
    package func claim(limit: Int, until: Timestamp, now: Timestamp = .now()) async throws -> [OutcomeTask] {
        let limit = min(limit, Limits.rowsPerClaim)
        return try await database.write { sql in
            try sql.rows(
                """
                WITH due AS MATERIALIZED (
                    SELECT id FROM outcome_tasks WHERE due_at IS NOT NULL AND due_at <= \(now.milliseconds)
                    ORDER BY due_at LIMIT \(limit)\(sql.dialect.skippingLocked))
                UPDATE outcome_tasks SET due_at = \(until.milliseconds), attempts = attempts + 1
                WHERE id IN (SELECT id FROM due)
                RETURNING id, kind, account_id, email_id, keyword, attempts, created_at
                """
            ).map(Self.task)
        }
    }

    /// What was taken before a start is free again at once: whoever took it is gone, or loses it and has no say any more.
    package func releaseClaims(until: Timestamp, now: Timestamp = .now()) async throws {
        try await database.execute(
            """
            UPDATE outcome_tasks SET due_at = \(now.milliseconds)
            WHERE due_at IS NOT NULL AND due_at > \(now.milliseconds) AND due_at <= \(until.milliseconds)
            """)
    }

    /// When the next task is due; nil where nothing waits.
    package func nextDue() async throws -> Timestamp? {
        try await database.read { sql in
            try sql.first(
                """
                SELECT due_at FROM outcome_tasks WHERE due_at IS NOT NULL AND due_at <= \(Int64.max)
                ORDER BY due_at LIMIT 1
                """
            ).map { Timestamp(milliseconds: try $0.integer("due_at")) }
        }
    }

    /// Tries it again at another time.
    package func postpone(_ task: OutcomeTask, to time: Timestamp) async throws {
        try await database.execute(
            """
            UPDATE outcome_tasks SET due_at = \(time.milliseconds)
            WHERE id = \(task.id) AND attempts = \(Int64(task.attempts))
            """)
    }

    /// It is done, or will never be.
    package func remove(_ task: OutcomeTask) async throws {
        try await database.execute(
            "DELETE FROM outcome_tasks WHERE id = \(task.id) AND attempts = \(Int64(task.attempts))")
    }

    /// Notes what a submission's success is to do; inside the transaction that stores it.
    static func expect(_ mark: OriginalMark, of submission: Submission, _ sql: any SQLConnection) throws {
        try sql.execute(
            """
            INSERT INTO outcome_tasks (id, kind, account_id, email_id, submission_id, keyword, attempts, created_at)
            VALUES (\("mark/\(submission.id)"), 'mark', \(submission.accountID.rawValue), \(mark.message.rawValue),
                \(submission.id.rawValue), \(mark.keyword), 0, \(submission.createdAt.milliseconds))
            """)
    }

    private static func task(_ row: SQLRow) throws -> OutcomeTask {
        let kind: OutcomeTask.Kind
        switch try row.text("kind") {
        case "report": kind = .report
        case "mark": kind = .mark(keyword: try row.text("keyword"))
        default: throw StoreError.unreadable("outcome_tasks/kind")
        }
        return OutcomeTask(
            id: try row.text("id"), kind: kind, account: AccountID(rawValue: try row.text("account_id")),
            message: EmailID(rawValue: try row.text("email_id")),
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            attempts: Int(try row.integer("attempts")))
    }
}
