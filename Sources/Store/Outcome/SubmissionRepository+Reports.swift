import Database
package import Model
import Representation

extension SubmissionRepository {
    /// The submission that a report tells of, if it is one of ours: by its own id, which we give servers as ENVID, or by its
    /// Message-ID.
    ///
    /// One Message-ID can be that of several: then the newest, or one of whose recipients `isMeant` says yes.
    package func find(
        _ reported: ReportedMessage, isMeant: @escaping @Sendable (Submission) -> Bool
    ) async throws -> Submission? {
        try await database.read { sql in
            if let id = reported.envelopeID {
                let row = try sql.first("SELECT \(Self.columns) FROM submissions WHERE id = \(id)")
                if let row { return try submission(row) }
            }
            for messageID in reported.messageIDs.prefix(10) {
                let found = try sql.rows(
                    """
                    SELECT \(Self.columns) FROM submissions WHERE message_id = \(messageID) LIMIT 20
                    """
                ).map(submission).sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
                if let best = found.first(where: isMeant) ?? found.first { return best }
            }
            return nil
        }
    }

    /// Ends the task with what the report says: the recipients' new states and the events are one transaction.
    ///
    /// Nil where the task was somebody else's meanwhile: then that one tells.
    package func record(
        _ report: DeliveryReport, of submission: Submission?, telling types: [EventType], ending task: OutcomeTask,
        now: Timestamp = .now()
    ) async throws -> [Event]? {
        let notice = DeliveryReportNotice(report, of: submission?.id)
        let sealed = try submission.map { try self.sealed(report, of: $0.id) }
        let appended = try await database.write { sql -> [Event]? in
            let ended = try sql.execute(
                "DELETE FROM outcome_tasks WHERE id = \(task.id) AND attempts = \(Int64(task.attempts))")
            guard ended == 1 else { return nil }
            if let submission, let sealed {
                try sql.execute(
                    """
                    INSERT INTO submission_reports (submission_id, account_id, email_id, sealed, created_at)
                    VALUES (\(submission.id.rawValue), \(report.accountID.rawValue), \(report.messageID.rawValue),
                        \(sealed), \(report.arrivedAt.milliseconds))
                    ON CONFLICT (submission_id, account_id, email_id) DO UPDATE SET sealed = excluded.sealed
                    """)
            }
            var events: [Event] = []
            for type in types {
                if type == .submissionDeferred, let submission {
                    events += try append([type], of: submission.id, at: now, sql)
                } else {
                    let draft = EventDraft(
                        type, of: submission?.accountID ?? report.accountID, data: JSONWriter.bytes(of: notice))
                    events += try self.events.append([draft], at: now, in: sql)
                }
            }
            return events
        }
        if let appended { events.committed(appended) }
        return appended
    }
}
