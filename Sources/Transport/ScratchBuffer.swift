internal import Synchronization

/// Memory for one system call at a time, shared by all streams of a loop so that an idle one needs none.
@safe final class ScratchBuffer: Sendable {
    private let lock = Mutex(())
    /// Lent under the lock only.
    // Sound: `Mutex` cannot hold it; it would refuse to lend it together with a stream, which is not `Sendable`.
    private nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer

    init() { unsafe bytes = .allocate(byteCount: Limits.scratchSize, alignment: 16) }

    deinit { unsafe bytes.deallocate() }

    func lend<Result: Sendable>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        lock.withLock { _ in unsafe body(bytes) }
    }
}
