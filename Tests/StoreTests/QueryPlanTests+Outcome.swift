import Model
import Store

extension QueryPlanTests {
    /// Calls every verb on templates and on what becomes of sent mail.
    static func exerciseOutcome(_ store: MailStore) async throws {
        let account = AccountID(rawValue: "a")
        var template = Template(
            id: TemplateID(rawValue: "t"), content: TemplateContent(text: "x"), createdAt: .at(1), updatedAt: .at(1),
            revision: 1)
        try await store.templates.insert(template)
        _ = try await store.templates.template(template.id)
        _ = try await store.templates.list(after: nil, limit: 5)
        template.revision = 2
        _ = try await store.templates.update(template, ifRevision: 1)
        for revision in [1, nil] as [Int64?] { _ = try await store.templates.delete(template.id, ifRevision: revision) }

        let submission = Submission.sample("s9")
        var upload = store.submissions.beginContent(for: account)
        try await upload.append([1])
        let mark = OriginalMark(message: EmailID(rawValue: "M"), keyword: "$answered")
        try await store.submissions.insert([NewSubmission(submission, content: upload, mark: mark)])
        try await store.submissions.discard(store.submissions.beginContent(for: account))
        let position = try await store.outcome.position()
        try await store.outcome.jump(to: position, from: position)
        var turn = OutcomeTurn(after: position, position: position + 1)
        turn.candidates = [
            ReportCandidate(account: account, message: EmailID(rawValue: "1"), onlyIfOneOf: [submission.messageID]),
            ReportCandidate(account: account, message: EmailID(rawValue: "2")),
        ]
        turn.sent = [submission.id]
        turn.failed = [submission.id]
        _ = try await store.outcome.advance(turn, now: .at(1))
        _ = try await store.outcome.nextDue()
        try await store.outcome.releaseClaims(until: .at(5), now: .at(1))
        let tasks = try await store.outcome.claim(limit: 9, until: .at(9), now: .at(2))
        try await store.outcome.postpone(tasks[0], to: .at(9))
        let found = try await store.submissions.find(
            ReportedMessage(envelopeID: "x", messageIDs: [submission.messageID]), isMeant: { _ in true })
        let report = DeliveryReport(
            accountID: account, messageID: EmailID(rawValue: "1"), arrivedAt: .at(1),
            notices: [DeliveryNotice(email: nil, action: .delayed)])
        _ = try await store.submissions.record(
            report, of: found, telling: [.messageBounced, .submissionDeferred], ending: tasks[1])
        try await store.outcome.remove(tasks[0])
    }
}
