import GRDB

/// SQLite in one file, for one process: a writer, readers that never wait for it (WAL), every commit synced to the disk.
package final class SQLiteDatabase: SQLDatabase {
    private let pool: DatabasePool
    private let writes = WriteQueue()
    /// Nil where the file is used beside its owner.
    private let lock: FileLock?

    /// Opens the file, or makes it (mode 0600) with its folder's permissions as they are.
    ///
    /// A file that another process uses is refused: two writers with two caches would disagree about leases and tokens.
    /// `isShared` is for a command that works for a moment beside a running server.
    package init(path: String, isShared: Bool = false) throws(DatabaseError) {
        lock = isShared ? nil : try FileLock(path: path + ".lock", guarding: path)
        try PrivateFile.createEmpty(path)
        var configuration = Configuration()
        configuration.maximumReaderCount = Limits.readers
        configuration.busyMode = .timeout(Limits.busySeconds)
        configuration.label = "store"
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { handle in
                // WAL with NORMAL forgets the last commits when the power goes; a 202 promises more than that.
                try handle.execute(sql: "PRAGMA synchronous = FULL")
                try handle.execute(sql: "PRAGMA journal_size_limit = \(Limits.walOctets)")
            }
        } catch {
            throw DatabaseError(sqlite: error)
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { handle in
                do {
                    continuation.resume(returning: try body(SQLiteConnection(handle.get())))
                } catch {
                    continuation.resume(throwing: error is GRDB.DatabaseError ? DatabaseError(sqlite: error) : error)
                }
            }
        }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            guard writes.add(PendingBody(body, continuation: continuation)) else { return }
            pool.asyncWriteWithoutTransaction { [writes] handle in writes.drain(handle) }
        }
    }

    package func close() async {
        try? pool.close()
        lock?.release()
    }
}
