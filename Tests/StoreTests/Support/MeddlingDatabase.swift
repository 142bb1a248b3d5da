import Database
import Synchronization

/// A database in which something happens before a statement of a transaction that has a certain text.
final class MeddlingDatabase: SQLDatabase {
    private struct Plan {
        var refused: String?
        var spared = 0
        var refusals = 0
        var change: (before: String, sql: SQL)?
    }

    private let inner: any SQLDatabase
    private let plan = Mutex(Plan())

    init(_ inner: any SQLDatabase) { self.inner = inner }

    /// Refuses such statements until it is told otherwise: what a full disk does in the midst of a transaction.
    ///
    /// The first `sparing` of them are not.
    func refuse(_ text: String?, sparing spared: Int = 0) {
        plan.withLock { plan in
            plan.refused = text
            plan.spared = spared
        }
    }

    /// How many statements were refused.
    var refusals: Int { plan.withLock { $0.refusals } }

    /// Does once, before the next such statement, what somebody else commits between two of them.
    func meddle(before text: String, with change: SQL) { plan.withLock { $0.change = (text, change) } }

    /// Whether the change was made.
    var isDone: Bool { plan.withLock { $0.change == nil } }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await inner.read(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await inner.write { connection in try body(MeddlingConnection(inner: connection, meddle: self.meddle)) }
    }

    func close() async { await inner.close() }

    private func meddle(_ text: String, _ connection: any SQLConnection) throws(DatabaseError) {
        let (isRefused, change) = plan.withLock { plan -> (Bool, SQL?) in
            var isRefused = plan.refused.map(text.contains) ?? false
            if isRefused, plan.spared > 0 {
                plan.spared -= 1
                isRefused = false
            }
            if isRefused { plan.refusals += 1 }
            guard let change = plan.change, text.contains(change.before) else { return (isRefused, nil) }
            plan.change = nil
            return (isRefused, change.sql)
        }
        if isRefused { throw .full }
        if let change { try connection.execute(change) }
    }
}

private struct MeddlingConnection: SQLConnection {
    let inner: any SQLConnection
    let meddle: (String, any SQLConnection) throws(DatabaseError) -> Void

    var dialect: Dialect { inner.dialect }

    func execute(_ sql: SQL) throws(DatabaseError) -> Int {
        try meddle(sql.rendered(for: dialect).text, inner)
        return try inner.execute(sql)
    }

    func rows(_ sql: SQL) throws(DatabaseError) -> [SQLRow] {
        try meddle(sql.rendered(for: dialect).text, inner)
        return try inner.rows(sql)
    }

    func execute(script: String) throws(DatabaseError) {
        try meddle(script, inner)
        try inner.execute(script: script)
    }
}
