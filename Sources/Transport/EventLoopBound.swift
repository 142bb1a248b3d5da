internal import Synchronization

/// The loop as the executor of actors: a second door to the same thread.
///
/// The runtime must be told on whose behalf a job runs. Told wrongly, it is still right but sends each job around again
/// after each suspension: with one door for both, a request cost five jobs instead of one.
final class LoopSerialExecutor: SerialExecutor, Sendable {
    private struct Link {
        /// The loop owns this door, and whoever comes through it holds the loop.
        unowned let loop: EventLoop
    }

    private let link = Mutex(Link?.none)

    init() {}

    func open(to loop: EventLoop) { link.withLock { $0 = Link(loop: loop) } }

    private var loop: EventLoop? { link.withLock { $0?.loop } }

    func enqueue(_ job: consuming ExecutorJob) {
        loop?.enqueue(UnownedJob(job), isolated: true)
    }

    func isIsolatingCurrentContext() -> Bool? { loop?.isCurrent }

    func checkIsolated() {
        precondition(loop?.isCurrent == true, "not on the event loop's thread")
    }
}

/// An actor that lives on one event loop: its code shares the loop's thread with the sockets it uses.
package protocol EventLoopBound: Actor {
    nonisolated var eventLoop: EventLoop { get }
    /// The loop's executor. The runtime asks for it after each await; an actor that awaits much keeps it in a stored
    /// property, which spares it counting references to the loop each time.
    nonisolated var loopExecutor: LoopExecutor { get }
}

extension EventLoopBound {
    package nonisolated var loopExecutor: LoopExecutor { eventLoop.executor }
    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loopExecutor.unowned }
}

/// A loop's executor for actors, valid as long as the loop.
///
/// Whoever keeps it keeps the loop too: `EventLoopBound` demands that.
@safe package struct LoopExecutor: Sendable {
    fileprivate let unowned: UnownedSerialExecutor
}

extension EventLoop {
    package var executor: LoopExecutor { unsafe LoopExecutor(unowned: serialExecutor.asUnownedSerialExecutor()) }
}
