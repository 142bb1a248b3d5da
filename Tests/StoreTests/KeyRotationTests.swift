import Crypto
import Database
import MailServers
import Model
import Store
import Synchronization
import TestDatabases
import Testing

/// A key is replaced while nodes run, and nothing is lost.
@Suite(.timeLimit(.minutes(2))) struct KeyRotationTests {
    static func key(_ octet: UInt8) throws -> MasterKey {
        try MasterKey(octets: Array(repeating: octet, count: 32))
    }

    static func open(_ database: any SQLDatabase, _ keys: UInt8...) async throws -> MailStore {
        let keys = try keys.map(key)
        return try await MailStore.open(
            database, masterKeys: MasterKeys(keys[0], others: Array(keys.dropFirst())))
    }

    /// A process that says that it lives as a node does, only more often, until the body ends.
    static func withNode<Value>(
        _ name: String, _ store: MailStore, _ body: () async throws -> Value
    ) async throws -> Value {
        _ = try await store.beat(name, for: .seconds(60))
        let beating = Task {
            while !Task.isCancelled {
                _ = try await store.beat(name, for: .seconds(60))
                // Sound: the pace of its heart
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        beating.cancel()
        _ = await beating.result
        return try result.get()
    }

    /// Every sealed column has a value, and all of them are sealed by this data key.
    private static func expectKey(_ id: UInt32, _ database: any SQLDatabase) async throws {
        for (table, keys) in try await SealedSamples.keys(database) { #expect(keys == [id], "\(table)") }
    }

    private static func links(_ store: MailStore) -> [[UInt8]] {
        store.keys.derived(for: "links").map { unsafe $0.withUnsafeBytes { unsafe Array($0) } }
    }

    static func rotation(_ store: MailStore, _ keys: UInt8..., patience: Duration = .seconds(30)) throws
        -> KeyRotation
    {
        let keys = try keys.map(key)
        return KeyRotation(
            store, masters: MasterKeys(keys[0], others: Array(keys.dropFirst())), patience: patience,
            interval: .milliseconds(5))
    }

    @Test(arguments: DatabaseFixture.all)
    func `all is sealed anew while a node runs, and the new key alone opens it`(_ fixture: DatabaseFixture) async throws
    {
        try await fixture.withDatabase { database in
            let old = try await Self.open(database, 7)
            try await SealedSamples.fill(old)
            // An upload under way: its chunks belong to nobody yet.
            var upload = old.submissions.beginContent(for: SealedSamples.account)
            try await upload.append(SealedSamples.content)
            let before = try await SealedSamples.read(old)
            try await Self.expectKey(1, database)

            let node = try await Self.open(database, 8, 7)
            let links = Self.links(node)
            let outcome = try await Self.withNode("n", node) {
                let command = try await Self.open(database, 8, 7)
                return try await Self.rotation(command, 8, 7).run()
            }
            #expect(outcome.unreadable.isEmpty && outcome.total >= SealedColumn.all.count)
            try await Self.expectKey(2, database)
            #expect(try await SealedSamples.read(node) == before)
            // What was signed before is ours, and what is signed from now on needs the new key only.
            #expect(Set(Self.links(node)) == Set(links))
            try await old.submissions.insert(.sample("s3"), content: upload)

            let after = try await Self.open(database, 8)
            #expect(Self.links(node).first == Self.links(after).first)
            #expect(try await SealedSamples.read(after) == before)
            var reader = try await after.submissions.content(of: SubmissionID(rawValue: "s3"))
            #expect(try await reader?.next()?.count == 256 << 10)
            await #expect(throws: StoreError.wrongMasterKey) { _ = try await Self.open(database, 7) }
            // What a node wrote that slept through it opens, and is sealed anew the next time; else there is nothing to do.
            #expect(try await Self.rotation(after, 8).run().total > 0)
            #expect(try await Self.rotation(after, 8).run().total == 0)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a node that lacks the key is waited for, named, and goes on`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            let node = try await Self.open(database, 7)
            try await SealedSamples.fill(node)
            let before = try await SealedSamples.read(node)
            let command = try await Self.open(database, 8, 7)
            try await Self.withNode("late", node) {
                await #expect(throws: KeyRotation.Fault.nodesLackKey(["host/late"])) {
                    _ = try await Self.rotation(command, 8, 7, patience: .milliseconds(50)).run()
                }
                let meanwhile = try await SealedSamples.read(node)
                #expect(meanwhile == before)
            }
            // It may even be started anew with the old key: nobody seals with the new one yet.
            let again = try await Self.open(database, 7)
            #expect(try await SealedSamples.read(again) == before)
            try await command.nodes.leave("late")
            // One that has died is not waited for.
            _ = try await node.beat("dead", for: .zero)
            #expect(try await Self.rotation(command, 8, 7).run().total > 0)
            try await Self.expectKey(2, database)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a rotation that was ended in the midst of it is taken up`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { inner in
            let old = try await Self.open(inner, 7)
            try await SealedSamples.fill(old)
            let before = try await SealedSamples.read(old)
            let database = MeddlingDatabase(inner)
            let store = try await Self.open(database, 8, 7)
            for place in ["UPDATE webhooks", "UPDATE blob_chunks", "UPDATE events", "UPDATE data_keys SET master_key"] {
                database.refuse(place)
                await #expect(throws: DatabaseError.full) { _ = try await Self.rotation(store, 8, 7).run() }
                // Half of it is sealed by the one, half by the other key: whoever has both opens all.
                #expect(try await SealedSamples.read(try await Self.open(inner, 8, 7)) == before)
            }
            database.refuse(nil)
            #expect(try await Self.rotation(store, 8, 7).run().total == 0)
            #expect(try await SealedSamples.read(try await Self.open(inner, 8)) == before)
            try await Self.expectKey(2, inner)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `what is written meanwhile stays`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            let old = try await Self.open(database, 7)
            try await SealedSamples.fill(old)
            let node = try await Self.open(database, 8, 7)
            let revision = Mutex<Int64>(1)
            let isOver = Mutex(false)
            let writing = Task {
                while !isOver.withLock({ $0 }) {
                    let next = revision.withLock { $0 } + 1
                    var template = SealedSamples.template("text \(next)")
                    template.revision = next
                    guard try await node.templates.update(template, ifRevision: next - 1) else {
                        Issue.record("the revision changed")
                        return
                    }
                    revision.withLock { $0 = next }
                }
            }
            try await Self.withNode("n", node) {
                let command = try await Self.open(database, 8, 7)
                // It is written before and after.
                try await eventually("it was written") { revision.withLock { $0 } >= 3 }
                _ = try await Self.rotation(command, 8, 7).run()
                let seen = revision.withLock { $0 }
                try await eventually("it is written again") { revision.withLock { $0 } >= seen + 3 }
            }
            isOver.withLock { $0 = true }
            try await writing.value
            let template = try await Self.open(database, 8).templates.template(TemplateID(rawValue: "t1"))
            #expect(template?.content.text == "text \(revision.withLock { $0 })")
            #expect(try await SealedSamples.keys(database)["templates"] == [2])
        }
    }

    @Test func `a key that comes into the file of a running node is found there`() async throws {
        try await withFolder { folder in
            let database = try SQLiteDatabase(path: folder + "/store.db")
            let given = try Mutex(MasterKeys(Self.key(7)))
            let node = try await MailStore.open(
                database, masterKeys: given.withLock { $0 }, reread: { given.withLock { $0 } })
            try await SealedSamples.fill(node)
            let before = try await SealedSamples.read(node)
            try given.withLock { $0 = MasterKeys(try Self.key(8), others: [try Self.key(7)]) }
            try await Self.withNode("n", node) {
                let command = try await Self.open(database, 8, 7)
                _ = try await Self.rotation(command, 8, 7).run()
            }
            #expect(try await SealedSamples.read(node) == before)
            #expect(try await SealedSamples.read(try await Self.open(database, 8)) == before)
            await database.close()
        }
    }

    @Test func `a value that does not open is named and left as it is`() async throws {
        try await DatabaseFixture.sqlite.withDatabase { database in
            let store = try await Self.open(database, 7)
            try await SealedSamples.fill(store)
            let broken = [UInt8](repeating: 1, count: 50)
            try await database.execute("UPDATE templates SET sealed = \(broken)")
            let command = try await Self.open(database, 8, 7)
            let outcome = try await Self.rotation(command, 8, 7).run()
            #expect(outcome.unreadable == ["templates/t1"])
            let row = try await database.read { sql in try sql.first("SELECT sealed FROM templates") }
            #expect(try row?.blob("sealed") == broken)
        }
    }

    @Test func `every column of octets is sealed, or known not to be`() async throws {
        try await DatabaseFixture.postgresql.withDatabase { database in
            _ = try await MailStore.open(database, masterKey: try .example)
            let rows = try await database.read { sql in
                try sql.rows(
                    """
                    SELECT table_name || '.' || column_name AS name FROM information_schema.columns
                    WHERE table_schema = current_schema() AND data_type = 'bytea'
                    """)
            }
            let sealed = SealedColumn.all.map { "\($0.table).\($0.name)" }
            // What is needed to find a secret that somebody shows; and the keys themselves, which the master key seals.
            let others = [
                "tokens.digest", "stream_tickets.digest", "idempotency_keys.fingerprint", "authorizations.link",
                "authorizations.state", "authorizations.result", "data_keys.sealed",
            ]
            let found = try rows.map { try $0.text("name") }
            #expect(Set(found) == Set(sealed + others))
        }
    }
}
