import DequeModule
import Synchronization
import Transport

/// A number of permits, given out in the order of asking: the fair queue in front of a pool's connections.
///
/// Whoever waits is woken exactly once: by a permit, the deadline, cancellation or the end of the pool.
final class PermitQueue: Sendable {
    /// Why there was no permit.
    enum Failure: Error {
        case timedOut
        case cancelled
        case closed
    }

    private typealias Answer = Result<Void, Failure>

    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Answer, Never>
    }

    private struct State {
        var size: Int
        /// Below zero while more are out than there are now.
        var free: Int
        var nextNumber = 0
        var waiters: Deque<Waiter> = []
        var isClosed = false

        /// Gives a free permit to whoever has waited longest.
        mutating func nextInLine() -> Waiter? {
            guard free > 0, let waiter = waiters.popFirst() else { return nil }
            free -= 1
            return waiter
        }
    }

    private let state: Mutex<State>

    init(_ permits: Int) { state = Mutex(State(size: permits, free: permits)) }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Takes a permit, which must be given back by `release()`; waits for it until the deadline.
    nonisolated(nonsending) func acquire(on loop: EventLoop, deadline: Deadline) async throws(Failure) {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let timer = loop.schedule(at: deadline) { self.answer(number, .timedOut) }
        defer { timer.cancel() }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now = state.withLock { state -> Answer? in
                    if state.isClosed { return .failure(.closed) }
                    // Both could have come before there was a waiter to tell.
                    if Task.isCancelled { return .failure(.cancelled) }
                    if deadline.hasPassed { return .failure(.timedOut) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    state.waiters.append(Waiter(number: number, continuation: continuation))
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            self.answer(number, .cancelled)
        }
        try answer.get()
    }

    /// Gives a permit back, to whoever has waited longest.
    func release() {
        let next = state.withLock { state -> Waiter? in
            state.free += 1
            return state.nextInLine()
        }
        next?.continuation.resume(returning: .success(()))
    }

    /// Changes how many permits there are; those that are out stay out.
    func resize(to permits: Int) {
        let served = state.withLock { state in
            state.free += permits - state.size
            state.size = permits
            var served: [Waiter] = []
            while let waiter = state.nextInLine() { served.append(waiter) }
            return served
        }
        for waiter in served { waiter.continuation.resume(returning: .success(())) }
    }

    /// Refuses all who wait and all who come.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: .failure(.closed)) }
    }

    private func answer(_ number: Int, _ failure: Failure) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: .failure(failure))
    }
}
