import Database
import MailServers
import Model
import Store
import TestDatabases
import Testing

/// A grown store on SQLite goes to PostgreSQL as it is.
@Suite(.timeLimit(.minutes(2))) struct StoreCopyTests {
    /// With every sealed column, mail in two mailboxes, more rows than a page of the copy, and a cursor in the midst of something.
    private static func grow(_ database: SQLiteDatabase) async throws -> MailStore {
        let store = try await MailStore.open(database, masterKey: try .example)
        try await SealedSamples.fill(store)
        try await store.addAccount("b")
        try await CopySamples.fill(database)
        let mailbox: Int64 = 1
        try await database.write { sql in
            try sql.execute(
                """
                INSERT INTO mailboxes (number, account_id, id, path, uid_validity, uid_next, mod_seq, total, backfill, generation, seen_at)
                VALUES (\(mailbox), 'b', 'M1', 'Grüße 🦊', 7, 5001, \(Int64.max), 5000, 17, 2, 1000)
                """)
            for uid in Int64(1)...5000 {
                try sql.execute(
                    """
                    INSERT INTO messages (mailbox, uid, email_id, thread_id, keywords, received_at, size, is_leaving)
                    VALUES (\(mailbox), \(uid), \("e\(uid)"), \("t\(uid % 70)"), '["$seen"]', \(uid), \(uid * 3), 0)
                    """)
            }
            try sql.execute("UPDATE counters SET last = 1 WHERE name = 'mailbox'")
            try sql.execute("UPDATE account_sync SET node = 'old', epoch = 5 WHERE account_id = 'b'")
        }
        try await store.beat("old", for: .seconds(15))
        return store
    }

    private static func withStores(
        _ body: (SQLiteDatabase, PostgreSQLDatabase, MailStore) async throws -> Void
    ) async throws {
        try await withFolder { folder in
            let source = try SQLiteDatabase(path: folder + "/store.db")
            let store = try await grow(source)
            let target = try await DatabaseFixture.open(PostgreSQLServer.shared().nextSchema())
            do {
                try await body(source, target, store)
            } catch {
                await target.close()
                await source.close()
                throw error
            }
            await target.close()
            await source.close()
        }
    }

    private static func tables(_ database: SQLiteDatabase) async throws -> [String] {
        try await database.read { sql in
            try sql.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").map {
                try $0.text("name")
            }
        }
    }

    /// All rows as text, without their order.
    private static func rows(of table: String, _ database: any SQLDatabase) async throws -> [String] {
        try await database.read { sql in
            try sql.rows("SELECT * FROM \(unescaped: table)").map { "\($0)" }.sorted()
        }
    }

    @Test func `every row of every table is the same`() async throws {
        try await Self.withStores { source, target, store in
            let before = try await SealedSamples.read(store)
            let count = try await StoreCopy(from: source, to: target).run()
            #expect(count > 5000)
            try await source.execute("UPDATE account_sync SET node = NULL")
            let tables = try await Self.tables(source)
            #expect(tables.count > 25)
            for table in tables where table != "nodes" && table != "schema_migrations" {
                let (there, here) = (try await Self.rows(of: table, source), try await Self.rows(of: table, target))
                #expect(!there.isEmpty, "\(table)")
                #expect(there == here, "\(table)")
            }
            let moved = try await MailStore.open(target, masterKey: try .example)
            #expect(try await SealedSamples.read(moved) == before)
            #expect(try await moved.nodes.list().isEmpty)
            // What is new goes on where the old ended.
            let newest = try await store.events.ends().newest
            try await moved.addAccount("c")
            let next = try await moved.events.page(after: newest, filter: EventFilter(), limit: 1).events
            #expect(next.map(\.sequence) == [newest + 1] && next.map(\.type) == [.accountCreated])
            let number = try await target.read { sql in
                try sql.first("SELECT number FROM account_sync WHERE account_id = 'c'")?.integer("number")
            }
            #expect(number == 3)
        }
    }

    @Test func `a target that has anything is refused, and left as it is`() async throws {
        try await Self.withStores { source, target, _ in
            let other = try await MailStore.open(target, masterKey: try .example)
            try await other.addAccount("mine")
            await #expect(throws: StoreCopy.Fault.self) { try await StoreCopy(from: source, to: target).run() }
            #expect(try await other.accounts.account(AccountID(rawValue: "mine")) != nil)
            #expect(try await other.accounts.account(AccountID(rawValue: "b")) == nil)
        }
    }

    @Test func `nobody works on half a copy, and it is not taken for a store`() async throws {
        try await Self.withStores { source, target, _ in
            let failing = MeddlingDatabase(target)
            failing.refuse("INSERT INTO messages")
            await #expect(throws: DatabaseError.full) { try await StoreCopy(from: source, to: failing).run() }
            await #expect(throws: StoreError.unfinishedCopy) {
                _ = try await MailStore.open(target, masterKey: try .example)
            }
            await #expect(throws: StoreCopy.Fault.self) { try await StoreCopy(from: source, to: target).run() }
        }
    }

    @Test func `a copy that is whole is one, also where the planner learns nothing of it`() async throws {
        try await Self.withStores { source, target, store in
            let failing = MeddlingDatabase(target)
            failing.refuse("ANALYZE")
            #expect(try await StoreCopy(from: source, to: failing).run() > 5000)
            #expect(failing.refusals == 1)
            let moved = try await MailStore.open(target, masterKey: try .example)
            #expect(try await SealedSamples.read(moved) == SealedSamples.read(store))
        }
    }

    @Test func `rows that came meanwhile are missed, and that is said`() async throws {
        try await Self.withStores { source, target, _ in
            let meddling = MeddlingDatabase(target)
            meddling.meddle(
                before: "SELECT name, count FROM copied", with: "UPDATE copied SET count = 4999 WHERE name = 'messages'"
            )
            await #expect(throws: StoreCopy.Fault.different(table: "messages", source: 5000, target: 4999)) {
                try await StoreCopy(from: source, to: meddling).run()
            }
            await #expect(throws: StoreError.unfinishedCopy) {
                _ = try await MailStore.open(target, masterKey: try .example)
            }
        }
    }
}
