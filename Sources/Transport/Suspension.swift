/// A suspended task, in a form that other places may hold.
///
/// Whoever takes it out of the locked state that it waits in resumes it, so it is resumed exactly once; nothing checks
/// that, because a wait must not allocate.
@safe struct Suspension<Value: Sendable>: Sendable {
    private let continuation: UnsafeContinuation<Value, Never>

    /// Suspends the caller; `body` hands the suspension to where it will be resumed, or resumes it.
    static nonisolated(nonsending) func wait(_ body: (Suspension) -> Void) async -> Value {
        await unsafe withUnsafeContinuation { unsafe body(Suspension(continuation: $0)) }
    }

    /// As `wait`, and `onCancel` runs when the task is cancelled meanwhile, or was before.
    ///
    /// A continuation always resumes on the task's preferred executor and goes from there to its actor's. Without a
    /// preference that is the pool of global threads, so each wait of an actor on `loop` would wake two other threads; hence
    /// the loop is made the preference where it is not.
    static func wait(
        on loop: EventLoop, isolation: isolated (any Actor)? = #isolation, _ body: (Suspension) -> Void,
        onCancel: @Sendable () -> Void
    ) async -> Value {
        // Both closures must capture `isolation`: else they leave the caller's actor.
        await withTaskCancellationHandler(
            operation: {
                _ = isolation
                if loop.isPreferredByCurrentTask { return await wait(isolation: isolation, body) }
                return await withTaskExecutorPreference(loop, isolation: isolation) {
                    _ = isolation
                    return await wait(isolation: isolation, body)
                }
            }, onCancel: onCancel, isolation: isolation)
    }

    private static func wait(isolation: isolated (any Actor)?, _ body: (Suspension) -> Void) async -> Value {
        await unsafe withUnsafeContinuation(isolation: isolation) { unsafe body(Suspension(continuation: $0)) }
    }

    private init(continuation: UnsafeContinuation<Value, Never>) { unsafe self.continuation = unsafe continuation }

    func resume(returning value: sending Value) { unsafe continuation.resume(returning: value) }
}

extension Suspension<Void> {
    func resume() { resume(returning: ()) }
}
