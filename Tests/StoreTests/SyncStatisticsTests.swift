import Database
import Store
import TestDatabases
import Testing

@Suite struct SyncStatisticsTests {
    /// Without them PostgreSQL reads a whole mailbox for each question about some of its messages.
    @Test func `of what was read first are there at once`() async throws {
        try await DatabaseFixture.postgresql.withDatabase { database in
            let synced = try await SyncedStore(try await MailStore.open(database, masterKey: try .example))
            func known() async throws -> [Int64] {
                try await database.read { sql in
                    try sql.rows(
                        """
                        SELECT CAST(reltuples AS bigint) AS known FROM pg_class
                        WHERE oid IN ('messages'::regclass, 'thread_refs'::regclass) ORDER BY relname
                        """
                    ).map { try $0.integer("known") }
                }
            }
            #expect(try await known() == [-1, -1])
            let messages = (1...50).map { SyncedStore.message(UInt32($0), "e\($0)", references: [Int64($0)]) }
            try await synced.commit([try await synced.change("INBOX", messages)])
            await synced.store.sync.refreshStatistics()
            #expect(try await known() == [50, 50])
        }
    }
}
