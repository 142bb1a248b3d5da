import Database
import Model
import Store
import Wire

/// A store in which every sealed column has a value, and what opens them all.
enum SealedSamples {
    static let account = AccountID(rawValue: "a")
    static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    static func fill(_ store: MailStore) async throws {
        let tokens = OAuthTokens(
            access: Secret("access"), refresh: Secret("refresh"), expiresAt: .at(5000), lifetime: .seconds(60))
        _ = try await store.accounts.insert(.sample("a"), credentials: .sample, tokens: [nil: tokens])
        try await store.webhooks.insert(.sample("whk_1"))
        try await store.templates.insert(template("secret"))
        try await store.authorizations.insert(
            AuthorizationRecord(
                Authorization(
                    id: "auth_1", email: "ada@example.org", provider: nil, account: nil, name: nil, returnURL: nil,
                    createdAt: .at(1), expiresAt: .distantFuture)), link: Secret("link"))
        try await store.submissions.insert(.sample("s1"), content: content)
        try await store.submissions.insert(.sample("s2"), content: [1, 2, 3])
        if case .new(let claim) = try await store.idempotency.begin(key: "k", principal: "p", payload: [1]) {
            try await store.idempotency.finish(claim, with: answer)
        }
        try await addReport(store)
    }

    static func template(_ text: String) -> Template {
        Template(
            id: TemplateID(rawValue: "t1"),
            content: TemplateContent(name: "n", subject: "s", text: text, html: nil), createdAt: .at(1),
            updatedAt: .at(1), revision: 1)
    }

    private static let answer = StoredResponse(status: 201, headers: [], body: Array("secret".utf8))

    private static func addReport(_ store: MailStore) async throws {
        let start = try await store.outcome.position()
        var turn = OutcomeTurn(after: start, position: start + 1)
        turn.candidates = [ReportCandidate(account: account, message: EmailID(rawValue: "B"))]
        _ = try await store.outcome.advance(turn, now: .at(1))
        let task = try await store.outcome.claim(limit: 1, until: .at(2000), now: .at(1000))[0]
        let submission = try await store.submissions.submission(SubmissionID(rawValue: "s1"), of: account)
        _ = try await store.submissions.record(
            DeliveryReport(
                accountID: account, messageID: EmailID(rawValue: "B"), arrivedAt: .at(1000), originalMessageID: nil,
                reporter: "mx",
                notices: [DeliveryNotice(email: "bob@example.net", action: .failed, enhancedCode: "5.1.1", text: "no")]
            ), of: submission, telling: [.messageBounced], ending: task)
    }

    /// All that was put in, as text that two stores can be compared by; opening fails where a value does not open.
    static func read(_ store: MailStore) async throws -> [String] {
        var found: [String] = []
        let credentials = try await store.accounts.opened(account)?.credentials
        found.append("\(credentials == .sample)")
        let tokens = try await store.oauthTokens.tokens(of: OAuthHolder(account: account, mailProtocol: nil))
        found.append(tokens?.refresh?.revealed ?? "none")
        let webhooks = try await store.webhooks.list(after: nil, limit: 9).data
        found.append("\(webhooks.map(\.settings.url))")
        found.append("\(try await store.templates.template(TemplateID(rawValue: "t1"))?.content.text ?? "none")")
        found.append("\(try await store.authorizations.find("auth_1")?.authorization.email ?? "none")")
        for id in ["s1", "s2"] {
            let id = SubmissionID(rawValue: id)
            let submission = try await store.submissions.submission(id, of: account)
            found.append("\(submission?.recipients.map(\.email) ?? []) \(submission?.recipients[0].reports.count ?? 0)")
            var reader = try await store.submissions.content(of: id)
            var octets: [UInt8] = []
            while let chunk = try await reader?.next() { octets += chunk }
            found.append("\(octets.count) \(octets == content)")
        }
        if case .replay(let answer) = try await store.idempotency.begin(key: "k", principal: "p", payload: [1]) {
            found.append(String(decoding: answer.body, as: UTF8.self))
        }
        let events = try await store.events.page(after: 0, filter: EventFilter(), limit: 500)
        found.append(
            "\(events.events.map { "\($0.sequence) \($0.id) \($0.type) \(String(decoding: $0.data, as: UTF8.self))" })")
        return found
    }

    /// The number of the data key of every sealed value that there is, by table.
    static func keys(_ database: any SQLDatabase) async throws -> [String: Set<UInt32>] {
        var keys: [String: Set<UInt32>] = [:]
        for column in SealedColumn.all {
            let rows = try await database.read { sql in
                try sql.rows("SELECT \(unescaped: column.name) AS value FROM \(unescaped: column.table)")
            }
            keys[column.table] = try Set(
                rows.compactMap { try $0.optionalBlob("value") }.map { $0[1..<5].reduce(0) { $0 << 8 | UInt32($1) } })
        }
        return keys
    }
}
