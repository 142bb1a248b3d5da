import CLinux
import Glibc
import Synchronization

/// The work that waits for a connection, and what is known of the database: shared by the pool's threads.
///
/// Writes that wait are shared out among the connections that may write: alone each is a transaction of its own, many at once
/// go several to a transaction, and so to a sync of the disk and to a turn at the rows that all of them need.
final class ConnectionPool: Sendable {
    /// What a thread does next.
    enum Work {
        case read(any QueuedBody)
        case write([any QueuedBody])
        case tell([String])
        case nothing
        case stop
    }

    private struct State {
        var reads: [any QueuedBody] = []
        var writes: [any QueuedBody] = []
        var told: [String] = []
        var isTelling = false
        var prefersRead = true
        var threads = 0
        var idle = 0
        var writing = 0
        var isClosed = false
        var closing: [CheckedContinuation<Void, Never>] = []
        /// Since when nobody reaches the database; nil while it answers.
        var downSince: ContinuousClock.Instant?
        var reason = ""
        var nextProbe = ContinuousClock.now

        var waiting: Int { reads.count + writes.count + (told.isEmpty || isTelling ? 0 : 1) }
    }

    private let state = Mutex(State())
    /// Counts what waits; threads without work wait on it, which needs no condition variable.
    private let work = eventfd(0, CInt(EFD_CLOEXEC | EFD_SEMAPHORE | EFD_NONBLOCK))
    private let connections: Int
    private let writers: Int

    init(connections: Int) {
        self.connections = connections
        writers = max(1, connections / 2)
        precondition(work >= 0, "the process has no file descriptor left")
    }

    deinit { Glibc.close(work) }

    private func signal() { _ = eventfd_write(work, 1) }

    /// Whether something was signalled; false after a long time without.
    private func wait() -> Bool {
        let end = ContinuousClock.now + Limits.idleConnection
        while true {
            let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
            guard left > 0 else { return false }
            var wanted = pollfd(fd: work, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&wanted, 1, CInt(left) + 1) > 0 else { continue }
            var value: eventfd_t = 0
            // Another thread may have been faster.
            if unsafe eventfd_read(work, &value) == 0 { return true }
        }
    }

    /// Queues a body, or fails it at once where the database has been away for long.
    ///
    /// Says whether a thread is to be started.
    func add(_ body: any QueuedBody, isWrite: Bool) -> Bool {
        let (refusal, mustStart): (DatabaseError?, Bool) = state.withLock { state in
            if state.isClosed { return (.unavailable("it is closed"), false) }
            let now = ContinuousClock.now
            if let since = state.downSince, since + Limits.reconnectPatience < now {
                // One caller a second finds out whether it is back.
                guard state.nextProbe <= now else { return (.unavailable(state.reason), false) }
                state.nextProbe = now + .seconds(1)
            }
            if isWrite { state.writes.append(body) } else { state.reads.append(body) }
            return (nil, needsThread(&state))
        }
        if let refusal {
            body.fail(refusal)
        } else {
            signal()
        }
        return mustStart
    }

    func addTold(_ message: String) -> Bool {
        let (isNew, mustStart) = state.withLock { state in
            guard !state.isClosed, !state.told.contains(message) else { return (false, false) }
            state.told.append(message)
            return (true, needsThread(&state))
        }
        if isNew { signal() }
        return mustStart
    }

    private func needsThread(_ state: inout State) -> Bool {
        guard state.waiting > state.idle, state.threads < connections else { return false }
        state.threads += 1
        return true
    }

    /// Waits for work; `.stop` where there was none for long.
    func next() -> Work {
        state.withLock { $0.idle += 1 }
        let hasWork = wait()
        return state.withLock { state in
            state.idle -= 1
            let next = take(&state)
            if case .nothing = next, state.isClosed || !hasWork {
                state.threads -= 1
                return .stop
            }
            return next
        }
    }

    private func take(_ state: inout State) -> Work {
        if !state.told.isEmpty, !state.isTelling {
            state.isTelling = true
            defer { state.told = [] }
            return .tell(state.told)
        }
        let mayWrite = !state.writes.isEmpty && state.writing < writers
        if !state.reads.isEmpty, state.prefersRead || !mayWrite {
            state.prefersRead = false
            return .read(state.reads.removeFirst())
        }
        state.prefersRead = true
        guard mayWrite else { return .nothing }
        let share = (state.writes.count + writers - state.writing - 1) / (writers - state.writing)
        let batch = Array(state.writes.prefix(min(max(share, 1), Limits.writesPerGroup)))
        state.writes.removeFirst(batch.count)
        state.writing += 1
        return .write(batch)
    }

    /// A write ended; what it did not get to waits in front of all.
    func wrote(rest: [any QueuedBody]) {
        let waiting = state.withLock { state in
            state.writing -= 1
            state.writes.insert(contentsOf: rest, at: 0)
            return state.writes.count
        }
        // Threads may have gone to sleep because too many were writing.
        if waiting > 0 { signal() }
    }

    func told() {
        let isMore = state.withLock { state in
            state.isTelling = false
            return !state.told.isEmpty
        }
        if isMore { signal() }
    }

    // MARK: How the database fares

    func reached() { state.withLock { $0.downSince = nil } }

    func missed(since: ContinuousClock.Instant = .now, _ reason: String) {
        state.withLock { state in
            state.downSince = min(state.downSince ?? since, since)
            state.reason = reason
        }
    }

    /// Whether waiting for it any longer would help nobody.
    var isLost: Bool {
        state.withLock { state in
            state.isClosed || state.downSince.map { $0 + Limits.reconnectPatience < .now } ?? false
        }
    }

    /// Fails all that waits.
    func failAll(_ error: DatabaseError) {
        let bodies = state.withLock { state in
            defer {
                state.reads = []
                state.writes = []
            }
            return state.reads + state.writes
        }
        for body in bodies { body.fail(error) }
    }

    // MARK: The end

    /// Refuses what comes from now on, and returns when the last thread has ended.
    func close() async {
        await withCheckedContinuation { continuation in
            let (isOver, threads) = state.withLock { state in
                state.isClosed = true
                if state.threads > 0 { state.closing.append(continuation) }
                return (state.threads == 0, state.threads)
            }
            if isOver { continuation.resume() }
            for _ in 0..<threads { signal() }
        }
    }

    /// A thread ends; the last one lets `close` return.
    func ended() {
        let closing = state.withLock { state in
            guard state.threads == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.closing = [] }
            return state.closing
        }
        for continuation in closing { continuation.resume() }
    }
}
