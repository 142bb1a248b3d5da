import Database
import Model
import Store
import TestDatabases
import Testing

@Suite struct IdempotencyRepositoryTests {
    private static let response = StoredResponse(
        status: 201, headers: [(name: "Location", value: "/v1/tokens/tok_1"), (name: "X", value: "ü")],
        body: Array(#"{"secret":"mb_abc"}"#.utf8))

    private static func begin(
        _ keys: IdempotencyRepository, _ principal: String = "p", payload: String = "POST /a", now: Int64 = 1000
    ) async throws -> IdempotencyOutcome {
        try await keys.begin(key: "k", principal: principal, payload: Array(payload.utf8), now: .at(now))
    }

    private static func claim(_ outcome: IdempotencyOutcome) throws -> IdempotencyClaim {
        guard case .new(let claim) = outcome else { throw Unexpected(outcome: outcome) }
        return claim
    }

    private struct Unexpected: Error { let outcome: IdempotencyOutcome }

    @Test(arguments: DatabaseFixture.all)
    func `runs once, then replays; another payload is refused`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            let keys = try await MailStore.open(database, masterKey: try .example).idempotency
            let claim = try Self.claim(try await Self.begin(keys))
            #expect(try await Self.begin(keys) == .running)
            #expect(try await Self.begin(keys, payload: "POST /b") == .mismatch)
            try await keys.finish(claim, with: Self.response)
            #expect(try await Self.begin(keys) == .replay(Self.response))
            #expect(try await Self.begin(keys, payload: "POST /b") == .mismatch)
            _ = try Self.claim(try await Self.begin(keys, "somebody else"))
            let stored = try await database.read { sql in
                try sql.first("SELECT response FROM idempotency_keys WHERE principal = 'p'")?.blob("response")
            }
            #expect(!String(decoding: stored ?? [], as: UTF8.self).contains("mb_abc"))
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `of many at once one runs`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            let started = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 {
                    group.addTask { if case .new = try await Self.begin(store.idempotency) { true } else { false } }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(started == 1)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `is forgotten after a day`(_ fixture: DatabaseFixture) async throws {
        let day: Int64 = 86_400_000
        try await fixture.withStore { store in
            let keys = store.idempotency
            try await keys.finish(try Self.claim(try await Self.begin(keys)), with: Self.response)
            #expect(try await Self.begin(keys, now: 999 + day) == .replay(Self.response))
            // Also where nobody has swept: the row is there, but its time is over.
            let claim = try Self.claim(try await Self.begin(keys, payload: "POST /b", now: 1000 + day))
            try await keys.finish(claim, with: Self.response)
            try await store.sweep(now: .at(1000 + 2 * day))
            _ = try Self.claim(try await Self.begin(keys, now: 1000 + 2 * day))
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a run whose process died is taken over, and its late end changes nothing`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            let keys = store.idempotency
            let dead = try Self.claim(try await Self.begin(keys))
            #expect(try await Self.begin(keys, now: 300_999) == .running)
            #expect(try await Self.begin(keys, payload: "POST /b", now: 301_000) == .mismatch)
            let heir = try Self.claim(try await Self.begin(keys, now: 301_000))
            try await keys.finish(dead, with: StoredResponse(status: 500, headers: [], body: []))
            try await keys.abandon(dead)
            #expect(try await Self.begin(keys, now: 301_001) == .running)
            try await keys.finish(heir, with: Self.response)
            #expect(try await Self.begin(keys, now: 301_002) == .replay(Self.response))
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `an abandoned key runs anew`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            let claim = try Self.claim(try await Self.begin(store.idempotency))
            try await store.idempotency.abandon(claim)
            _ = try Self.claim(try await Self.begin(store.idempotency, payload: "POST /b"))
        }
    }
}
