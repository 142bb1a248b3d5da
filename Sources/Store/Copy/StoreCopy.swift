package import Database
import Model

/// Copies a whole store from a SQLite file to an empty PostgreSQL database, row by row and unopened: what is sealed stays as it is.
///
/// The data keys come last, in the transaction that compares the counts: until then a mark stands in their place, which no program
/// opens, so that nothing ever works on half a copy.
package struct StoreCopy: Sendable {
    /// Why nothing was copied, or not all.
    package enum Fault: Error, Sendable, Equatable {
        /// The target has rows already; `table` is one that has.
        case notEmpty(table: String)
        /// The target has another number of rows than the source: somebody wrote to one of them meanwhile.
        case different(table: String, source: Int64, target: Int64)
    }

    /// The name of the master key in the mark.
    static let mark = "unfinished copy"
    /// Rows that each process makes for itself, and the list of migrations, which the target has.
    private static let left: Set = ["nodes", "schema_migrations"]
    /// Rows that migrations make: they are the same in a new store, and are replaced.
    private static let seeded: [String: SQL] = [
        "event_counter": "last = 0", "counters": "last = 0", "outcome_position": "position = 0",
    ]

    private let source: any SQLDatabase
    private let target: any SQLDatabase
    private let report: @Sendable (_ table: String, _ rows: Int64) -> Void

    /// `source` is a SQLite file that nobody else has open; `report` is told of each table that is done.
    package init(
        from source: any SQLDatabase, to target: any SQLDatabase,
        report: @escaping @Sendable (_ table: String, _ rows: Int64) -> Void = { _, _ in }
    ) {
        self.source = source
        self.target = target
        self.report = report
    }

    /// Says how many rows it copied.
    package func run() async throws -> Int64 {
        // As it is: its tables are the file's owner's to change.
        try await Migrator.run(Migration.all, on: source, mayApply: false)
        try await Migrator.run(Migration.all, on: target, mayApply: false, mayMake: true)
        let tables = try await source.read { sql in try TableShape.all(ofSQLite: sql) }.filter {
            !Self.left.contains($0.name)
        }
        try await begin(tables)
        var total: Int64 = 0
        for table in tables where table.name != "data_keys" {
            let count = try await TableCopy(table, from: source, to: target).run()
            report(table.name, count)
            total += count
        }
        return total + (try await finish(tables))
    }

    /// Makes sure that the target is as migrations leave it, and marks it as unfinished.
    private func begin(_ tables: [TableShape]) async throws {
        try await target.write { sql in
            // Of two copies at once the second one finds the mark.
            try sql.execute("LOCK TABLE data_keys IN EXCLUSIVE MODE")
            for table in tables {
                let isNew: SQL = Self.seeded[table.name].map { " WHERE NOT (\($0))" } ?? ""
                if try sql.first("SELECT 1 AS one FROM \(table.from)\(isNew) LIMIT 1") != nil {
                    throw Fault.notEmpty(table: table.name)
                }
            }
            for name in Self.seeded.keys { try sql.execute("DELETE FROM \(unescaped: name)") }
            try sql.execute(
                """
                INSERT INTO data_keys (id, master_key, sealed, created_at, is_ready)
                VALUES (0, \(Self.mark), \([UInt8]()), 0, 1)
                """)
        }
    }

    private func finish(_ tables: [TableShape]) async throws -> Int64 {
        let (counts, keys) = try await source.read { sql in
            var counts: [String: Int64] = [:]
            for table in tables { counts[table.name] = try Self.count(table, sql) }
            return (counts, try sql.rows("SELECT id, master_key, sealed, created_at, is_ready FROM data_keys"))
        }
        // As scripts, which may take as long as they need: a count of many rows does.
        let script = tables.filter { $0.name != "data_keys" }.map { table in
            "INSERT INTO copied SELECT '\(table.name)', COUNT(*) FROM \(table.name);"
        }
        try await target.write { sql in
            try sql.execute(
                script:
                    "SET LOCAL statement_timeout = 0; CREATE TEMPORARY TABLE copied (name TEXT, count BIGINT) ON COMMIT DROP;"
                    + script.joined())
            for row in try sql.rows("SELECT name, count FROM copied") {
                let (name, here) = (try row.text("name"), try row.integer("count"))
                let there = counts[name] ?? 0
                if there != here { throw Fault.different(table: name, source: there, target: here) }
            }
            // No node had them when the file was closed.
            try sql.execute("UPDATE account_sync SET node = NULL WHERE node IS NOT NULL")
            try sql.execute("DELETE FROM data_keys")
            for key in keys {
                try sql.execute(
                    """
                    INSERT INTO data_keys (id, master_key, sealed, created_at, is_ready) VALUES (
                        \(try key.integer("id")), \(try key.text("master_key")), \(try key.blob("sealed")),
                        \(try key.integer("created_at")), \(try key.integer("is_ready")))
                    """)
            }
        }
        // The planner knows nothing of tables that were filled a moment ago. The copy is whole: where this fails, the server does it by and by.
        let analyses = tables.map { "ANALYZE \($0.name);" }.joined()
        try? await target.write { sql in
            try sql.execute(script: "SET LOCAL statement_timeout = 0; \(analyses)")
        }
        return Int64(keys.count)
    }

    private static func count(_ table: TableShape, _ sql: any SQLConnection) throws -> Int64 {
        try sql.first("SELECT COUNT(*) AS count FROM \(table.from)")?.integer("count") ?? 0
    }
}

extension StoreCopy.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notEmpty(let table):
            "the target is not empty: it has rows in \(table); a copy goes into a database without tables, or with empty ones"
        case .different(let table, let source, let target):
            "\(table) has \(source) rows in the source and \(target) in the target: empty the target and copy again"
        }
    }
}
