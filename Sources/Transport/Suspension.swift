/// A suspended task, in a form that other places may hold. Whoever takes it out of the locked state that it waits in
/// resumes it, so it is resumed exactly once; nothing checks that, because a wait must not allocate.
@safe struct Suspension<Value: Sendable>: Sendable {
    private let continuation: UnsafeContinuation<Value, Never>

    /// Suspends the caller; `body` hands the suspension to where it will be resumed, or resumes it.
    static nonisolated(nonsending) func wait(_ body: (Suspension) -> Void) async -> Value {
        await unsafe withUnsafeContinuation { unsafe body(Suspension(continuation: $0)) }
    }

    private init(continuation: UnsafeContinuation<Value, Never>) { unsafe self.continuation = unsafe continuation }

    func resume(returning value: sending Value) { unsafe continuation.resume(returning: value) }
}

extension Suspension<Void> {
    func resume() { resume(returning: ()) }
}
