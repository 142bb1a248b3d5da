import Crypto
package import Database
package import Model

/// One numbered step of the schema; its text never changes after a release.
package struct Migration: Sendable {
    package var name: String
    package var script: String

    package init(name: String, script: String) {
        self.name = name
        self.script = script
    }

    /// All of them, oldest first.
    package static let all = [
        Migration(
            name: "v0001_first", script: String(decoding: PackageResources.v0001_first_sql, as: UTF8.self)),
        Migration(
            name: "v0002_events", script: String(decoding: PackageResources.v0002_events_sql, as: UTF8.self)),
        Migration(
            name: "v0003_webhooks", script: String(decoding: PackageResources.v0003_webhooks_sql, as: UTF8.self)),
        Migration(name: "v0004_sync", script: String(decoding: PackageResources.v0004_sync_sql, as: UTF8.self)),
        Migration(name: "v0005_queue", script: String(decoding: PackageResources.v0005_queue_sql, as: UTF8.self)),
        Migration(
            name: "v0006_templates", script: String(decoding: PackageResources.v0006_templates_sql, as: UTF8.self)),
        Migration(name: "v0007_pop3", script: String(decoding: PackageResources.v0007_pop3_sql, as: UTF8.self)),
        Migration(name: "v0008_nodes", script: String(decoding: PackageResources.v0008_nodes_sql, as: UTF8.self)),
        Migration(
            name: "v0009_identity", script: String(decoding: PackageResources.v0009_identity_sql, as: UTF8.self)),
        Migration(name: "v0010_order", script: String(decoding: PackageResources.v0010_order_sql, as: UTF8.self)),
        Migration(name: "v0012_keys", script: String(decoding: PackageResources.v0012_keys_sql, as: UTF8.self)),
        Migration(
            name: "v0014_maildrop_line",
            script: String(decoding: PackageResources.v0014_maildrop_line_sql, as: UTF8.self)),
        Migration(name: "v0015_wanted", script: String(decoding: PackageResources.v0015_wanted_sql, as: UTF8.self)),
    ]

    /// SHA-256 in hexadecimal, as `sha256sum` prints it.
    package var digest: String {
        let digits = Array("0123456789abcdef".utf8)
        let octets = SHA256.hash(data: Array(script.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: octets, as: UTF8.self)
    }
}

/// Brings the schema up to date: each migration once, in order, in a transaction of its own.
package enum Migrator {
    /// Refuses a database that has other migrations than this program, before anything is changed.
    ///
    /// Where `mayApply` is false, one that lacks some is refused too, because others may be at work on its tables; an empty one is
    /// not, where `mayMake` is true.
    package static func run(
        _ migrations: [Migration], on database: any SQLDatabase, mayApply: Bool = true, mayMake: Bool = false,
        now: Timestamp = .now()
    ) async throws {
        if !mayApply, mayMake { try await make(migrations, on: database, now: now) }
        let applied = try await database.write { sql in
            try Self.takeTurn(sql)
            try Self.makeList(sql)
            return try sql.rows("SELECT name, digest FROM schema_migrations ORDER BY name")
        }
        for row in applied {
            let name = try row.text("name")
            guard let known = migrations.first(where: { $0.name == name }) else {
                throw DatabaseError.migration(.newerDatabase(migration: name))
            }
            guard try row.text("digest") == known.digest else {
                throw DatabaseError.migration(.changed(migration: name))
            }
        }
        let names = try Set(applied.map { try $0.text("name") })
        for migration in migrations where !names.contains(migration.name) {
            guard mayApply else { throw DatabaseError.migration(.pending(migration: migration.name)) }
            try await apply(migration, on: database, now: now)
        }
    }

    /// All of them at once, where there is nothing yet: of several that start together one does it, and none sees half of it.
    private static func make(_ migrations: [Migration], on database: any SQLDatabase, now: Timestamp) async throws {
        try await database.write { sql in
            try Self.takeTurn(sql)
            try Self.makeList(sql)
            guard try sql.first("SELECT name FROM schema_migrations ORDER BY name LIMIT 1") == nil else { return }
            for migration in migrations {
                try sql.execute(script: migration.script)
                try sql.execute(
                    """
                    INSERT INTO schema_migrations (name, digest, applied_at)
                    VALUES (\(migration.name), \(migration.digest), \(now.milliseconds))
                    """)
            }
        }
    }

    private static func makeList(_ sql: any SQLConnection) throws(DatabaseError) {
        try sql.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                name TEXT NOT NULL PRIMARY KEY, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)
            """)
    }

    /// One process at a time, until the end of the transaction.
    ///
    /// It may last: an index over a large table. But a table that others use is not waited for: all who come later would wait too.
    private static func takeTurn(_ sql: any SQLConnection) throws(DatabaseError) {
        guard case .postgresql = sql.dialect else { return }
        try sql.execute("SET LOCAL statement_timeout = 0")
        try sql.execute("SET LOCAL lock_timeout = 0")
        try sql.execute("SELECT pg_advisory_xact_lock(8825, hashtext(current_schema()))")
        try sql.execute("SET LOCAL lock_timeout = '5s'")
    }

    /// Whether the migrations have been begun with.
    static func hasTables(_ sql: any SQLConnection) throws -> Bool {
        guard case .postgresql = sql.dialect else { return true }
        let row = try sql.first(
            "SELECT COUNT(*) AS count FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'data_keys'")
        return try row?.integer("count") ?? 0 > 0
    }

    private static func apply(_ migration: Migration, on database: any SQLDatabase, now: Timestamp) async throws {
        do {
            try await database.write { sql in
                try Self.takeTurn(sql)
                // First the name: of two nodes that start at once, the second one has nothing to do.
                let inserted = try sql.execute(
                    """
                    INSERT INTO schema_migrations (name, digest, applied_at)
                    VALUES (\(migration.name), \(migration.digest), \(now.milliseconds)) ON CONFLICT (name) DO NOTHING
                    """)
                if inserted == 1 { try sql.execute(script: migration.script) }
            }
        } catch let error as DatabaseError {
            throw DatabaseError.migration(.failed(migration: migration.name, text: error.description))
        }
    }
}
