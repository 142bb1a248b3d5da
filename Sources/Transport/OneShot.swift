internal import Synchronization

/// A result that comes once, from whoever is first: the work, a deadline, a cancellation.
final class OneShot<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, TransportError>

    private enum State {
        /// Can become: waiting, done.
        case empty
        /// Can become: done.
        case waiting(Suspension<Outcome>)
        case done(Outcome)
    }

    private let state = Mutex(State.empty)

    init() {}

    /// Sets the result; only the first call counts.
    func complete(_ outcome: Outcome) {
        let waiter = state.withLock { state -> Suspension<Outcome>? in
            switch state {
            case .empty:
                state = .done(outcome)
                return nil
            case .waiting(let waiter):
                state = .done(outcome)
                return waiter
            case .done:
                return nil
            }
        }
        waiter?.resume(returning: outcome)
    }

    /// Waits for the result.
    ///
    /// To be called once, on behalf of `loop`.
    nonisolated(nonsending) func value(on loop: EventLoop) async throws(TransportError) -> Value {
        let outcome = await Suspension<Outcome>.wait(on: loop) { suspension in
            let ready = state.withLock { state -> Outcome? in
                if case .done(let outcome) = state { return outcome }
                state = .waiting(suspension)
                return nil
            }
            if let ready { suspension.resume(returning: ready) }
        } onCancel: {
            complete(.failure(.cancelled))
        }
        return try outcome.get()
    }
}
