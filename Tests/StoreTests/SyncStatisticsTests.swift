import Database
import Store
import TestDatabases
import Testing

@Suite struct SyncStatisticsTests {
    /// Without them PostgreSQL reads a whole mailbox for each question about some of its messages.
    @Test(arguments: DatabaseFixture.all) func `of what was read first are there at once`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withDatabase { database in
            let synced = try await SyncedStore(try await MailStore.open(database, masterKey: try .example))
            let messages = (1...50).map { SyncedStore.message(UInt32($0), "e\($0)") }
            try await synced.commit([try await synced.change("INBOX", messages)])
            await synced.store.sync.refreshStatistics()
            let known = try await database.read { sql -> Int64? in
                guard sql.dialect == .postgresql else { return 50 }
                return try sql.first(
                    "SELECT CAST(reltuples AS bigint) AS known FROM pg_class WHERE oid = 'messages'::regclass")?
                    .integer("known")
            }
            #expect(known == 50)
        }
    }
}
