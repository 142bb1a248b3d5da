import Synchronization

/// The bell of the event log: rung when events have been committed, heard by everybody who follows the log.
///
/// It counts its rings, so none is lost: read `rings`, then read the log, and where nothing new was there, wait for a ring after
/// that number. It says only that there is something to read; so any number of rings while a reader is busy are one, and
/// another process's events (found by polling or told by the database) can ring it as well.
package final class EventSignal: Sendable {
    private struct State {
        var rings: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// How often it was rung.
    package var rings: UInt64 { state.withLock { $0.rings } }

    package func ring() {
        let waiters = state.withLock { state in
            state.rings += 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when it was rung more often than `seen`, or when the task is cancelled.
    package func wait(after seen: UInt64) async {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A cancellation before this line found no waiter to wake; one after it will.
                    if state.rings != seen || Task.isCancelled { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
        }
    }

    /// The same, and returns at `time` at the latest.
    package func wait(after seen: UInt64, until time: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait(after: seen) }
            // Cancelled when the ring comes first: then the time does not matter any more.
            group.addTask { try? await ContinuousClock().sleep(until: time) }
            await group.next()
            group.cancelAll()
        }
    }
}
