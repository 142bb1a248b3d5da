import Database
import Model

/// The sealed column of a submission's report.
struct ReportDocument: Codable {
    struct Notice: Codable {
        var email: String?
        var action: String
        var enhancedCode: String?
        var text: String?
    }

    var originalMessageID: String?
    var reporter: String?
    var feedbackType: String?
    var notices: [Notice]

    init(_ report: DeliveryReport) {
        originalMessageID = report.originalMessageID
        reporter = report.reporter
        feedbackType = report.feedbackType
        notices = report.notices.map {
            Notice(email: $0.email, action: $0.action.rawValue, enhancedCode: $0.enhancedCode, text: $0.text)
        }
    }

    func model(in account: AccountID, _ message: EmailID, at time: Timestamp) throws(StoreError) -> DeliveryReport {
        var notices: [DeliveryNotice] = []
        for notice in self.notices {
            guard let action = DeliveryNotice.Action(rawValue: notice.action) else {
                throw .unreadable("submission_reports/sealed")
            }
            notices.append(
                DeliveryNotice(
                    email: notice.email, action: action, enhancedCode: notice.enhancedCode, text: notice.text))
        }
        return DeliveryReport(
            accountID: account, messageID: message, arrivedAt: time, originalMessageID: originalMessageID,
            reporter: reporter, feedbackType: feedbackType, notices: notices)
    }
}

extension SubmissionRepository {
    /// The same submissions with what reports said of their recipients.
    func withReports(_ submissions: [Submission], _ sql: any SQLConnection) throws -> [Submission] {
        guard !submissions.isEmpty else { return [] }
        var reports: [SubmissionID: [DeliveryReport]] = [:]
        var rest = submissions.map(\.id.rawValue)[...]
        while !rest.isEmpty {
            let rows = try sql.rows(
                """
                SELECT submission_id, account_id, email_id, sealed, created_at FROM submission_reports
                WHERE submission_id IN \(list: Array(rest.prefix(Limits.keysInStatement)))
                """)
            for row in rows {
                let id = SubmissionID(rawValue: try row.text("submission_id"))
                reports[id, default: []].append(try report(row, of: id))
            }
            rest = rest.dropFirst(Limits.keysInStatement)
        }
        guard !reports.isEmpty else { return submissions }
        return submissions.map { submission in
            var submission = submission
            for report in (reports[submission.id] ?? []).sorted(by: { $0.arrivedAt < $1.arrivedAt }) {
                for notice in report.notices {
                    guard let index = submission.recipients.firstIndex(where: { $0.email == notice.email }) else {
                        continue
                    }
                    submission.recipients[index].add(RecipientReport(notice, in: report))
                }
            }
            return submission
        }
    }

    func sealed(_ report: DeliveryReport, of id: SubmissionID) throws(StoreError) -> [UInt8] {
        try sealer.seal(try Document.octets(ReportDocument(report)), at: Self.place(report, of: id))
    }

    private func report(_ row: SQLRow, of id: SubmissionID) throws -> DeliveryReport {
        let account = AccountID(rawValue: try row.text("account_id"))
        let message = EmailID(rawValue: try row.text("email_id"))
        let octets = try sealer.open(try row.blob("sealed"), at: Self.place(account, message, of: id))
        let document = try Document.decode(ReportDocument.self, from: octets, place: "submission_reports/sealed")
        return try document.model(
            in: account, message, at: Timestamp(milliseconds: try row.integer("created_at")))
    }

    private static func place(_ report: DeliveryReport, of id: SubmissionID) -> SealedPlace {
        place(report.accountID, report.messageID, of: id)
    }

    static func place(_ account: AccountID, _ message: EmailID, of id: SubmissionID) -> SealedPlace {
        SealedPlace(table: "submission_reports", row: "\(id)/\(account)/\(message)", column: "sealed")
    }
}
