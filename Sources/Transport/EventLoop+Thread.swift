internal import CLinux
internal import Glibc
internal import Synchronization

extension EventLoop {
    /// Starts the thread that owns the loop.
    ///
    /// It keeps the loop alive until it ends.
    func startThread() {
        let box = unsafe Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let loop = unsafe Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue()
                loop.main()
                return nil
            }, box)
        precondition(result == 0, "the system gives no thread")
        pthread_detach(thread)
    }

    private func main() {
        unsafe mb_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
        unsafe mb_set_thread_name(name)
        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: Limits.eventsPerTurn)
        defer { unsafe events.deallocate() }
        var jobs: [Job] = []
        var yielded: [Suspension<Void>] = []
        var wokeAt = Deadline.now
        while true {
            let ran = runJobs(&jobs)
            turn.add(1, ordering: .relaxed)
            let now = Deadline.now
            count(jobs: ran, time: now.duration(since: wokeAt))
            guard let timeout = timeoutOrEnd(at: now) else { break }
            let count = unsafe poll(events, milliseconds: timeout)
            queue.withLock { $0.isSleeping = false }
            wokeAt = .now
            turnBegan.store(wokeAt.nanoseconds, ordering: .relaxed)
            for index in 0..<count { unsafe deliver(events[index]) }
            fireTimers(at: wokeAt, events: count)
            resumeYielded(&yielded)
        }
        mb_set_current_loop(nil)
    }

    /// Runs what is enqueued, and what that enqueues, up to the bound of one turn.
    private func runJobs(_ jobs: inout [Job]) -> Int {
        let serial = unsafe serialExecutor.asUnownedSerialExecutor()
        let task = unsafe asUnownedTaskExecutor()
        var ran = 0
        while ran < Limits.jobsPerTurn {
            queue.withLock { swap(&$0.jobs, &jobs) }
            guard !jobs.isEmpty else { break }
            for job in jobs {
                if job.isIsolated {
                    unsafe job.job.runSynchronously(on: serial)
                } else {
                    unsafe job.job.runSynchronously(on: task)
                }
            }
            ran += jobs.count
            if jobs.capacity > 4 * Limits.jobsPerTurn { jobs = [] } else { jobs.removeAll(keepingCapacity: true) }
        }
        return ran
    }

    private func resumeYielded(_ yielded: inout [Suspension<Void>]) {
        queue.withLock { swap(&$0.yielded, &yielded) }
        for suspension in yielded { suspension.resume() }
        yielded.removeAll(keepingCapacity: true)
    }

    /// How long to sleep: nil in the result ends the thread, nil inside sleeps until something happens.
    private func timeoutOrEnd(at now: Deadline) -> Int32?? {
        enum Next { case poll, sleep, stop }
        let next = queue.withLock { queue -> Next in
            if !queue.isEmpty { return .poll }
            if queue.isStopping { return .stop }
            queue.isSleeping = true
            return .sleep
        }
        switch next {
        case .poll: return .some(0)
        case .sleep:
            // Read after `isSleeping` is set: whoever arms an earlier timer from now on interrupts us.
            guard let timer = timers.withLock({ $0.next }) else { return .some(nil) }
            let distance = timer.nanoseconds - now.nanoseconds
            return .some(Int32(clamping: max(0, (distance + 999_999) / 1_000_000)))
        case .stop:
            endWaits()
            let waiters = queue.withLock { queue -> [Suspension<Void>]? in
                guard queue.isEmpty else { return nil }
                queue.hasThread = false
                defer { queue.stopWaiters = [] }
                return queue.stopWaiters
            }
            guard let waiters else { return .some(0) }
            for waiter in waiters { waiter.resume() }
            return nil
        }
    }

    /// Wakes everything that waits on this loop, for good.
    private func endWaits() {
        for registration in registrations.withLock({ $0.elements }) { registration.loopStopped() }
        while let action = timers.withLock({ $0.popAny() }) { action.loopStopped() }
    }

    private func fireTimers(at now: Deadline, events: Int) {
        var fired: UInt64 = 0
        while let action = timers.withLock({ $0.popDue(at: now) }) {
            action.fire(at: now)
            fired += 1
        }
        if fired > 0 || events > 0 {
            counted.withLock {
                $0.timersFired += fired
                $0.events += UInt64(events)
            }
        }
    }

    private func count(jobs: Int, time: Duration) {
        counted.withLock {
            $0.turns += 1
            $0.jobs += UInt64(jobs)
            $0.longestBatch = max($0.longestBatch, jobs)
            $0.longestTurn = max($0.longestTurn, time)
        }
    }

    /// Ends all waits and then the thread, once the work that is left has run.
    ///
    /// Comes back when the thread is done.
    package func shutdown() async {
        await Suspension<Void>.wait { suspension in
            let (isDone, mustWake) = queue.withLock { queue in
                queue.isStopping = true
                if queue.hasThread { queue.stopWaiters.append(suspension) }
                return (!queue.hasThread, queue.takeSleep())
            }
            if isDone { suspension.resume() }
            if mustWake { interrupt() }
        }
    }

    /// Begins what `shutdown()` does and does not wait for it.
    package func stop() {
        if queue.withLock({ queue in
            queue.isStopping = true
            return queue.takeSleep()
        }) {
            interrupt()
        }
    }
}
