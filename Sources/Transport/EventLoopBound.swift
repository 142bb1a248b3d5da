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
}

extension EventLoopBound {
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe eventLoop.serialExecutor.asUnownedSerialExecutor()
    }
}
