import Database

/// A table as its schema describes it, so that a copy misses no column that a migration adds.
struct TableShape: Sendable {
    let name: String
    let columns: [String]
    /// The columns of the primary key, in its order.
    let key: [String]
    /// Tables whose rows its rows refer to.
    let references: Set<String>

    /// All tables of a SQLite file, each after those that it refers to.
    static func all(ofSQLite sql: any SQLConnection) throws -> [TableShape] {
        let names = try sql.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).map { try $0.text("name") }
        return try inOrder(names.map { try TableShape($0, sql) })
    }

    private init(_ name: String, _ sql: any SQLConnection) throws {
        self.name = name
        let rows = try sql.rows("SELECT name, pk FROM pragma_table_info(\(name)) ORDER BY cid")
        columns = try rows.map { try $0.text("name") }
        key = try rows.filter { try $0.integer("pk") > 0 }.sorted { try $0.integer("pk") < $1.integer("pk") }.map {
            try $0.text("name")
        }
        references = try Set(
            sql.rows("SELECT \"table\" AS name FROM pragma_foreign_key_list(\(name))").map { try $0.text("name") })
    }

    private static func inOrder(_ tables: [TableShape]) throws -> [TableShape] {
        var sorted: [TableShape] = []
        var rest = tables
        while !rest.isEmpty {
            let done = Set(sorted.map(\.name))
            let ready = rest.filter { $0.references.subtracting([$0.name]).isSubset(of: done) }
            guard !ready.isEmpty else { throw StoreError.unreadable("the order of tables") }
            sorted += ready
            rest.removeAll { table in ready.contains { $0.name == table.name } }
        }
        return sorted
    }

    var columnList: SQL { Self.list(columns) }
    var keyList: SQL { Self.list(key) }
    var from: SQL { "\(unescaped: name)" }

    private static func list(_ names: [String]) -> SQL { "\(unescaped: names.joined(separator: ", "))" }
}
