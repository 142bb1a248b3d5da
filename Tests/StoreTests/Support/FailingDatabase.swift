import Database
import Synchronization

/// A database that refuses statements with a certain text, while it is told to: what a full disk does in the midst of a transaction.
final class FailingDatabase: SQLDatabase {
    private let inner: any SQLDatabase
    private let refused = Mutex<String?>(nil)

    init(_ inner: any SQLDatabase) { self.inner = inner }

    func refuse(_ text: String?) { refused.withLock { $0 = text } }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await inner.read(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        let text = refused.withLock { $0 }
        return try await inner.write { connection in try body(FailingConnection(inner: connection, refused: text)) }
    }

    func close() async { await inner.close() }
}

private struct FailingConnection: SQLConnection {
    let inner: any SQLConnection
    let refused: String?

    var dialect: Dialect { inner.dialect }

    func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        try check(sql)
        return try inner.execute(sql)
    }

    func rows(_ sql: SQL) throws(DatabaseError) -> [SQLRow] {
        try check(sql)
        return try inner.rows(sql)
    }

    func execute(script: String) throws(DatabaseError) { try inner.execute(script: script) }

    private func check(_ sql: SQL) throws(DatabaseError) {
        if let refused, sql.rendered(for: dialect).text.contains(refused) { throw .full }
    }
}
