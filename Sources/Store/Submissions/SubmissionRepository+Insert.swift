import Database
package import Model

/// A submission with the message that belongs to it, ready to be stored.
package struct NewSubmission: Sendable {
    package var submission: Submission
    package var content: ContentUpload
    /// What its success does to the message that it answers or passes on.
    package var mark: OriginalMark?

    package init(_ submission: Submission, content: ContentUpload, mark: OriginalMark? = nil) {
        self.submission = submission
        self.content = content
        self.mark = mark
    }
}

extension SubmissionRepository {
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
        try await insert([NewSubmission(submission, content: upload)])
    }

    /// Many at once: after a crash either all of them are there or none is.
    package func insert(_ batch: [NewSubmission]) async throws {
        guard !batch.isEmpty else { return }
        let sealed = try batch.map { new in
            var submission = new.submission
            submission.content = new.content.kind
            return (
                last: try new.content.sealedRest(of: submission.id), envelope: try sealedEnvelope(submission)
            )
        }
        try await database.write { sql in
            for (new, sealed) in zip(batch, sealed) {
                try insertContent(new.content, last: sealed.last, at: new.submission.createdAt, sql)
                try insert(new, envelope: sealed.envelope, sql)
                if let mark = new.mark { try OutcomeRepository.expect(mark, of: new.submission, sql) }
            }
        }
    }

    /// Gives up what was taken of a message that is not to be stored.
    package func discard(_ upload: ContentUpload) async throws {
        try await database.execute("DELETE FROM blobs WHERE id = \(upload.id) AND is_owned = 0")
    }

    private func insertContent(
        _ upload: ContentUpload, last: (position: Int, sealed: [UInt8]), at time: Timestamp, _ sql: any SQLConnection
    ) throws {
        try sql.execute(
            """
            INSERT INTO blobs (id, account_id, is_owned, created_at)
            VALUES (\(upload.id), \(upload.account.rawValue), 1, \(time.milliseconds))
            ON CONFLICT (id) DO UPDATE SET is_owned = 1
            """)
        try sql.execute(
            """
            INSERT INTO blob_chunks (blob_id, position, sealed)
            VALUES (\(upload.id), \(last.position), \(last.sealed))
            """)
    }

    private func insert(_ new: NewSubmission, envelope: [UInt8], _ sql: any SQLConnection) throws {
        let submission = new.submission
        if let source = submission.source { try forget(source, before: submission, sql) }
        let due = submission.sendAt ?? submission.nextAttemptAt ?? submission.createdAt
        try sql.execute(
            """
            INSERT INTO submissions (id, account_id, state, phase, message_id, send_at, created_at, due_at,
                attempts, copy_attempts, save_to_sent, envelope, blob_id, size, lock_epoch, source)
            VALUES (\(submission.id.rawValue), \(submission.accountID.rawValue), \(submission.state.rawValue),
                \(SubmissionPhase.delivery.rawValue), \(submission.messageID), \(submission.sendAt?.milliseconds),
                \(submission.createdAt.milliseconds), \(due.milliseconds), 0, 0, \(submission.saveToSent),
                \(envelope), \(new.content.id), \(new.content.size), 0, \(submission.source))
            """)
    }

    /// A caller's key means something for a day; a draft is the same for ever.
    private func forget(_ source: String, before submission: Submission, _ sql: any SQLConnection) throws {
        let forgotten = submission.createdAt.milliseconds - Limits.idempotencyLifetime.components.seconds * 1000
        try sql.execute(
            """
            UPDATE submissions SET source = NULL WHERE account_id = \(submission.accountID.rawValue)
                AND source = \(source) AND source LIKE 'key:%' AND created_at < \(forgotten)
            """)
    }
}
