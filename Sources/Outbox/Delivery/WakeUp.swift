import Synchronization

/// A bell: whoever waits is woken by a ring or by the time, and a ring that nobody heard is not lost.
package final class WakeUp: Sendable {
    private struct State {
        var rang = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    package func ring() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil { state.rang = true }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns at a ring, at that time, or when the task is cancelled; one task at a time may wait.
    func wait(until time: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled by the ring: then the time does not matter any more.
                try? await ContinuousClock().sleep(until: time)
                self.ring()
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isDue = state.withLock { state in
                        if state.rang || Task.isCancelled {
                            state.rang = false
                            return true
                        }
                        state.waiter = continuation
                        return false
                    }
                    if isDue { continuation.resume() }
                }
            } onCancel: {
                ring()
            }
            group.cancelAll()
            await group.waitForAll()
            // The timer's own ring is nobody's news; a real one that came meanwhile is answered by the caller's next look.
            state.withLock { $0.rang = false }
        }
    }
}
