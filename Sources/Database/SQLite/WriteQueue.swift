import GRDB
import Synchronization

/// Writes that wait for the one writer, run several to a transaction.
///
/// A durable commit costs one fsync whatever is in it, so the writes that arrive while one is synced go together into the next:
/// a thousand small writes at once cost a handful of syncs, a lone write waits for nobody. Each body has its own savepoint: where
/// it throws, its neighbours are not harmed.
final class WriteQueue: Sendable {
    private struct State {
        var waiting: [any QueuedBody] = []
        var isDraining = false
    }

    private let state = Mutex(State())

    /// Says whether the caller has to start `drain` on the writer's thread.
    func add(_ write: any QueuedBody) -> Bool {
        state.withLock { state in
            state.waiting.append(write)
            defer { state.isDraining = true }
            return !state.isDraining
        }
    }

    /// Runs what waits until nothing waits; on the writer's thread.
    func drain(_ handle: GRDB.Database) {
        while true {
            let batch = state.withLock { state in
                let batch = Array(state.waiting.prefix(Limits.writesPerTransaction))
                state.waiting.removeFirst(batch.count)
                if batch.isEmpty { state.isDraining = false }
                return batch
            }
            if batch.isEmpty { return }
            Self.run(batch, on: handle)
        }
    }

    /// One transaction.
    ///
    /// Where it cannot be committed, nothing of it happened and every write learns the reason.
    private static func run(_ batch: [any QueuedBody], on handle: GRDB.Database) {
        let connection = SQLiteConnection(handle)
        do {
            try handle.inTransaction(.immediate) {
                for write in batch {
                    if batch.count == 1 {
                        try write.run(on: connection)
                    } else {
                        do {
                            try handle.inSavepoint {
                                try write.run(on: connection)
                                return .commit
                            }
                        } catch {
                            // A full disk and the like end the whole transaction, not only the savepoint.
                            guard handle.isInsideTransaction else { throw error }
                            write.fail(Self.own(error))
                        }
                    }
                }
                return .commit
            }
            for write in batch { write.finish() }
        } catch {
            for write in batch { write.fail(Self.own(error)) }
        }
    }

    private static func own(_ error: any Error) -> any Error {
        error is GRDB.DatabaseError ? DatabaseError(sqlite: error) : error
    }
}
