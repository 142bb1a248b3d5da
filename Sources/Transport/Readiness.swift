/// What a waiter needs of a descriptor.
package enum Interest: Sendable { case readable, writable }

/// On whose behalf somebody waits.
///
/// There may be one of each at a time; under TLS a writer may wait for readability.
package enum WaitRole: Sendable { case reader, writer }

/// How a wait ended.
package enum Wake: Sendable, Equatable { case ready, cancelled, deadline, closed }

/// The state of a descriptor at one moment.
package struct Ticket: Sendable, Equatable {
    package fileprivate(set) var readable: UInt32
    package fileprivate(set) var writable: UInt32
    /// The peer is done or gone: a call will tell more, and no further event may come.
    package fileprivate(set) var isHungUp: Bool

    /// Before the first event.
    package static let none = Ticket(readable: 0, writable: 0, isHungUp: false)

    /// Whether nothing happened for `interest` between the two moments.
    package func isCurrent(_ interest: Interest, _ now: Ticket) -> Bool {
        (interest == .readable ? readable == now.readable : writable == now.writable) && isHungUp == now.isHungUp
    }
}

/// What is known of one descriptor, and who waits for it: all decisions of a wait, without a thread or a system call.
///
/// Events are *counted*. Whoever tries a system call notes the count first and waits "since" that count, so an event
/// between the failed call and the wait is never lost, whichever thread each of them is on.
package struct Readiness<Waiter> {
    private enum Wait {
        /// Can become: begun.
        case none
        /// Announced, not yet suspended.
        ///
        /// Can become: cancelledEarly, parked, none.
        case begun(id: UInt32)
        /// Can become: none.
        case cancelledEarly(id: UInt32)
        /// Suspended.
        ///
        /// Can become: none, by giving up its waiter exactly once.
        case parked(id: UInt32, interest: Interest, deadline: Deadline, waiter: Waiter)
    }

    private var readable: UInt32 = 0
    private var writable: UInt32 = 0
    private var isHungUp = false
    private(set) var isClosed = false
    private var reader = Wait.none
    private var writer = Wait.none
    private var lastID: UInt32 = 0

    package init() {}

    package var ticket: Ticket { Ticket(readable: readable, writable: writable, isHungUp: isHungUp) }

    /// Announces a wait, so that a cancellation that comes before the suspension is not lost.
    package mutating func begin(_ role: WaitRole) -> UInt32 {
        lastID &+= 1
        if case .none = self[role] {} else { preconditionFailure("a second \(role) on one stream") }
        self[role] = .begun(id: lastID)
        return lastID
    }

    /// Suspends `waiter`, or says why there is nothing to wait for.
    ///
    /// A wait that begins after its deadline ends at once, even when the descriptor is ready: a peer that always moves a
    /// little would otherwise keep the timer from ever coming first.
    package mutating func park(
        _ waiter: Waiter, as role: WaitRole, id: UInt32, for interest: Interest, since ticket: Ticket,
        until deadline: Deadline,
        isLate: Bool = false
    ) -> Wake? {
        if case .cancelledEarly(id) = self[role] {
            self[role] = .none
            return .cancelled
        }
        if isClosed || !ticket.isCurrent(interest, self.ticket) {
            self[role] = .none
            return isClosed ? .closed : isLate ? .deadline : .ready
        }
        if isLate {
            self[role] = .none
            return .deadline
        }
        self[role] = .parked(id: id, interest: interest, deadline: deadline, waiter: waiter)
        return nil
    }

    /// Counts an event; gives up to two waiters that it wakes.
    package mutating func event(readable isReadable: Bool, writable isWritable: Bool, hangUp: Bool) -> (
        Waiter?, Waiter?
    ) {
        if isReadable || hangUp { readable &+= 1 }
        if isWritable || hangUp { writable &+= 1 }
        if hangUp { isHungUp = true }
        return (
            take(.reader, readable: isReadable || hangUp, writable: isWritable || hangUp),
            take(.writer, readable: isReadable || hangUp, writable: isWritable || hangUp)
        )
    }

    /// Ends the wait of that name as cancelled; a waiter is given only if it was suspended.
    package mutating func cancel(_ role: WaitRole, id: UInt32) -> Waiter? {
        switch self[role] {
        case .begun(id):
            self[role] = .cancelledEarly(id: id)
            return nil
        case .parked(id, _, _, let waiter):
            self[role] = .none
            return waiter
        default:
            return nil
        }
    }

    /// Gives the waiters whose time has come, and the earliest deadline of those that stay.
    package mutating func expire(at now: Deadline) -> (woken: (Waiter?, Waiter?), next: Deadline) {
        var next = Deadline.never
        func due(_ wait: Wait) -> Bool {
            guard case .parked(_, _, let deadline, _) = wait else { return false }
            if deadline <= now { return true }
            next = min(next, deadline)
            return false
        }
        let woken = (due(reader) ? takeParked(.reader) : nil, due(writer) ? takeParked(.writer) : nil)
        return (woken, next)
    }

    /// Ends all waits, now and later.
    package mutating func close() -> (Waiter?, Waiter?) {
        isClosed = true
        return (takeParked(.reader), takeParked(.writer))
    }

    private mutating func take(_ role: WaitRole, readable: Bool, writable: Bool) -> Waiter? {
        guard case .parked(_, let interest, _, _) = self[role] else { return nil }
        return (interest == .readable ? readable : writable) ? takeParked(role) : nil
    }

    private mutating func takeParked(_ role: WaitRole) -> Waiter? {
        guard case .parked(_, _, _, let waiter) = self[role] else { return nil }
        self[role] = .none
        return waiter
    }

    private subscript(role: WaitRole) -> Wait {
        get { role == .reader ? reader : writer }
        set {
            switch role {
            case .reader: reader = newValue
            case .writer: writer = newValue
            }
        }
    }
}
