/// A database: SQLite in a file, or PostgreSQL, behind the same three verbs.
///
/// Transaction bodies are synchronous and run on the connection's own thread, so that nothing inside one can wait for the network
/// or for another transaction, and no event loop is ever blocked by SQL. Not even a cancelled task takes a started
/// transaction back: what a worker has to write down is written during a shutdown too.
///
/// A body may be run more than once before its transaction is committed: where others were in its way, or the connection was
/// lost. What it does outside of the database it must be able to do again.
package protocol SQLDatabase: Sendable {
    /// A consistent snapshot; statements that change something fail.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// One transaction: all of the body or, where it throws, nothing of it. It is durable when this returns.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Whether other processes may use it at the same time.
    var isShared: Bool { get }

    /// Tells the other processes that use it, some moments from now and without a promise: polling is the net below.
    func tell(_ message: String)

    /// Hears, from now on, what other processes tell.
    func listen(_ handler: @escaping @Sendable (DatabaseNews) -> Void)

    /// Ends all connections; later calls fail.
    func close() async
}

/// What a process hears of the others that use its database.
package enum DatabaseNews: Sendable, Equatable {
    case told(String)
    /// The line was interrupted: something may have been told that we did not hear.
    case interrupted
}

extension SQLDatabase {
    // A file has one process; there is nobody to talk to.
    package var isShared: Bool { false }
    package func tell(_ message: String) {}
    package func listen(_ handler: @escaping @Sendable (DatabaseNews) -> Void) {}

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

    /// Runs these one after the other, in one round trip where the database can, and says how many rows each changed.
    @discardableResult
    func execute(all statements: [SQL]) throws(DatabaseError) -> [Int]

    /// Runs several statements without values: a migration.
    func execute(script: String) throws(DatabaseError)

    /// Does this after the body, still in its transaction: what others wait for is held as shortly as can be.
    ///
    /// Not done where the body throws; where `work` throws, nothing of the transaction is done.
    func atEnd(_ work: @escaping (any SQLConnection) throws(DatabaseError) -> Void) throws(DatabaseError)
}

extension SQLConnection {
    @discardableResult
    package func execute(all statements: [SQL]) throws(DatabaseError) -> [Int] {
        var counts: [Int] = []
        for statement in statements { counts.append(try execute(statement)) }
        return counts
    }

    /// Where there is one writer, nobody waits for anything but its commit.
    package func atEnd(
        _ work: @escaping (any SQLConnection) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        try work(self)
    }

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
    ///
    /// The rows are to be changed by the same transaction; in a statement of its own or a `WITH … AS MATERIALIZED`, which is run
    /// once, never in a subquery of `IN`.
    package var skippingLocked: SQL {
        switch self {
        case .sqlite: ""
        case .postgresql: " FOR UPDATE SKIP LOCKED"
        }
    }

    /// Ends a `SELECT` of rows that a decision of the same transaction rests on: nobody else changes them before its end.
    package var lockingRows: SQL {
        switch self {
        case .sqlite: ""
        case .postgresql: " FOR UPDATE"
        }
    }

    /// Waits for whoever writes to this table, and lets nobody write to it before the transaction ends; nil where there is one writer.
    package func keepingStill(_ table: String) -> SQL? {
        switch self {
        case .sqlite: nil
        case .postgresql: "LOCK TABLE \(unescaped: table) IN SHARE MODE"
        }
    }

    /// The time in milliseconds since 1970 by the one clock that all processes share; `own` where there is one process.
    package func clock(_ own: Int64) -> SQL {
        switch self {
        case .sqlite: "\(own)"
        case .postgresql: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
        }
    }
}
