import Synchronization

/// A transaction's body that waits for a connection; its result type is known only to itself.
protocol QueuedBody: Sendable {
    /// Runs the body and keeps its value until the commit; a second run replaces the first.
    func run(on connection: any SQLConnection) throws
    /// Answers with the kept value; after `fail` it does nothing.
    func finish()
    func fail(_ error: any Error)
}

/// A body, and the continuation of the task that waits for it.
final class PendingBody<Value: Sendable>: QueuedBody {
    private enum State {
        case waiting
        case done(Value)
        case answered
    }

    private let body: @Sendable (any SQLConnection) throws -> Value
    private let continuation: CheckedContinuation<Value, any Error>
    private let state = Mutex(State.waiting)

    init(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value,
        continuation: CheckedContinuation<Value, any Error>
    ) {
        self.body = body
        self.continuation = continuation
    }

    func run(on connection: any SQLConnection) throws {
        let value = try body(connection)
        state.withLock { $0 = .done(value) }
    }

    func finish() {
        let value: Value? = state.withLock { state in
            guard case .done(let value) = state else { return nil }
            state = .answered
            return value
        }
        if let value { continuation.resume(returning: value) }
    }

    func fail(_ error: any Error) {
        let isFirst = state.withLock { state in
            if case .answered = state { return false }
            state = .answered
            return true
        }
        if isFirst { continuation.resume(throwing: error) }
    }
}
