import Database
package import Model

/// What happens to rows whose worker has died.
extension SubmissionRepository {
    /// Frees rows whose lease ended at or before `expired`.
    ///
    /// Before the final dot the attempt did not happen: back to the queue. After it nobody knows: `unknown`, never repeated blindly.
    package func recover(expiredBy expired: Timestamp, now: Timestamp = .now()) async throws -> RecoveredSubmissions {
        try await recover(now: now, besides: nil) { _ in
            "locked_by IS NOT NULL AND locked_until <= \(expired.milliseconds) ORDER BY locked_until"
        }
    }

    /// Frees rows of nodes that live no more; `own` is alive, whatever others think.
    package func recoverDead(besides own: String, now: Timestamp = .now()) async throws -> RecoveredSubmissions {
        try await recover(now: now, besides: own) { sql in try NodeRepository.claimedByDead(besides: own, sql) }
    }

    private func recover(
        now: Timestamp, besides own: String?, _ condition: @escaping @Sendable (any SQLConnection) throws -> SQL
    ) async throws -> RecoveredSubmissions {
        var result = RecoveredSubmissions()
        while true {
            let (count, batch, appended) = try await database.write { sql in
                let rows = try sql.rows(
                    """
                    SELECT \(Self.columns) FROM submissions WHERE \(try condition(sql))
                    LIMIT \(Limits.rowsPerClaim)\(sql.dialect.skippingLocked)
                    """)
                let free = try own.map { try NodeRepository.stillDead(rows, besides: $0, sql) } ?? rows
                let (batch, appended) = try recover(free, now: now, sql)
                return (rows.count, batch, appended)
            }
            events.committed(appended)
            result.requeued += batch.requeued
            result.unknown += batch.unknown
            result.unopened.formUnion(batch.unopened)
            // Rows that do not open stay as they are, and must not be met for ever.
            if count < Limits.rowsPerClaim || batch.requeued.isEmpty && batch.unknown.isEmpty { return result }
        }
    }

    private func recover(
        _ rows: [SQLRow], now: Timestamp, _ sql: any SQLConnection
    ) throws -> (RecoveredSubmissions, [Event]) {
        var result = RecoveredSubmissions()
        var appended: [Event] = []
        for row in rows {
            let id = SubmissionID(rawValue: try row.text("id"))
            if SubmissionPhase(rawValue: try row.text("phase")) == .inDoubt {
                guard let claimed = try? claimed(row) else {
                    result.unopened.insert(id)
                    continue
                }
                try becomeUnknown(claimed, now, sql)
                appended += try append([.submissionUnknown], of: id, at: now, sql)
                result.unknown.append(id)
            } else {
                let delivery = SubmissionPhase.delivery.rawValue
                try sql.execute(
                    """
                    UPDATE submissions SET due_at = \(now.milliseconds), locked_by = NULL, locked_until = NULL,
                        state = CASE phase WHEN \(delivery) THEN \(SubmissionState.queued.rawValue) ELSE state END
                    WHERE id = \(id.rawValue)
                    """)
                result.requeued.append(id)
            }
        }
        return (result, appended)
    }

    private func becomeUnknown(_ claimed: ClaimedSubmission, _ now: Timestamp, _ sql: any SQLConnection) throws {
        var submission = claimed.submission
        submission.unknownSince = now
        for index in submission.recipients.indices where submission.recipients[index].state == .queued {
            submission.recipients[index].state = .unknown
        }
        submission.error = SubmissionFault(
            code: "outcome-unknown",
            text: "the connection ended after the message was sent and before the server replied")
        try sql.execute(
            """
            UPDATE submissions SET state = \(SubmissionState.unknown.rawValue),
                phase = \(SubmissionPhase.undecided.rawValue), envelope = \(try sealedEnvelope(submission)),
                due_at = \(now.milliseconds), locked_by = NULL, locked_until = NULL
            WHERE id = \(claimed.lease.id.rawValue)
            """)
    }
}

extension Timestamp {
    /// Later than every other.
    package static let distantFuture = Timestamp(milliseconds: .max)
}
