package import Model

/// How much one account's server is given at a time, learned from how it takes it.
///
/// Connections grow while all goes well and are halved by complaints; complaints also put gaps between messages. Who cannot be
/// reached is left alone, a little longer each time.
package struct Pace: Sendable, Equatable {
    package private(set) var window = Limits.firstConnections
    private var ceiling = Limits.connectionsPerAccount
    private var successes = 0
    package private(set) var failures = 0
    package private(set) var pausedUntil: Timestamp?
    /// The gap between two messages.
    package private(set) var interval = Duration.zero
    private var nextSlot: Timestamp?

    package init() {}

    package func isPaused(_ now: Timestamp) -> Bool { pausedUntil.map { $0 > now } ?? false }

    /// Whether nothing was learned that is worth keeping.
    package var isFresh: Bool { failures == 0 && interval == .zero && ceiling == Limits.connectionsPerAccount }

    /// What was under way when the server complained says nothing of how long it wants to be left alone.
    package mutating func delivered(_ now: Timestamp) {
        guard !isPaused(now) else { return }
        failures = 0
        pausedUntil = nil
        successes += 1
        if successes >= window * 8, window < ceiling {
            window += 1
            successes = 0
        }
        interval = interval < .milliseconds(100) ? .zero : interval * 0.95
    }

    /// The server says: too many, too fast.
    package mutating func throttled(_ now: Timestamp, pause: Duration? = nil) {
        window = max(1, window / 2)
        ceiling = window
        successes = 0
        interval = min(max(interval * 2, Limits.firstInterval), Limits.longestInterval)
        rest(now, pause)
    }

    package mutating func unreachable(_ now: Timestamp) {
        window = 1
        successes = 0
        rest(now, nil)
    }

    /// A connection more than the server wants, while others work.
    package mutating func isFull() {
        window = max(1, window - 1)
        ceiling = window
        successes = 0
    }

    /// How long the next message has to wait; its place in the row is taken.
    ///
    /// Nil where that is too long to hold a message for: the account rests instead.
    package mutating func reserve(_ now: Timestamp) -> Duration? {
        guard interval > .zero else { return .zero }
        let slot = max(now, nextSlot ?? now)
        let wait = Duration.milliseconds(slot.milliseconds - now.milliseconds)
        guard wait <= Limits.longestHold else {
            pausedUntil = slot
            return nil
        }
        nextSlot = slot.advanced(by: interval)
        return wait
    }

    private mutating func rest(_ now: Timestamp, _ pause: Duration?) {
        failures += 1
        pausedUntil = now.advanced(by: pause ?? Self.pause(failures))
    }

    package static func pause(_ failures: Int) -> Duration {
        let doubled = Limits.firstPause * (1 << min(max(failures - 1, 0), 10))
        return min(doubled, Limits.longestPause) * Double.random(in: 0.8...1.2)
    }
}

/// What all accounts of one server together may do to it.
package struct ServerLoad: Sendable, Equatable {
    package var connections = 0
    package private(set) var failures = 0
    package private(set) var pausedUntil: Timestamp?

    package init() {}

    /// One that failed is tried by one connection until that works.
    package func allows(_ now: Timestamp) -> Bool {
        if let pausedUntil, pausedUntil > now { return false }
        return connections < (failures > 0 ? 1 : Limits.connectionsPerServer)
    }

    package var isFresh: Bool { connections == 0 && failures == 0 }

    package mutating func answered() {
        failures = 0
        pausedUntil = nil
    }

    package mutating func unreachable(_ now: Timestamp) {
        failures += 1
        pausedUntil = now.advanced(by: Pace.pause(failures))
    }
}
