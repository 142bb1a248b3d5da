import Database
import Model

/// Seals the values of one column anew, page by page.
struct Resealing {
    private let column: SealedColumn
    private let store: MailStore
    private let sealer: Sealer
    /// What values begin with that need nothing.
    private let header: [UInt8]

    init(_ column: SealedColumn, by key: UInt32, in store: MailStore) {
        self.column = column
        self.store = store
        sealer = Sealer(ring: store.keys.ring)
        header = Sealer.header(of: key)
    }

    /// Says how many it sealed; one that somebody changed or removed meanwhile is not among them.
    func run(unreadable: (String) -> Void) async throws -> Int {
        var count = 0
        var last: [SQLValue]?
        while true {
            let page = try await page(after: last)
            guard let end = page.last else { return count }
            last = try key(of: end)
            let old = try await withOwners(page.filter { try $0.blob("header") != header })
            for start in stride(from: 0, to: old.count, by: Limits.valuesPerReseal) {
                count += try await reseal(old[start..<min(start + Limits.valuesPerReseal, old.count)], unreadable)
            }
        }
    }

    private func page(after last: [SQLValue]?) async throws -> [SQLRow] {
        let keys = Self.names(column.key)
        let begin: SQL = last.map { " AND (\(keys)) > \(list: $0)" } ?? ""
        return try await store.database.read { [column] sql in
            try sql.rows(
                """
                SELECT \(Self.names(column.key + column.others)), substr(\(unescaped: column.name), 1, CAST(\(Sealer.headerCount) AS INTEGER)) AS header
                FROM \(unescaped: column.table) WHERE \(unescaped: column.name) IS NOT NULL\(begin)
                ORDER BY \(keys) LIMIT \(Limits.pageSize)
                """)
        }
    }

    /// Old values are read once more, because they may be long, and written where they are still the same.
    private func reseal(_ rows: ArraySlice<SQLRow>, _ unreadable: (String) -> Void) async throws -> Int {
        let values = try await store.database.read { [column] sql in
            try rows.map { row in
                try sql.first(
                    "SELECT \(unescaped: column.name) AS value FROM \(unescaped: column.table) WHERE \(try Self.same(row, column))"
                )?.optionalBlob("value")
            }
        }
        var changes: [SQL] = []
        for (row, value) in zip(rows, values) {
            guard let value = value ?? nil, !value.starts(with: header) else { continue }
            guard let (place, content) = try open(value, row) else {
                unreadable("\(column.table)/\(try key(of: row).map(Self.text).joined(separator: "/"))")
                continue
            }
            let sealed = try sealer.seal(content, at: place)
            changes.append(
                """
                UPDATE \(unescaped: column.table) SET \(unescaped: column.name) = \(sealed)
                WHERE \(try Self.same(row, column)) AND \(unescaped: column.name) = \(value)
                """)
        }
        guard !changes.isEmpty else { return 0 }
        return try await store.database.write { [changes] sql in try sql.execute(all: changes).reduce(0, +) }
    }

    private func open(_ value: [UInt8], _ row: SQLRow) throws -> (SealedPlace, [UInt8])? {
        for place in try column.places(row) {
            if let content = try? sealer.open(value, at: place) { return (place, content) }
        }
        return nil
    }

    /// Adds to each row whose blob it is, where that matters.
    private func withOwners(_ rows: [SQLRow]) async throws -> [SQLRow] {
        guard column.hasOwner, !rows.isEmpty else { return rows }
        let blobs = try Array(Set(rows.map { try $0.text("blob_id") }))
        let owners = try await store.database.read { sql in
            // Without an index: once for a page of what is being sent.
            try sql.rows("SELECT blob_id, id FROM submissions WHERE blob_id IN \(list: blobs)")
        }
        let byBlob = try Dictionary(
            owners.map { (try $0.text("blob_id"), try $0.value("id")) }, uniquingKeysWith: { first, _ in first })
        return try rows.map { row in
            SQLRow(
                columns: column.key + ["owner"],
                values: try key(of: row) + [byBlob[try row.text("blob_id")] ?? .null])
        }
    }

    private func key(of row: SQLRow) throws -> [SQLValue] { try column.key.map { try row.value($0) } }

    private static func names(_ columns: [String]) -> SQL { "\(unescaped: columns.joined(separator: ", "))" }

    private static func same(_ row: SQLRow, _ column: SealedColumn) throws -> SQL {
        "(\(names(column.key))) = \(list: try column.key.map { try row.value($0) })"
    }

    private static func text(_ value: SQLValue) -> String {
        switch value {
        case .text(let text): text
        case .integer(let number): "\(number)"
        default: ""
        }
    }
}
