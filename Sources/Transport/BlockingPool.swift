internal import CLinux
internal import Glibc
internal import Synchronization

/// A few threads for calls that block or calculate for long.
///
/// Needed because a task that prefers an event loop stays on it even in `@concurrent` functions: this truly leaves.
package final class BlockingPool: Sendable {
    /// For CPU-heavy pieces.
    package static let work = BlockingPool(name: "work", threads: Limits.workThreads)
    /// For `getaddrinfo`, whose time-outs are long; they must not stop other work.
    package static let resolver = BlockingPool(name: "resolver", threads: Limits.resolverThreads)

    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var next = 0
        var threads = 0
        var idle = 0

        var waiting: Int { jobs.count - next }

        mutating func take() -> (@Sendable () -> Void)? {
            guard next < jobs.count else { return nil }
            defer {
                next += 1
                if next == jobs.count || next > 1024 {
                    jobs.removeFirst(next)
                    next = 0
                }
            }
            return jobs[next]
        }
    }

    private let name: String
    private let maximum: Int
    private let state = Mutex(State())
    /// Counts jobs: idle threads wait on it, which needs no condition variable.
    private let semaphore: Int32

    init(name: String, threads: Int) {
        self.name = name
        maximum = threads
        semaphore = eventfd(0, Int32(EFD_CLOEXEC | EFD_SEMAPHORE | EFD_NONBLOCK))
        precondition(semaphore >= 0, "the process has no file descriptor left")
    }

    deinit { Glibc.close(semaphore) }

    /// Runs `body` on a thread of the pool and waits for it, also when the task is cancelled meanwhile.
    package nonisolated(nonsending) func run<T: Sendable>(
        _ body: @escaping @Sendable () throws -> T
    ) async throws -> T {
        let result = await Suspension<Result<T, any Error>?>.wait { suspension in
            let isTaken = submit { suspension.resume(returning: Result(catching: body)) }
            if !isTaken { suspension.resume(returning: nil) }
        }
        guard let result else { throw TransportError.limitExceeded(.blockingCalls) }
        return try result.get()
    }

    /// Queues `job`; false when too many wait.
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let (isTaken, mustStart) = state.withLock { state in
            guard state.waiting < Limits.waitingBlockingCalls else { return (false, false) }
            state.jobs.append(job)
            let mustStart = state.waiting > state.idle && state.threads < maximum
            if mustStart { state.threads += 1 }
            return (true, mustStart)
        }
        if isTaken { _ = eventfd_write(semaphore, 1) }
        if mustStart { startThread() }
        return isTaken
    }

    private func startThread() {
        let box = unsafe Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<BlockingPool>.fromOpaque(argument).takeRetainedValue().main()
                return nil
            }, box)
        precondition(result == 0, "the system gives no thread")
        pthread_detach(thread)
    }

    private func main() {
        unsafe mb_set_thread_name(name)
        while true {
            while let job = state.withLock({ $0.take() }) { job() }
            state.withLock { $0.idle += 1 }
            let isTold = awaitJob()
            let ends = state.withLock { state in
                state.idle -= 1
                guard !isTold, state.waiting == 0 else { return false }
                state.threads -= 1
                return true
            }
            if ends { return }
        }
    }

    /// Whether a job was announced; false after a while without one.
    private func awaitJob() -> Bool {
        var wanted = pollfd(fd: semaphore, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&wanted, 1, Limits.idleThreadMilliseconds) > 0 else { return false }
        var value: eventfd_t = 0
        _ = unsafe eventfd_read(semaphore, &value)
        return true
    }
}
