import Database
import Synchronization

/// Does what somebody else commits between two statements of a transaction, once: before the next that has a certain text.
final class MeddlingDatabase: SQLDatabase {
    private let inner: any SQLDatabase
    private let plan = Mutex<(text: String, change: SQL)?>(nil)

    init(_ inner: any SQLDatabase) { self.inner = inner }

    func meddle(before text: String, with change: SQL) { plan.withLock { $0 = (text, change) } }

    /// Whether it has happened.
    var isDone: Bool { plan.withLock { $0 == nil } }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await inner.read(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await inner.write { connection in
            try body(MeddlingConnection(inner: connection, change: self.change))
        }
    }

    func close() async { await inner.close() }

    private func change(before text: String) -> SQL? {
        plan.withLock { plan in
            guard let found = plan, text.contains(found.text) else { return nil }
            plan = nil
            return found.change
        }
    }
}

private struct MeddlingConnection: SQLConnection {
    let inner: any SQLConnection
    let change: (String) -> SQL?

    var dialect: Dialect { inner.dialect }

    func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        try meddle(sql)
        return try inner.execute(sql)
    }

    func rows(_ sql: SQL) throws(DatabaseError) -> [SQLRow] {
        try meddle(sql)
        return try inner.rows(sql)
    }

    func execute(script: String) throws(DatabaseError) { try inner.execute(script: script) }

    private func meddle(_ sql: SQL) throws(DatabaseError) {
        if let change = change(sql.rendered(for: dialect).text) { try inner.execute(change) }
    }
}
