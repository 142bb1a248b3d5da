import Database
package import Model

/// What a delivery worker does with the queue. Every verb is durable when it returns, and fenced by the lease.
extension SubmissionRepository {
    /// Takes rows that are due: to deliver (they become `sending`, the attempt is counted) or to copy to Sent.
    ///
    /// `busy` accounts are left for later, so that one account's long queue holds nobody else up.
    package func claim(
        by owner: String, limit: Int, until: Timestamp, busy: Set<AccountID> = [], now: Timestamp = .now()
    ) async throws -> [ClaimedSubmission] {
        let limit = min(limit, Limits.rowsPerClaim)
        let delivery = SubmissionPhase.delivery.rawValue
        let others: SQL = busy.isEmpty ? "" : "AND account_id NOT IN \(list: busy.map(\.rawValue).sorted())"
        return try await database.write { sql in
            try sql.rows(
                """
                WITH due AS MATERIALIZED (
                    SELECT id FROM submissions
                    WHERE due_at IS NOT NULL AND locked_by IS NULL AND due_at <= \(now.milliseconds) \(others)
                    ORDER BY due_at LIMIT \(limit)\(sql.dialect.skippingLocked))
                UPDATE submissions SET locked_by = \(owner), locked_until = \(until.milliseconds),
                    lock_epoch = lock_epoch + 1,
                    state = CASE phase WHEN \(delivery) THEN \(SubmissionState.sending.rawValue) ELSE state END,
                    attempts = attempts + CASE phase WHEN \(delivery) THEN 1 ELSE 0 END,
                    copy_attempts = copy_attempts + CASE phase WHEN \(delivery) THEN 0 ELSE 1 END
                WHERE id IN (SELECT id FROM due)
                RETURNING \(Self.columns)
                """
            ).map(claimed).sorted {
                ($0.submission.createdAt, $0.submission.id) < ($1.submission.createdAt, $1.submission.id)
            }
        }
    }

    /// When the next row is due; nil where nothing waits.
    package func nextDue() async throws -> Timestamp? {
        try await database.read { sql in
            try sql.first(
                """
                SELECT due_at FROM submissions
                WHERE due_at IS NOT NULL AND locked_by IS NULL AND due_at <= \(Int64.max) ORDER BY due_at LIMIT 1
                """
            ).map { Timestamp(milliseconds: try $0.integer("due_at")) }
        }
    }

    /// Keeps the lease for a slow delivery.
    package func renew(_ lease: SubmissionLease, until: Timestamp) async throws {
        try await change(lease, "locked_until = \(until.milliseconds)")
    }

    /// To be called before the final dot of DATA goes out: from here on a crash means `unknown`.
    ///
    /// Recipients that the server took with RCPT must be `queued`: they are the ones that a recovery makes `unknown`.
    package func markInDoubt(_ claimed: ClaimedSubmission) async throws {
        let envelope = try sealedEnvelope(claimed.submission)
        try await change(
            claimed.lease, "phase = \(SubmissionPhase.inDoubt.rawValue), envelope = \(envelope)")
    }

    /// The reply came, and other recipients are still to be tried in another transaction of the same attempt.
    package func saveProgress(_ claimed: ClaimedSubmission) async throws {
        let envelope = try sealedEnvelope(claimed.submission)
        try await change(
            claimed.lease, "phase = \(SubmissionPhase.delivery.rawValue), envelope = \(envelope)")
    }

    /// Gives the row back, to be delivered (to those still `queued` or `deferred`) at a later time.
    ///
    /// `isDeferred` is false where nobody refused: a stop of our own came between.
    package func reschedule(
        _ claimed: ClaimedSubmission, at time: Timestamp, isDeferred: Bool = true, now: Timestamp = .now()
    ) async throws {
        let envelope = try sealedEnvelope(claimed.submission)
        try await change(
            claimed.lease,
            """
            phase = \(SubmissionPhase.delivery.rawValue), state = \(SubmissionState.queued.rawValue),
            envelope = \(envelope), due_at = \(time.milliseconds), \(Self.unlocked)
            """, telling: isDeferred ? [.submissionDeferred] : [], at: now)
    }

    /// Writes the outcome and ends the lease.
    ///
    /// Where a copy in Sent is wanted and something was sent, the row is due again at once for that step and keeps its content; an
    /// `unknown` one keeps it too, to be decided on. Otherwise the content is removed in the same transaction.
    package func finish(_ claimed: ClaimedSubmission, as state: SubmissionState, now: Timestamp = .now()) async throws {
        let wantsCopy = claimed.submission.saveToSent && (state == .sent || state == .partiallySent)
        let phase: SubmissionPhase = wantsCopy ? .sentCopy : state == .unknown ? .undecided : .finished
        let envelope = try sealedEnvelope(claimed.submission)
        try await change(
            claimed.lease,
            """
            phase = \(phase.rawValue), state = \(state.rawValue), envelope = \(envelope),
            due_at = \(wantsCopy ? now.milliseconds : nil), \(Self.unlocked)
            """, droppingContent: phase == .finished, telling: Self.eventTypes(of: state), at: now)
    }

    /// The copy is in Sent (or the server files it itself: nil); nothing remains to be done.
    package func finishSentCopy(_ claimed: ClaimedSubmission, sentMessageID: EmailID?) async throws {
        try await change(
            claimed.lease,
            """
            phase = \(SubmissionPhase.finished.rawValue), sent_message_id = \(sentMessageID?.rawValue),
            due_at = \(SQLValue.null), \(Self.unlocked)
            """, droppingContent: true)
    }

    /// The copy could not be made now; tried again later.
    package func rescheduleSentCopy(_ claimed: ClaimedSubmission, at time: Timestamp) async throws {
        let envelope = try sealedEnvelope(claimed.submission)
        try await change(
            claimed.lease, "envelope = \(envelope), due_at = \(time.milliseconds), \(Self.unlocked)")
    }

    /// The copy will never be made; `submission.error` says why.
    ///
    /// The mail itself was sent.
    package func abandonSentCopy(_ claimed: ClaimedSubmission) async throws {
        let envelope = try sealedEnvelope(claimed.submission)
        try await change(
            claimed.lease,
            """
            phase = \(SubmissionPhase.finished.rawValue), envelope = \(envelope), due_at = \(SQLValue.null),
            \(Self.unlocked)
            """, droppingContent: true)
    }

    private static let unlocked: SQL = "locked_by = NULL, locked_until = NULL"

    private func change(
        _ lease: SubmissionLease, _ assignments: SQL, droppingContent: Bool = false, telling types: [EventType] = [],
        at time: Timestamp = .now()
    ) async throws {
        let appended = try await database.write { sql in
            let changed = try sql.execute(
                """
                UPDATE submissions SET \(assignments) WHERE id = \(lease.id.rawValue)
                    AND locked_by = \(lease.owner) AND lock_epoch = \(lease.epoch)
                """)
            guard changed == 1 else { throw StoreError.leaseLost(lease.id) }
            if droppingContent { try Self.dropContent(of: lease.id, sql) }
            return try append(types, of: lease.id, at: time, sql)
        }
        events.committed(appended)
    }
}
