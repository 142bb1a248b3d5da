import Database
import Model
import Store
import TestDatabases
import Testing
import Wire

/// No verb of a repository reads a whole table, nor sorts more than a bounded set.
@Suite struct QueryPlanTests {
    @Test func `every statement finds its rows by an index`() async throws {
        try await withFolder { folder in
            let database = RecordingDatabase(try SQLiteDatabase(path: folder + "/store.db"))
            let store = try await MailStore.open(database, masterKey: try .example)
            try await Self.exercise(store)
            try await Self.exerciseEvents(store, database)
            try await exerciseSync(store)
            // The two that run once at a start, over a table of a few rows.
            let exempt = ["schema_migrations", "data_keys"]
            var seen = 0
            for statement in database.recorded {
                let text = statement.rendered(for: .sqlite).text
                if exempt.contains(where: text.contains) { continue }
                let plan = try await database.inner.write { sql in
                    try sql.rows("EXPLAIN QUERY PLAN \(statement)").map { try $0.text("detail") }
                }
                seen += 1
                // A few ids are no reason to read a mailbox from end to end, which SQLite does where it is let.
                for (column, index) in [("email_id", "messages_by_email"), ("thread_id", "messages_by_thread")]
                where text.contains("FROM messages")
                    && ["IN (", "= ?", "> ?", "= wanted"].contains(where: { text.contains("WHERE \(column) \($0)") })
                {
                    #expect(plan.contains { $0.contains(index) }, "\(plan) in \(text)")
                }
                for step in plan {
                    // The rows of an INSERT are constants.
                    // So are the rows that a WITH has picked: they were counted by its LIMIT, or given.
                    let isConstant =
                        step.hasPrefix("SCAN") && step.contains(" CONSTANT ROW")
                        || ["SCAN due", "SCAN wanted"].contains(step)
                    #expect(isConstant || !step.hasPrefix("SCAN"), "\(step) in \(text)")
                    // An IN list of primary keys is sorted after it is read: at most the accounts of one token.
                    let isBounded = text.contains("FROM accounts") && text.contains("id IN (")
                    #expect(isBounded || !step.contains("TEMP B-TREE"), "\(step) in \(text)")
                }
            }
            #expect(seen > 30)
            await database.close()
        }
    }

    @Test func `PostgreSQL finds them by an index too`() async throws {
        try await DatabaseFixture.postgresql.withDatabase { inner in
            let database = RecordingDatabase(inner)
            let store = try await MailStore.open(database, masterKey: try .example)
            try await Self.exercise(store)
            try await Self.exerciseEvents(store, database)
            try await exerciseSync(store)
            let exempt = ["schema_migrations", "data_keys", "SET LOCAL", "pg_advisory", "pg_tables"]
            var seen = 0
            for statement in database.recorded {
                let text = statement.rendered(for: .postgresql).text
                if exempt.contains(where: text.contains) { continue }
                let plan = try await inner.write { sql in
                    // Tables of a few rows are read whole, unless that is made dear: what remains has no other way.
                    try sql.execute("SET LOCAL enable_seqscan = off")
                    return try sql.rows("EXPLAIN \(statement)").map { try $0.text("QUERY PLAN") }
                }
                seen += 1
                // This index has only the rows that are wanted.
                if plan.joined().contains("submissions_open") { continue }
                let whole = zip(plan, plan.dropFirst() + [""]).filter { line, next in
                    line.contains("Seq Scan on")
                        || line.contains("Index") && line.contains("Scan") && !next.contains("Index Cond")
                }
                #expect(whole.isEmpty, "\(plan.joined(separator: "\n")) in \(text)")
            }
            #expect(seen > 30)
        }
    }

    @Test func `every foreign key has an index, so that removing an account does not read all mail`() async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(path: folder + "/store.db")
            _ = try await MailStore.open(database, masterKey: try .example)
            for (table, column) in [
                ("credentials", "account_id"), ("submissions", "account_id"), ("blobs", "account_id"),
                ("blob_chunks", "blob_id"), ("webhook_deliveries", "webhook_id"), ("stream_tickets", "token_id"),
                ("account_sync", "account_id"), ("mailboxes", "account_id"), ("messages", "mailbox"),
                ("thread_refs", "account"), ("outcome_tasks", "account_id"), ("outcome_tasks", "submission_id"),
                ("submission_reports", "submission_id"),
            ] {
                let plan = try await database.read { sql in
                    try sql.rows(
                        "EXPLAIN QUERY PLAN SELECT 1 FROM \(unescaped: table) WHERE \(unescaped: column) = 'x'"
                    ).map { try $0.text("detail") }
                }
                #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
            }
            await database.close()
        }
    }

    private static func exerciseEvents(_ store: MailStore, _ database: any SQLDatabase) async throws {
        let accounts: Set = [AccountID(rawValue: "a"), AccountID(rawValue: "b")]
        let drafts = [EventDraft(.mailboxReset, of: accounts.first, data: Array("{}".utf8))]
        let events = try await database.write { sql in try store.events.append(drafts, at: .at(1), in: sql) }
        for types in [nil, [.mailboxReset]] as [Set<EventType>?] {
            _ = try await store.events.page(after: 0, filter: EventFilter(types: types, accounts: accounts), limit: 5)
            _ = try await store.events.page(after: 0, filter: EventFilter(types: types), limit: 5)
        }
        _ = try await store.events.event(events[0].id)
        let token = Token(
            id: TokenID(rawValue: "t2"), name: "t", scopes: [.events], accounts: nil, createdAt: .at(1),
            expiresAt: nil)
        try await store.tokens.insert(token, secret: Secret("y"))
        _ = try await store.tokens.token(token.id)
        try await store.tickets.insert(
            StreamTicketRepository.Ticket(token: token.id, accounts: nil, expiresAt: .at(5)), secret: Secret("z"))
        _ = try await store.tickets.ticket(secret: Secret("z"))
        try await store.tickets.removeExpired(now: .at(6))
        _ = try await store.accounts.countByState()
        _ = try await store.submissions.countOpen()
        try await store.events.removeExpired(before: .distantFuture)
    }

    /// Calls every verb once.
    private static func exercise(_ store: MailStore) async throws {
        let (a, b) = (AccountID(rawValue: "a"), AccountID(rawValue: "b"))
        try await store.addAccount("a")
        try await store.addAccount("b")
        let cursor = PageCursor(createdAt: .at(5), id: "x")
        for visible in [nil, [a, b]] as [Set<AccountID>?] {
            _ = try await store.accounts.list(after: cursor, limit: 5, visible: visible)
            _ = try await store.submissions.list(accounts: visible, after: cursor, limit: 5)
        }
        _ = try await store.accounts.opened(a)
        _ = try await store.accounts.update(.sample("a"), credentials: .sample, ifRevision: 1)
        _ = try await store.accounts.setState(a, .unreachable, lastError: nil, ifRevision: 1)

        let token = Token(
            id: TokenID(rawValue: "t"), name: "t", scopes: [.read], accounts: nil, createdAt: .at(1), expiresAt: nil)
        try await store.tokens.insert(token, secret: Secret("x"))
        _ = try await store.tokens.token(secret: Secret("x"))
        _ = try await store.tokens.list(after: nil, limit: 5)
        _ = try await store.tokens.delete(token.id)

        let begun = try await store.idempotency.begin(key: "k", principal: "p", payload: [1])
        _ = try await store.idempotency.begin(key: "k", principal: "p", payload: [1])
        if case .new(let claim) = begun {
            try await store.idempotency.finish(claim, with: StoredResponse(status: 200, headers: [], body: []))
            try await store.idempotency.abandon(claim)
        }

        for id in ["s1", "s2", "s3", "s4"] {
            try await store.submissions.insert(.sample(id), content: Array(repeating: 0, count: 300_000))
        }
        let queue = store.submissions
        _ = try await queue.submission(SubmissionID(rawValue: "s1"), of: a)
        _ = try await queue.cancel(SubmissionID(rawValue: "s4"), of: a)
        _ = try await queue.claim(by: "n", limit: 1, until: .at(1), now: .at(9000))
        _ = try await queue.retry(SubmissionID(rawValue: "s3"), of: a)
        _ = try await queue.submission(source: "draft:x", of: a)
        try await queue.noteFiling(byServer: true, of: a)
        _ = try await queue.isFiledByServer(a)
        _ = try await queue.recover(expiredBy: .distantFuture)
        let claimed = try await queue.claim(by: "n", limit: 9, until: .at(1), now: .distantFuture)
        for claimed in claimed { try await queue.markInDoubt(claimed) }
        try await queue.reschedule(claimed[0], at: .at(1))
        try await queue.finish(claimed[1], as: .failed)
        try await queue.markInDoubt(claimed[2])
        _ = try await queue.recover(expiredBy: .distantFuture)
        var reader = try await queue.content(of: SubmissionID(rawValue: "s1"))
        while try await reader?.next() != nil {}
        try await exerciseWebhooks(store)
        try await exerciseOutcome(store)
        try await store.sweep(now: .at(1))
        try await store.ping()
        _ = try await store.accounts.delete(b, ifRevision: 1)
        _ = try await store.accounts.delete(a, ifRevision: nil)
    }

    private static func exerciseWebhooks(_ store: MailStore) async throws {
        let id = WebhookID(rawValue: "whk_1")
        var stored = StoredWebhook.sample("whk_1", isOrdered: true)
        try await store.webhooks.insert(stored)
        _ = try await store.webhooks.list(after: nil, limit: 5)
        _ = try await store.webhooks.revisions()
        let matches = (1...3).map { WebhookAssignment.Match(sequence: $0, account: AccountID(rawValue: "a")) }
        var turn = WebhookTurn()
        turn.assignments = [
            WebhookAssignment(webhook: id, revision: 1, from: 0, to: 3, matches: matches, isOrdered: true)
        ]
        turn.looks = [WebhookLook(webhook: id, limit: 9)]
        turn.health = [WebhookHealthChange(webhook: id, health: WebhookHealth(), disables: false)]
        let claimed = try await store.deliveries.take(turn, by: "n", until: .at(5), now: .at(4)).claimed[id] ?? []
        let fault = WebhookFault(code: "c", text: "t")
        for outcome in [
            WebhookSettlement.Outcome.retry(at: .at(5), status: 500, fault: fault), .released(at: .at(5)),
            .failed(status: 500, fault: fault), .delivered(status: 200),
        ] {
            var settling = WebhookTurn()
            settling.settlements = claimed.map { WebhookSettlement($0.lease, outcome) }
            _ = try await store.deliveries.take(settling, by: "n", until: .at(5), now: .at(6))
            _ = try await store.deliveries.take(turn, by: "n", until: .at(5), now: .at(6))
        }
        _ = try await store.deliveries.recover(expiredBy: .distantFuture)
        for state in [nil, WebhookDeliveryState.failed] {
            _ = try await store.deliveries.list(of: id, state: state, before: 9, limit: 5)
        }
        _ = try await store.deliveries.redeliver(WebhookDeliveryID(sequence: 1), of: id)
        _ = try await store.events.events(at: [1, 2])
        _ = try await store.deliveries.counts()
        _ = try await store.webhooks.rewind(id, to: 0)
        stored.webhook.settings.isOrdered = false
        stored.webhook.revision = 3
        _ = try await store.webhooks.update(stored, ifRevision: 2, resetsHealth: true)
        _ = try await store.webhooks.delete(id, ifRevision: nil)
    }
}
