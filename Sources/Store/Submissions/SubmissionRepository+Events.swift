import Database
import Model
import Representation

/// What an outcome is told as, in the transaction that writes it.
extension SubmissionRepository {
    /// A partly sent submission is both: some recipients have it, and some will never get it.
    static func eventTypes(of state: SubmissionState) -> [EventType] {
        switch state {
        case .sent: [.submissionSent]
        case .partiallySent: [.submissionSent, .submissionFailed]
        case .failed: [.submissionFailed]
        case .unknown: [.submissionUnknown]
        case .scheduled, .queued, .sending, .canceled: []
        }
    }

    /// Appends events that show the row as it stands now.
    func append(
        _ types: [EventType], of id: SubmissionID, at time: Timestamp, _ sql: any SQLConnection
    ) throws -> [Event] {
        guard !types.isEmpty,
            let row = try sql.first("SELECT \(Self.columns) FROM submissions WHERE id = \(id.rawValue)")
        else { return [] }
        let submission = try withReports([submission(row)], sql)[0]
        let data = JSONWriter.bytes(of: submission)
        return try events.append(
            types.map { EventDraft($0, of: submission.accountID, data: data) }, at: time, in: sql)
    }
}
