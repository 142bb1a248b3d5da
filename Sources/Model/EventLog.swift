/// The first and the last place in the event log; `oldest` is one more than `newest` where it is empty.
package struct EventLogEnds: Sendable, Equatable {
    package let oldest: Int64
    package let newest: Int64

    package init(oldest: Int64, newest: Int64) {
        self.oldest = oldest
        self.newest = newest
    }

    /// Refuses to continue after a place that the log does not reach.
    package func check(_ after: Int64) throws(EventLogError) {
        if after < oldest - 1 { throw .expired(oldest: oldest) }
        if after > newest { throw .ahead(newest: newest) }
    }
}

/// A stretch of the event log.
package struct EventPage: Sendable, Equatable {
    package let events: [Event]
    /// The place to go on after.
    package let next: Int64
    package let ends: EventLogEnds

    package init(events: [Event], next: Int64, ends: EventLogEnds) {
        self.events = events
        self.next = next
        self.ends = ends
    }

    /// Whether the log held nothing further when this was read.
    package var isLast: Bool { next >= ends.newest }
}

/// Why the event log cannot be read from a place.
package enum EventLogError: Error, Sendable, Equatable {
    /// What came next was removed; the oldest event that is kept is this one.
    case expired(oldest: Int64)
    /// The log has not come so far: it is another store's number.
    case ahead(newest: Int64)
}
