import Database
package import Model
import Representation

/// What a delivery worker does with the queue: durable when it returns, each row fenced by its lease.
extension SubmissionRepository {
    /// Writes one turn in one transaction.
    ///
    /// Rows that are lost are told, and harm no others.
    package func take(
        _ turn: SubmissionTurn, by owner: String, until: Timestamp, now: Timestamp = .now()
    ) async throws -> SubmissionTurnOutcome {
        guard !turn.isEmpty else { return SubmissionTurnOutcome() }
        let (outcome, rows, appended) = try await database.write { sql in
            var outcome = SubmissionTurnOutcome()
            var drafts: [EventDraft] = []
            for item in turn.marks where try !mark(item, sql) { outcome.lost.insert(item.lease.id) }
            for result in turn.results {
                let change = try change(for: result, now: now)
                guard try write(change, result.item, sql) else {
                    outcome.lost.insert(result.item.lease.id)
                    continue
                }
                let data = JSONWriter.bytes(of: change.submission)
                drafts += change.events.map { EventDraft($0, of: change.submission.accountID, data: data) }
            }
            var rows: [SQLRow] = []
            for claim in turn.claims { rows += try take(claim, by: owner, until: until, now: now, sql) }
            let contents = try contents(of: rows, sql)
            return (outcome, (rows, contents), try events.append(drafts, at: now, in: sql))
        }
        events.committed(appended)
        var result = outcome
        var foreign: [SQLRow] = []
        // A row that does not open keeps no other back.
        for row in rows.0 {
            do {
                result.claimed.append(try claimed(row, rows.1))
            } catch {
                let fault = error as? StoreError ?? .unreadable("submissions")
                if fault.isLackOfKey { foreign.append(row) }
                result.unopened[SubmissionID(rawValue: try row.text("id"))] = fault
            }
        }
        result.claimed.sort {
            ($0.submission.createdAt, $0.submission.id) < ($1.submission.createdAt, $1.submission.id)
        }
        // The turn is written, whatever becomes of this: else they are free when the lease ends.
        try? await giveBack(foreign, now: now)
        return result
    }

    /// As if they had not been taken, but a moment later: a node that has their key may be quicker then.
    private func giveBack(_ rows: [SQLRow], now: Timestamp) async throws {
        guard !rows.isEmpty else { return }
        let unclaimed = Self.unclaimed(due: now.advanced(by: Limits.keylessPause))
        let changes: [SQL] = try rows.map { row in
            """
            UPDATE submissions SET \(unclaimed)
            WHERE id = \(try row.text("id")) AND locked_by = \(try row.text("locked_by"))
                AND lock_epoch = \(try row.integer("lock_epoch"))
            """
        }
        _ = try await database.write { sql in try sql.execute(all: changes) }
    }

    private func claimed(_ row: SQLRow, _ contents: [String: [UInt8]]) throws -> ClaimedSubmission {
        var item = try claimed(row)
        if let blob = item.blob, let sealed = contents[blob] {
            item.content = try sealer.open(sealed, at: ContentUpload.place(blob, 0, lastOf: item.submission.id))
        }
        return item
    }

    /// When the first row of each account is due for each step.
    ///
    /// It reads the index of what waits from end to end, and no row.
    package func queueHeads() async throws -> [QueueKey: Timestamp] {
        try await database.read { sql in
            var heads: [QueueKey: Timestamp] = [:]
            let rows = try sql.rows(
                """
                SELECT account_id, phase, MIN(due_at) AS due_at FROM submissions
                WHERE due_at IS NOT NULL AND locked_by IS NULL AND account_id > '' GROUP BY account_id, phase
                """)
            for row in rows {
                guard let phase = SubmissionPhase(rawValue: try row.text("phase")), let track = QueueTrack(phase)
                else { continue }
                heads[QueueKey(AccountID(rawValue: try row.text("account_id")), track)] = Timestamp(
                    milliseconds: try row.integer("due_at"))
            }
            return heads
        }
    }

    private func mark(_ item: ClaimedSubmission, _ sql: any SQLConnection) throws -> Bool {
        // Most first attempts have changed nothing in the envelope yet.
        let isChanged = item.submission.attempts > 1 || item.submission.recipients.contains { $0.state != .queued }
        let envelope: SQL =
            isChanged ? ", envelope = \(try sealedEnvelope(item.submission))" : ""
        return try update(item.lease, "phase = \(SubmissionPhase.inDoubt.rawValue)\(envelope)", sql)
    }

    private func take(
        _ claim: QueueClaim, by owner: String, until: Timestamp, now: Timestamp, _ sql: any SQLConnection
    ) throws -> [SQLRow] {
        let delivery = SubmissionPhase.delivery.rawValue
        let phase = claim.key.track.phase.rawValue
        return try sql.rows(
            """
            WITH due AS MATERIALIZED (
                SELECT id FROM submissions
                WHERE account_id = \(claim.key.account.rawValue) AND phase = \(phase)
                    AND due_at IS NOT NULL AND locked_by IS NULL AND due_at <= \(now.milliseconds)
                ORDER BY due_at LIMIT \(min(claim.limit, Limits.rowsPerClaim))\(sql.dialect.skippingLocked))
            UPDATE submissions SET locked_by = \(owner), locked_until = \(until.milliseconds),
                lock_epoch = lock_epoch + 1,
                state = CASE phase WHEN \(delivery) THEN \(SubmissionState.sending.rawValue) ELSE state END,
                attempts = attempts + CASE phase WHEN \(delivery) THEN 1 ELSE 0 END,
                copy_attempts = copy_attempts + CASE phase WHEN \(delivery) THEN 0 ELSE 1 END
            WHERE id IN (SELECT id FROM due)
            RETURNING \(Self.columns)
            """)
    }

    /// The sealed messages of those rows whose message is one small chunk: no read of its own for each.
    ///
    /// A small one that was put into the store early has an empty chunk behind it, and is read like a large one.
    private func contents(of rows: [SQLRow], _ sql: any SQLConnection) throws -> [String: [UInt8]] {
        var blobs: [String] = []
        for row in rows where try row.integer("size") <= Limits.contentWithClaim && row.text("phase") == "delivery" {
            if let blob = try row.optionalText("blob_id") { blobs.append(blob) }
        }
        var contents: [String: [UInt8]] = [:]
        var rest = blobs[...]
        while !rest.isEmpty {
            let part = rest.prefix(Limits.keysInStatement)
            rest = rest.dropFirst(part.count)
            for row in try sql.rows(
                """
                SELECT blob_id, sealed FROM blob_chunks AS whole WHERE position = 0 AND blob_id IN \(list: Array(part))
                    AND NOT EXISTS (
                        SELECT 1 FROM blob_chunks AS more WHERE more.blob_id = whole.blob_id AND more.position = 1)
                """)
            {
                contents[try row.text("blob_id")] = try row.blob("sealed")
            }
        }
        return contents
    }

    /// What a result means for its row.
    private struct Change {
        var submission: Submission
        var assignments: SQL
        var dropsContent = false
        var events: [EventType] = []
    }

    private func change(for result: SubmissionResult, now: Timestamp) throws -> Change {
        var submission = result.item.submission
        let phase: SubmissionPhase
        var due: Timestamp?
        var types: [EventType] = []
        switch result.ending {
        case .settled:
            let wantsCopy =
                submission.sentCopy.state == .pending
                && (submission.state == .sent || submission.state == .partiallySent)
            if !wantsCopy, submission.sentCopy.state == .pending { submission.sentCopy.state = .none }
            phase = wantsCopy ? .sentCopy : .finished
            due = wantsCopy ? now : nil
            submission.unknownSince = nil
            types = Self.eventTypes(of: submission.state)
        case .queued(let time, let isDeferred):
            (phase, due) = (.delivery, time)
            submission.state = .queued
            submission.nextAttemptAt = time
            types = isDeferred ? [.submissionDeferred] : []
        case .released(let time):
            return Change(submission: submission, assignments: Self.unclaimed(due: time))
        case .undecided(let time):
            (phase, due) = (.undecided, time)
            submission.state = .unknown
            if submission.unknownSince == nil {
                submission.unknownSince = now
                types = [.submissionUnknown]
            }
        case .closed: phase = .finished
        case .copying(let time):
            (phase, due) = (.sentCopy, time)
            submission.sentCopy.nextAttemptAt = time
        }
        return Change(
            submission: submission,
            assignments: """
                phase = \(phase.rawValue), state = \(submission.state.rawValue),
                envelope = \(try sealedEnvelope(submission)), due_at = \(due?.milliseconds),
                sent_message_id = \(submission.sentMessageID?.rawValue), \(Self.unlocked)
                """, dropsContent: phase == .finished, events: types)
    }

    private func write(_ change: Change, _ item: ClaimedSubmission, _ sql: any SQLConnection) throws -> Bool {
        var assignments = change.assignments
        if change.dropsContent {
            assignments = "\(assignments), blob_id = NULL"
            // A draft that was not sent may be sent again.
            if change.submission.state == .failed { assignments = "\(assignments), \(Self.forgetsDraft)" }
        }
        guard try update(item.lease, assignments, sql) else { return false }
        if change.dropsContent, let blob = item.blob { try sql.execute("DELETE FROM blobs WHERE id = \(blob)") }
        return true
    }

    static let forgetsDraft: SQL = "source = CASE WHEN source LIKE 'draft:%' THEN NULL ELSE source END"
    /// A row as if it had not been taken.
    private static func unclaimed(due: Timestamp) -> SQL {
        let (delivery, inDoubt) = (SubmissionPhase.delivery.rawValue, SubmissionPhase.inDoubt.rawValue)
        let (scheduled, queued) = (SubmissionState.scheduled.rawValue, SubmissionState.queued.rawValue)
        return """
            due_at = \(due.milliseconds), \(unlocked), phase = CASE phase WHEN \(inDoubt) THEN \(delivery) ELSE phase END,
            state = CASE WHEN phase NOT IN (\(delivery), \(inDoubt)) THEN state
                WHEN attempts = 1 AND send_at IS NOT NULL THEN \(scheduled) ELSE \(queued) END,
            attempts = attempts - CASE WHEN phase IN (\(delivery), \(inDoubt)) THEN 1 ELSE 0 END,
            copy_attempts = copy_attempts - CASE WHEN phase IN (\(delivery), \(inDoubt)) THEN 0 ELSE 1 END
            """
    }

    private static let unlocked: SQL = "locked_by = NULL, locked_until = NULL"

    private func update(
        _ lease: SubmissionLease, _ assignments: SQL, _ sql: any SQLConnection
    ) throws(DatabaseError) -> Bool {
        try sql.execute(
            """
            UPDATE submissions SET \(assignments) WHERE id = \(lease.id.rawValue)
                AND locked_by = \(lease.owner) AND lock_epoch = \(lease.epoch)
            """) == 1
    }
}
