import Database
import Foundation
import MailServers

/// Where what is measured keeps its state: SQLite, or with `BENCH_DATABASE=postgres` a PostgreSQL on the same disk, each with its
/// own way of syncing every commit.
enum BenchmarkDatabase {
    static let isPostgreSQL = ProcessInfo.processInfo.environment["BENCH_DATABASE"] == "postgres"
    /// For the table.
    static let name = isPostgreSQL ? "PostgreSQL" : "SQLite"

    private static let server = Task(name: "PostgreSQL") {
        try await PostgreSQLServer.start(settings: "shared_buffers = 256MB\nmax_wal_size = 2GB", inMemory: false)
    }

    /// For a program with an empty store.
    static func settings() async throws -> [String: String] {
        guard isPostgreSQL else { return [:] }
        return ["MAILBRIDGE_DATABASE": try await server.value.newSchema().url()]
    }

    /// An empty one, for what is measured in this process.
    static func open(in folder: String) async throws -> any SQLDatabase {
        guard isPostgreSQL else { return try SQLiteDatabase(path: folder + "/store.db") }
        return PostgreSQLDatabase(
            try PostgreSQLConfiguration(try await server.value.newSchema().url()), connections: 10)
    }
}
