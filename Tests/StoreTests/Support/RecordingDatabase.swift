import Database
import Synchronization

/// Passes everything on and remembers each statement, for the suite that looks at query plans.
final class RecordingDatabase: SQLDatabase {
    let inner: any SQLDatabase
    private let statements = Mutex<[String: SQL]>([:])

    init(_ inner: any SQLDatabase) { self.inner = inner }

    /// Each text once.
    var recorded: [SQL] { statements.withLock { Array($0.values) } }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await inner.read { connection in try body(RecordingConnection(inner: connection, record: self.record)) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await inner.write { connection in try body(RecordingConnection(inner: connection, record: self.record)) }
    }

    func close() async { await inner.close() }

    private func record(_ sql: SQL) {
        statements.withLock { $0[sql.rendered(for: .sqlite).text] = sql }
    }
}

private struct RecordingConnection: SQLConnection {
    let inner: any SQLConnection
    let record: (SQL) -> Void

    var dialect: Dialect { inner.dialect }

    func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        record(sql)
        return try inner.execute(sql)
    }

    func rows(_ sql: SQL) throws(DatabaseError) -> [SQLRow] {
        record(sql)
        return try inner.rows(sql)
    }

    func execute(script: String) throws(DatabaseError) { try inner.execute(script: script) }
}
