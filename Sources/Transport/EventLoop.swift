internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread with an epoll instance: the tasks of a connection, its reads, its parsing and its writes all run here.
///
/// It is a `TaskExecutor` (a connection's task runs with it as `executorPreference`) and, through `EventLoopBound`, the
/// executor of actors. Jobs from its own thread cost no system call.
///
/// Once stopped it still runs what is enqueued, on a short-lived thread, so that no task is ever left hanging; but no
/// wait begins any more.
package final class EventLoop: TaskExecutor, Sendable {
    /// What the loop did so far; differences of two values are rates.
    package struct Counters: Sendable, Equatable {
        /// Times the loop went around.
        package var turns: UInt64 = 0
        package var jobs: UInt64 = 0
        package var events: UInt64 = 0
        /// Times another thread had to interrupt its sleep.
        package var wakeUps: UInt64 = 0
        package var timersFired: UInt64 = 0
        /// Most jobs in one turn.
        package var longestBatch = 0
        /// Longest time between two looks at the sockets: the delay that a new event met at worst.
        package var longestTurn: Duration = .zero
    }

    /// Work that waits for the loop's thread, and whether the thread must be told.
    struct Queue {
        var jobs: [Job] = []
        /// Tasks that let others run first.
        var yielded: [Suspension<Void>] = []
        var isSleeping = false
        var isStopping = false
        var hasThread = false
        var wakeUps: UInt64 = 0
        /// Told when the thread ends.
        var stopWaiters: [Suspension<Void>] = []

        var isEmpty: Bool { jobs.isEmpty && yielded.isEmpty }
    }

    struct Job {
        let job: UnownedJob
        /// It is an actor's: it came through `serialExecutor`.
        let isIsolated: Bool
    }

    let name: String
    let serialExecutor = LoopSerialExecutor()
    let queue = Mutex(Queue())
    let timers = Mutex(TimerHeap<TimerAction>())
    let registrations = Mutex(SlotTable<Registration>())
    let counted = Mutex(Counters())
    let turn = Atomic<UInt64>(0)
    /// When this turn began, in `Deadline`'s nanoseconds: a clock that costs nothing to read.
    let turnBegan = Atomic<Int64>(0)
    let scratch = ScratchBuffer()
    private let epoll: Descriptor
    private let wakeUp: Descriptor
    /// The event data of the wake-up descriptor; no registration has it.
    private static let wakeUpName = UInt64.max

    /// Makes a loop and starts its thread.
    package init(name: String = "loop") throws(TransportError) {
        self.name = name
        Self.ignoreBrokenPipes()
        epoll = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), .listen)
        wakeUp = try Descriptor(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)), .listen)
        // Edge-triggered: each write is an event even if nobody ever reads the counter, which saves that call.
        try control(
            EPOLL_CTL_ADD, wakeUp.raw, events: EPOLLIN.rawValue | EPOLLET.rawValue, name: Self.wakeUpName)
        serialExecutor.open(to: self)
        queue.withLock { $0.hasThread = true }
        startThread()
    }

    /// OpenSSL writes with `write`, which has no way to say `MSG_NOSIGNAL`.
    private static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

    /// The loop that runs the calling code.
    package static var current: EventLoop? {
        guard let loop = unsafe mb_current_loop() else { return nil }
        return unsafe Unmanaged<EventLoop>.fromOpaque(loop).takeUnretainedValue()
    }

    /// Whether the calling code is on this loop's thread.
    package var isCurrent: Bool {
        unsafe mb_current_loop() == UnsafeMutableRawPointer(Unmanaged.passUnretained(self).toOpaque())
    }

    /// Whether the moment had come when this turn began.
    func isOver(_ deadline: Deadline) -> Bool { deadline.nanoseconds <= turnBegan.load(ordering: .relaxed) }

    /// Whether the calling task resumes on this loop by itself.
    var isPreferredByCurrentTask: Bool {
        unsafe withUnsafeCurrentTask { unsafe $0?.unownedTaskExecutor == asUnownedTaskExecutor() }
    }

    package var counters: Counters {
        var counters = counted.withLock { $0 }
        counters.wakeUps = queue.withLock { $0.wakeUps }
        return counters
    }

    /// Connections, listeners and pending connects that the loop watches.
    package var registrationCount: Int { registrations.withLock { $0.count } }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        enqueue(job, isolated: false)
    }

    func enqueue(_ job: UnownedJob, isolated: Bool) {
        enqueue { $0.jobs.append(Job(job: job, isIsolated: isolated)) }
    }

    /// Lets everything else that is ready on this loop run first.
    package nonisolated(nonsending) func yield() async {
        await Suspension<Void>.wait { suspension in enqueue { $0.yielded.append(suspension) } }
    }

    private func enqueue(_ append: (inout Queue) -> Void) {
        let isOwnThread = isCurrent
        let (mustWake, mustStart) = queue.withLock { queue in
            append(&queue)
            let mustStart = !queue.hasThread
            if mustStart { queue.hasThread = true }
            return (!isOwnThread && queue.takeSleep(), mustStart)
        }
        if mustWake { interrupt() }
        if mustStart { startThread() }
    }

    /// Makes the thread look at its queue and timers again.
    func interruptIfSleeping() {
        if !isCurrent, queue.withLock({ $0.takeSleep() }) { interrupt() }
    }

    func interrupt() { _ = eventfd_write(wakeUp.raw, 1) }

    func control(_ operation: Int32, _ descriptor: Int32, events: UInt32, name: UInt64) throws(TransportError) {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: name))
        guard unsafe epoll_ctl(epoll.raw, operation, descriptor, &event) == 0 else {
            throw .from(errno: errno, .listen)
        }
    }

    /// Waits for events; nil sleeps until one comes.
    func poll(_ events: UnsafeMutableBufferPointer<epoll_event>, milliseconds: Int32?) -> Int {
        let count = unsafe epoll_wait(epoll.raw, events.baseAddress, Int32(events.count), milliseconds ?? -1)
        return max(0, Int(count))
    }

    func deliver(_ event: epoll_event) {
        let name = unsafe event.data.u64
        guard name != Self.wakeUpName else { return }
        let bits = unsafe event.events
        let registration = registrations.withLock { $0[name] }
        registration?.event(
            readable: bits & EPOLLIN.rawValue != 0, writable: bits & EPOLLOUT.rawValue != 0,
            hangUp: bits & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0)
    }
}

extension EventLoop.Queue {
    /// Whether the thread sleeps and nobody woke it yet; from now on somebody does.
    mutating func takeSleep() -> Bool {
        guard isSleeping else { return false }
        isSleeping = false
        wakeUps += 1
        return true
    }
}
