import Database

/// Copies the rows of one table in the order of its key, some megabytes at a time.
struct TableCopy {
    private let table: TableShape
    private let source: any SQLDatabase
    private let target: any SQLDatabase
    private let least = Limits.rowsInCopy.lowerBound
    /// One chunk of a message may be short and all the next ones long.
    private var most: Int { table.name == "blob_chunks" ? least : Limits.rowsInCopy.upperBound }

    init(_ table: TableShape, from source: any SQLDatabase, to target: any SQLDatabase) {
        self.table = table
        self.source = source
        self.target = target
    }

    /// Says how many there were.
    func run() async throws -> Int64 {
        var count: Int64 = 0
        var last: [SQLValue]?
        // Before a row was seen it may be as large as a chunk of a message.
        var limit = least
        while true {
            let rows = try await page(after: last, limit: limit)
            guard let end = rows.last else { return count }
            let octets = try await insert(rows)
            count += Int64(rows.count)
            last = try table.key.map { try end.value($0) }
            limit = self.limit(after: rows.count, octets: octets)
        }
    }

    private func page(after last: [SQLValue]?, limit: Int) async throws -> [SQLRow] {
        let begin: SQL = last.map { "WHERE (\(table.keyList)) > \(list: $0)" } ?? ""
        return try await source.read { [table] sql in
            try sql.rows(
                "SELECT \(table.columnList) FROM \(table.from) \(begin) ORDER BY \(table.keyList) LIMIT \(limit)")
        }
    }

    /// One transaction; says how many octets the rows have.
    private func insert(_ rows: [SQLRow]) async throws -> Int {
        var octets = 0
        var statements: [SQL] = []
        for start in stride(from: 0, to: rows.count, by: Limits.rowsInStatement) {
            let part = try rows[start..<min(start + Limits.rowsInStatement, rows.count)].map { row in
                try table.columns.map { try row.value($0) }
            }
            octets += part.reduce(0) { $1.reduce($0) { $0 + Self.size(of: $1) } }
            statements.append("INSERT INTO \(table.from) (\(table.columnList)) VALUES \(rows: part)")
        }
        _ = try await target.write { [statements] sql in try sql.execute(all: statements) }
        return octets
    }

    private func limit(after rows: Int, octets: Int) -> Int {
        let fitting = Limits.octetsInCopy / max(octets / max(rows, 1), 1)
        return min(max(fitting, least), most)
    }

    private static func size(of value: SQLValue) -> Int {
        switch value {
        case .text(let text): text.utf8.count
        case .blob(let blob): blob.count
        case .null, .integer, .real: 8
        }
    }
}
