internal import CLinux
internal import Glibc
internal import Synchronization

/// A descriptor that an event loop watches, and the waits on it.
///
/// It owns the descriptor until `close()`. Its decisions are `Readiness`, its only lock is around them, so it is right on
/// any thread; on the loop's own the lock is never contended.
final class Registration: Sendable {
    typealias Waits = Readiness<Suspension<Wake>>

    private struct State {
        var waits = Waits()
        /// One timer serves both waits.
        ///
        /// It is left armed when a wait ends early: most often the next wait comes before it fires, and then a request
        /// costs no change of the timer heap.
        var timer: (id: TimerHeap<TimerAction>.ID, deadline: Deadline)?
        var isDescriptorClosed = false
    }

    let loop: EventLoop
    /// The number, valid until `close()`.
    let descriptor: Int32
    private let name: UInt64
    private let state = Mutex(State())

    /// Takes over the descriptor, which must not block, and watches it, edge-triggered.
    init(_ descriptor: consuming Descriptor, on loop: EventLoop) throws(TransportError) {
        self.loop = loop
        name = loop.registrations.withLock { $0.reserve() }
        self.descriptor = descriptor.release()
        loop.registrations.withLock { $0[name] = self }
        if loop.isStopping {
            close()
            throw .closed
        }
        do throws(TransportError) {
            let events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
            try loop.control(EPOLL_CTL_ADD, self.descriptor, events: events, name: name)
        } catch {
            close()
            throw error
        }
    }

    var isClosed: Bool { state.withLock { $0.waits.isClosed } }

    var isDescriptorClosed: Bool { state.withLock { $0.isDescriptorClosed } }

    var ticket: Ticket { state.withLock { $0.waits.ticket } }

    /// Lends the descriptor while nobody can close it, for owners that are not in one isolation; nil when it is closed.
    func withDescriptor<Result: Sendable>(_ body: (Int32) -> Result) -> Result? {
        state.withLock { $0.isDescriptorClosed ? nil : body(descriptor) }
    }

    /// Suspends until something happened to the descriptor since `ticket`.
    nonisolated(nonsending) func wait(
        _ role: WaitRole, for interest: Interest, since ticket: Ticket, until deadline: Deadline,
        _ phase: TransportError.Phase
    ) async throws(TransportError) {
        let id = state.withLock { $0.waits.begin(role) }
        let wake = await Suspension<Wake>.wait(on: loop) { suspension in
            let wake = park(suspension, role, id, interest, ticket, deadline)
            if let wake { suspension.resume(returning: wake) }
        } onCancel: {
            state.withLock { $0.waits.cancel(role, id: id) }?.resume(returning: .cancelled)
        }
        switch wake {
        case .ready: return
        case .cancelled: throw .cancelled
        case .deadline: throw .deadlineExceeded(phase)
        case .closed: throw .closed
        }
    }

    private func park(
        _ suspension: Suspension<Wake>, _ role: WaitRole, _ id: UInt32, _ interest: Interest,
        _ ticket: Ticket, _ deadline: Deadline
    ) -> Wake? {
        state.withLock { state in
            let wake = state.waits.park(
                suspension, as: role, id: id, for: interest, since: ticket, until: deadline,
                isLate: loop.isOver(deadline))
            if wake == nil, deadline != .never { arm(deadline, &state) }
            return wake
        }
    }

    /// Makes sure the timer fires at `deadline` at the latest.
    ///
    /// The loop's lock is always taken inside of ours.
    private func arm(_ deadline: Deadline, _ state: inout State) {
        if let timer = state.timer {
            if timer.deadline <= deadline { return }
            loop.disarm(timer.id)
        }
        state.timer = (loop.arm(.registration(self), at: deadline), deadline)
    }

    func event(readable: Bool, writable: Bool, hangUp: Bool) {
        let woken = state.withLock {
            $0.waits.event(readable: readable, writable: writable, hangUp: hangUp)
        }
        woken.0?.resume(returning: .ready)
        woken.1?.resume(returning: .ready)
    }

    func timerFired(at now: Deadline) {
        let woken = state.withLock { state in
            state.timer = nil
            let (woken, next) = state.waits.expire(at: now)
            if next != .never { arm(next, &state) }
            return woken
        }
        woken.0?.resume(returning: .deadline)
        woken.1?.resume(returning: .deadline)
    }

    /// Ends all waits; the descriptor stays until its owner closes it.
    func loopStopped() {
        let woken = state.withLock { $0.waits.close() }
        woken.0?.resume(returning: .closed)
        woken.1?.resume(returning: .closed)
    }

    /// Closes the descriptor and ends all waits.
    ///
    /// Later calls do nothing.
    func close() {
        let (woken, timer) = state.withLock { state in
            let timer = state.timer
            state.timer = nil
            if !state.isDescriptorClosed {
                state.isDescriptorClosed = true
                loop.registrations.withLock { $0.remove(name) }
                Glibc.close(descriptor)
            }
            return (state.waits.close(), timer)
        }
        if let timer { loop.disarm(timer.id) }
        woken.0?.resume(returning: .closed)
        woken.1?.resume(returning: .closed)
    }
}
