import Database
import Model
import Store
import TestDatabases
import Testing

/// What a dead node had taken is free, and nobody else's is; on both databases, and where others commit in between.
@Suite struct DeadNodeTests {
    private static let account = AccountID(rawValue: "a")

    private static func withQueue(
        _ fixture: DatabaseFixture, _ body: (MailStore, MeddlingDatabase) async throws -> Void
    ) async throws {
        try await fixture.withDatabase { inner in
            let database = MeddlingDatabase(inner)
            let store = try await MailStore.open(database, masterKey: try .example)
            try await store.addAccount("a")
            for id in ["s1", "s2", "s3"] { try await store.submissions.insert(.sample(id), content: [1]) }
            try await body(store, database)
        }
    }

    private static func claim(_ store: MailStore, by node: String, limit: Int = 1) async throws -> [ClaimedSubmission] {
        try await store.submissions.claim(by: node, limit: limit, until: .distantFuture, now: .at(2000))
    }

    @Test(arguments: DatabaseFixture.all)
    func `submissions of the dead are due again or unknown, those of the living stay`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await Self.withQueue(fixture) { store, _ in
            try await store.beat("living", for: .seconds(60))
            let dead = try await Self.claim(store, by: "dead")
            let doubtful = try await Self.claim(store, by: "dead")
            try await store.submissions.markInDoubt(doubtful[0])
            let living = try await Self.claim(store, by: "living")
            let recovered = try await store.submissions.recoverDead(besides: "own", now: .at(2000))
            #expect(recovered.requeued == dead.map(\.submission.id))
            #expect(recovered.unknown == doubtful.map(\.submission.id))
            let still = try await store.submissions.submission(living[0].submission.id, of: Self.account)
            #expect(still?.state == .sending)
            #expect(try await store.submissions.recoverDead(besides: "own") == RecoveredSubmissions())
            // Its own claims are its own, also where the others have struck it out.
            #expect(try await Self.claim(store, by: "own").count == 1)
            #expect(try await store.submissions.recoverDead(besides: "own") == RecoveredSubmissions())
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a node that joined between the two looks is not taken for dead`(_ fixture: DatabaseFixture) async throws {
        try await Self.withQueue(fixture) { store, database in
            let claimed = try await Self.claim(store, by: "joining")
            // Before the second question who lives; the first one was a part of the condition.
            database.meddle(
                before: "FROM submissions WHERE locked_by",
                with: """
                    INSERT INTO nodes (id, started_at, alive_until, is_syncing) VALUES ('joining', 1, 9000000000000, 1)
                    """)
            #expect(try await store.submissions.recoverDead(besides: "own") == RecoveredSubmissions())
            #expect(database.isDone)
            let still = try await store.submissions.submission(claimed[0].submission.id, of: Self.account)
            #expect(still?.state == .sending)
            try await store.nodes.leave("joining")
            #expect(try await store.submissions.recoverDead(besides: "own").requeued == [claimed[0].submission.id])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `deliveries of the dead are due again, those of a node that joined meanwhile stay`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await Self.withQueue(fixture) { store, database in
            try await store.webhooks.insert(.sample("whk_1"))
            let id = WebhookID(rawValue: "whk_1")
            var turn = WebhookTurn()
            turn.assignments = [
                WebhookAssignment(
                    webhook: id, revision: 1, from: 0, to: 2,
                    matches: [1, 2].map { WebhookAssignment.Match(sequence: $0, account: Self.account) },
                    isOrdered: false)
            ]
            turn.looks = [WebhookLook(webhook: id, limit: 9)]
            let taken = try await store.deliveries.take(turn, by: "joining", until: .distantFuture, now: .at(4))
            #expect(taken.claimed[id]?.count == 2)
            database.meddle(
                before: "FROM webhook_deliveries WHERE locked_by",
                with: """
                    INSERT INTO nodes (id, started_at, alive_until, is_syncing) VALUES ('joining', 1, 9000000000000, 1)
                    """)
            #expect(try await store.deliveries.recoverDead(besides: "own") == 0)
            #expect(database.isDone)
            try await store.nodes.leave("joining")
            #expect(try await store.deliveries.recoverDead(besides: "own") == 2)
            #expect(try await store.deliveries.recoverDead(besides: "own") == 0)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a row that does not open stays, and keeps none of the next batch back`(_ fixture: DatabaseFixture)
        async throws
    {
        try await Self.withQueue(fixture) { store, database in
            let broken = try await Self.claim(store, by: "dead")
            try await store.submissions.markInDoubt(broken[0])
            let count = Limits.rowsPerClaim + 1
            let octets = [UInt8](repeating: 1, count: 50)
            try await database.write { sql in
                // It comes first.
                try sql.execute(
                    "UPDATE submissions SET envelope = \(octets), locked_until = 1 WHERE locked_by = 'dead'")
                for number in 0..<count {
                    try sql.execute(
                        """
                        INSERT INTO submissions (id, account_id, state, phase, message_id, created_at, attempts, copy_attempts,
                            save_to_sent, envelope, size, locked_by, locked_until, lock_epoch)
                        VALUES (\("n\(number)"), 'a', 'sending', 'delivery', 'm', 1, 1, 0, 0, \(octets), 1, 'gone', 2, 1)
                        """)
                }
            }
            let recovered = try await store.submissions.recover(expiredBy: .at(2), now: .at(2000))
            #expect(recovered.requeued.count == count && recovered.unknown.isEmpty)
            #expect(recovered.unopened == [broken[0].submission.id])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `deliveries of a node that joined meanwhile do not keep those of the next batch`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await Self.withQueue(fixture) { store, database in
            try await store.webhooks.insert(.sample("whk_1"))
            try await database.write { sql in
                for number in 1...Limits.rowsPerClaim + 1 {
                    try sql.execute(
                        """
                        INSERT INTO webhook_deliveries (webhook_id, sequence, account_id, is_ordered, state, attempts, created_at,
                            locked_by, locked_until, lock_epoch)
                        VALUES ('whk_1', \(number), 'a', 0, 'pending', 0, 1, \(number == 1 ? "a joining" : "dead"), 1, 1)
                        """)
                }
            }
            database.meddle(
                before: "FROM webhook_deliveries WHERE locked_by",
                with: """
                    INSERT INTO nodes (id, started_at, alive_until, is_syncing) VALUES ('a joining', 1, 9000000000000, 1)
                    """)
            #expect(try await store.deliveries.recoverDead(besides: "own") == Limits.rowsPerClaim)
            #expect(database.isDone)
        }
    }

    /// What another node may have committed between the question and the change.
    private static let changes: [SQL] = [
        "UPDATE submissions SET locked_by = 'other', locked_until = 9000000000000, lock_epoch = lock_epoch + 1 WHERE id = 's1'",
        "UPDATE submissions SET phase = 'finished', state = 'sent', due_at = NULL WHERE id = 's1'",
        // Taken and given back: what was read of the recipients is old.
        "UPDATE submissions SET lock_epoch = lock_epoch + 1 WHERE id = 's1'",
    ]

    @Test(arguments: DatabaseFixture.all, 0..<3)
    func `a retry loses against a worker who was quicker`(_ fixture: DatabaseFixture, change: Int) async throws {
        try await Self.withQueue(fixture) { store, database in
            let id = SubmissionID(rawValue: "s1")
            database.meddle(before: "UPDATE submissions SET phase", with: Self.changes[change])
            #expect(try await store.submissions.retry(id, of: Self.account, now: .at(7)) == .tooLate)
            #expect(database.isDone)
            let next = try await store.submissions.submission(id, of: Self.account)?.nextAttemptAt
            #expect(next != .at(7))
            // Nobody is in the way of the others.
            let other = SubmissionID(rawValue: "s2")
            #expect(try await store.submissions.retry(other, of: Self.account, now: .at(7)) == .due)
        }
    }
}
