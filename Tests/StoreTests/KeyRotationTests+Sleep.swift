import Database
import Model
import Store
import Synchronization
import TestDatabases
import Testing

/// Nodes that slept through a rotation, and rotations that were given up.
extension KeyRotationTests {
    @Test(arguments: DatabaseFixture.all)
    func `a node that slept through it with the old key leaves, and keeps nothing from the others`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withDatabase { database in
            let given = try Mutex(MasterKeys(Self.key(7)))
            let sleeper = try await MailStore.open(
                database, masterKeys: given.withLock { $0 }, reread: { given.withLock { $0 } })
            try await SealedSamples.fill(sleeper)
            let before = try await SealedSamples.read(sleeper)
            // It is taken for dead from the first moment on.
            _ = try await sleeper.beat("sleeper", for: .zero)
            let other = try await Self.open(database, 8, 7)
            _ = try await Self.rotation(other, 8, 7).run()

            // What it takes before its heart beats again.
            var turn = SubmissionTurn()
            turn.claims = [QueueClaim(QueueKey(SealedSamples.account, .delivery), limit: 9)]
            let taken = try await sleeper.submissions.take(turn, by: "sleeper", until: .distantFuture, now: .at(9000))
            #expect(taken.claimed.isEmpty && taken.unopened.count == 2)
            #expect(taken.unopened.values.allSatisfy { $0 == .unknownDataKey(2) })
            let free = try await other.submissions.take(turn, by: "other", until: .distantFuture, now: .at(14_000))
            #expect(free.claimed.count == 2)
            #expect(free.claimed.allSatisfy { $0.submission.state == .sending && $0.submission.attempts == 1 })

            await #expect(throws: StoreError.wrongMasterKey) { try await sleeper.beat("sleeper", for: .seconds(60)) }
            #expect(try await other.nodes.list().isEmpty)
            // The key comes into its file: it is a new node to the others.
            try given.withLock { $0 = MasterKeys(try Self.key(8)) }
            #expect(try await !sleeper.beat("sleeper", for: .seconds(60)))
            #expect(try await other.nodes.list().map(\.id) == ["sleeper"])
            #expect(try await SealedSamples.read(sleeper) == before)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a rotation that was given up, whose master key is gone, is in the way of no other`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withDatabase { database in
            let old = try await Self.open(database, 7)
            try await SealedSamples.fill(old)
            let before = try await SealedSamples.read(old)
            try await Self.withNode("n", old) {
                let lost = try await Self.open(database, 9, 7)
                await #expect(throws: KeyRotation.Fault.nodesLackKey(["host/n"])) {
                    _ = try await Self.rotation(lost, 9, 7, patience: .milliseconds(50)).run()
                }
            }
            try await old.nodes.leave("n")
            let command = try await Self.open(database, 8, 7)
            #expect(try await Self.rotation(command, 8, 7).run().total > 0)
            let ids = try await database.read { sql in
                try sql.rows("SELECT id FROM data_keys ORDER BY id").map { try $0.integer("id") }
            }
            #expect(ids == [1, 3])
            #expect(try await SealedSamples.read(try await Self.open(database, 8)) == before)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `that a node was struck out is told, also where its heartbeat fails half way`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withDatabase { inner in
            let late = try await Self.open(inner, 7)
            let database = MeddlingDatabase(inner)
            let node = try await Self.open(database, 8, 7)
            // There is a new key, which it learns of by its heartbeat, and says so by a second one.
            try await Self.withNode("late", late) {
                let command = try await Self.open(inner, 8, 7)
                await #expect(throws: KeyRotation.Fault.self) {
                    _ = try await Self.rotation(command, 8, 7, patience: .zero).run()
                }
            }
            database.refuse("UPDATE nodes", sparing: 1)
            #expect(try await !node.beat("n", for: .seconds(60)))
            #expect(database.refusals > 0)
            database.refuse(nil)
            #expect(try await node.beat("n", for: .seconds(60)))
        }
    }
}
