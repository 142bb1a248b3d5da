package import Database
import FoundationEssentials
package import MailServers
package import Store
import Testing

/// One of the databases that must pass the same suites.
package struct DatabaseFixture: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    /// Gives a new empty database; the folder is removed after the test.
    private let open: @Sendable (_ folder: String) async throws -> any SQLDatabase

    package static let sqlite = DatabaseFixture(testDescription: "SQLite") {
        try SQLiteDatabase(path: $0 + "/store.db")
    }

    /// A schema of its own in the one server of the test process.
    package static let postgresql = DatabaseFixture(testDescription: "PostgreSQL") { _ in
        try await open(PostgreSQLServer.shared().nextSchema())
    }

    /// Opens a schema, which is made where it is missing.
    package static func open(_ schema: PostgreSQLServer.Schema, connections: Int = 4) async throws -> PostgreSQLDatabase
    {
        let database = PostgreSQLDatabase(try PostgreSQLConfiguration(schema.url()), connections: connections)
        try await database.write { sql in try sql.execute(script: "CREATE SCHEMA IF NOT EXISTS \(schema.name)") }
        return database
    }

    package static let all = [sqlite, postgresql]

    /// An empty database, gone afterwards.
    package func withDatabase(_ body: (any SQLDatabase) async throws -> Void) async throws {
        try await withFolder { folder in
            let database = try await open(folder)
            do {
                try await body(database)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
        }
    }

    /// An empty store.
    package func withStore(_ body: (MailStore) async throws -> Void) async throws {
        try await withDatabase { database in
            try await body(try await MailStore.open(database, masterKey: try .example))
        }
    }
}

package func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = "/tmp/" + "mailbridge-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    do {
        try await body(folder)
    } catch {
        try? FileManager.default.removeItem(atPath: folder)
        throw error
    }
    try FileManager.default.removeItem(atPath: folder)
}

extension MasterKey {
    package static var example: MasterKey {
        get throws { try MasterKey(octets: Array(repeating: 7, count: 32)) }
    }
}
