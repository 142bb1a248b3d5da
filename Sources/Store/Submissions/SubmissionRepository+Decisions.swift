import Database
package import Model

/// What a caller decides about a submission that waits.
extension SubmissionRepository {
    /// Cancels what no worker has taken yet, and drops its content.
    ///
    /// One whose outcome is unknown stays as it is and is not looked for any more.
    package func cancel(_ id: SubmissionID, of account: AccountID) async throws -> CancelOutcome {
        let waiting = [SubmissionState.scheduled.rawValue, SubmissionState.queued.rawValue]
        return try await database.write { sql in
            guard try state(of: id, account, sql) != nil else { return .notFound }
            let finished = SubmissionPhase.finished.rawValue
            var changed = try sql.execute(
                """
                UPDATE submissions SET state = \(SubmissionState.canceled.rawValue), phase = \(finished),
                    due_at = \(SQLValue.null), \(Self.forgetsDraft)
                WHERE id = \(id.rawValue) AND locked_by IS NULL AND state IN \(list: waiting)
                """)
            if changed == 0 {
                changed = try sql.execute(
                    """
                    UPDATE submissions SET phase = \(finished), due_at = \(SQLValue.null)
                    WHERE id = \(id.rawValue) AND locked_by IS NULL AND phase = \(SubmissionPhase.undecided.rawValue)
                    """)
            }
            guard changed == 1 else { return .tooLate }
            try Self.dropContent(of: id, sql)
            // What its success was to mark waits for an event that does not come.
            try sql.execute("DELETE FROM outcome_tasks WHERE submission_id = \(id.rawValue) AND due_at IS NULL")
            return .canceled
        }
    }

    /// Makes a waiting one due now; one whose outcome is unknown is delivered again to those who may not have it.
    package func retry(_ id: SubmissionID, of account: AccountID, now: Timestamp = .now()) async throws -> RetryOutcome
    {
        try await database.write { sql in
            guard let row = try state(of: id, account, sql) else { return .notFound }
            guard try row.optionalText("locked_by") == nil,
                let phase = SubmissionPhase(rawValue: try row.text("phase")), phase != .finished
            else { return .tooLate }
            var submission = try submission(row)
            submission.sentCopy.nextAttemptAt = nil
            for index in submission.recipients.indices {
                if phase == .undecided, submission.recipients[index].state == .unknown {
                    submission.recipients[index].state = .queued
                }
                submission.recipients[index].nextAttemptAt = nil
            }
            if phase == .undecided {
                submission.error = nil
                submission.unknownSince = nil
            }
            let next: SubmissionPhase = phase == .undecided ? .delivery : phase
            let state = next == .delivery ? SubmissionState.queued : submission.state
            // A worker of another node may have taken it since it was read.
            let changed = try sql.execute(
                """
                UPDATE submissions SET phase = \(next.rawValue), state = \(state.rawValue),
                    envelope = \(try sealedEnvelope(submission)), due_at = \(now.milliseconds)
                WHERE id = \(id.rawValue) AND locked_by IS NULL AND phase = \(phase.rawValue)
                    AND lock_epoch = \(try row.integer("lock_epoch"))
                """)
            return changed == 1 ? .due : .tooLate
        }
    }

    /// The submission that was made of this source.
    package func submission(source: String, of account: AccountID) async throws -> Submission? {
        try await database.read { sql in
            try sql.first(
                """
                SELECT \(Self.columns) FROM submissions
                WHERE account_id = \(account.rawValue) AND source = \(source)
                """
            ).map(submission)
        }
    }

    /// Whether the account's server puts what it is given into Sent by itself; nil where that is not known.
    package func isFiledByServer(_ account: AccountID) async throws -> Bool? {
        try await database.read { sql in
            try sql.first("SELECT is_by_server FROM sent_filing WHERE account_id = \(account.rawValue)")?
                .bool("is_by_server")
        }
    }

    package func noteFiling(byServer: Bool, of account: AccountID, now: Timestamp = .now()) async throws {
        try await database.execute(
            """
            INSERT INTO sent_filing (account_id, is_by_server, noted_at)
            VALUES (\(account.rawValue), \(byServer), \(now.milliseconds))
            ON CONFLICT (account_id) DO UPDATE SET is_by_server = excluded.is_by_server, noted_at = excluded.noted_at
            """)
    }

    private func state(of id: SubmissionID, _ account: AccountID, _ sql: any SQLConnection) throws -> SQLRow? {
        try sql.first(
            "SELECT \(Self.columns) FROM submissions WHERE id = \(id.rawValue) AND account_id = \(account.rawValue)")
    }
}
