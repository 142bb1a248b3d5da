/// A database: SQLite in a file now, PostgreSQL later, behind the same three verbs.
///
/// Transaction bodies are synchronous and run on the connection's own thread, so that nothing inside one can wait for the network
/// or for another transaction, and no event loop is ever blocked by SQL. Not even a cancelled task takes a started
/// transaction back: what a worker has to write down is written during a shutdown too.
package protocol SQLDatabase: Sendable {
    /// A consistent snapshot; statements that change something fail.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// One transaction: all of the body or, where it throws, nothing of it. It is durable when this returns.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Ends all connections; later calls fail.
    func close() async
}

extension SQLDatabase {
    /// One statement in a transaction of its own; says how many rows it changed.
    @discardableResult
    package func execute(_ sql: SQL) async throws -> Int {
        try await write { connection in try connection.execute(sql) }
    }
}

/// The connection inside a transaction's body; it must not leave it.
///
/// A body does not catch a failed statement and go on: PostgreSQL refuses everything after it. `ON CONFLICT` says what is meant.
package protocol SQLConnection {
    var dialect: Dialect { get }

    /// Runs one statement and says how many rows it inserted, updated or deleted.
    @discardableResult
    func execute(_ sql: SQL) throws(DatabaseError) -> Int

    /// Runs one statement and reads all of its rows.
    func rows(_ sql: SQL) throws(DatabaseError) -> [SQLRow]

    /// Runs several statements without values: a migration.
    func execute(script: String) throws(DatabaseError)
}

extension SQLConnection {
    /// The first row, if there is one.
    package func first(_ sql: SQL) throws(DatabaseError) -> SQLRow? { try rows(sql).first }
}

/// What the two databases write differently; kept as small as it can be.
package enum Dialect: Sendable {
    case sqlite
    case postgresql

    /// How the bind with this number, counted from 1, is marked.
    func mark(_ number: Int) -> String {
        switch self {
        case .sqlite: "?"
        case .postgresql: "$\(number)"
        }
    }

    /// Ends a `SELECT` that picks rows of a queue: PostgreSQL's nodes step over each other's rows, SQLite has one writer.
    package var skippingLocked: SQL {
        switch self {
        case .sqlite: ""
        case .postgresql: " FOR UPDATE SKIP LOCKED"
        }
    }
}
