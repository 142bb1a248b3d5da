internal import Synchronization

/// What happens when a moment comes.
enum TimerAction: Sendable {
    /// The earliest deadline of a descriptor's waits.
    case registration(Registration)
    /// A task that sleeps until then.
    case sleeper(OneShot<Void>)
    /// A wait for a result that is given up then.
    case run(@Sendable () -> Void, onStop: (@Sendable () -> Void)?)

    func fire(at now: Deadline) {
        switch self {
        case .registration(let registration): registration.timerFired(at: now)
        case .sleeper(let sleeper): sleeper.complete(.success(()))
        case .run(let body, _): body()
        }
    }

    func loopStopped() {
        switch self {
        case .registration(let registration): registration.loopStopped()
        case .sleeper(let sleeper): sleeper.complete(.failure(.closed))
        case .run(_, let onStop): onStop?()
        }
    }
}

/// Work that a loop will do later, unless cancelled.
package struct Timer: Sendable {
    fileprivate let loop: EventLoop
    fileprivate let id: TimerHeap<TimerAction>.ID

    /// Takes the work back.
    ///
    /// Where it has begun, or was done, nothing happens.
    package func cancel() { loop.disarm(id) }
}

extension EventLoop {
    /// Runs `body` on the loop's thread at that moment.
    ///
    /// It must not block. A stopped loop drops it.
    @discardableResult
    package func schedule(at deadline: Deadline, _ body: @escaping @Sendable () -> Void) -> Timer {
        Timer(loop: self, id: arm(.run(body, onStop: nil), at: deadline))
    }

    /// Suspends until that moment; throws `cancelled`, or `closed` when the loop is stopped.
    package nonisolated(nonsending) func sleep(until deadline: Deadline) async throws(TransportError) {
        let sleeper = OneShot<Void>()
        let timer = arm(.sleeper(sleeper), at: deadline)
        defer { disarm(timer) }
        if isStopping { sleeper.complete(.failure(.closed)) }
        try await sleeper.value(on: self)
    }

    package nonisolated(nonsending) func sleep(for duration: Duration) async throws(TransportError) {
        try await sleep(until: .after(duration))
    }

    var isStopping: Bool { queue.withLock { $0.isStopping } }

    func arm(_ action: TimerAction, at deadline: Deadline) -> TimerHeap<TimerAction>.ID {
        let (id, isEarliest) = timers.withLock { timers in
            let previous = timers.next
            let id = timers.insert(action, at: deadline)
            return (id, previous.map { deadline < $0 } ?? true)
        }
        if isEarliest { interruptIfSleeping() }
        return id
    }

    func disarm(_ id: TimerHeap<TimerAction>.ID) {
        // The payload may hold the last reference to something: it must go outside of the lock.
        _ = timers.withLock { $0.remove(id) }
    }
}
