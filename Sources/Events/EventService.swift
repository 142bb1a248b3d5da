package import Model
package import Store
import Synchronization

/// The verbs on the event log: read it, and wait for more of it.
package struct EventService: Sendable {
    let store: MailStore
    let hasAdminToken: Bool
    let now: @Sendable () -> Timestamp
    private let closing = Flag()

    /// `hasAdminToken` says whether the settings name a token; it is stored nowhere.
    package init(
        store: MailStore, hasAdminToken: Bool, now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.store = store
        self.hasAdminToken = hasAdminToken
        self.now = now
    }

    /// What the log holds now.
    package func ends() async throws -> EventLogEnds { try await store.events.ends() }

    /// What comes after a place in the log; throws `EventLogError` where it is not in the log any more.
    ///
    /// A page that is neither full nor the last one was searched long enough: go on after `next`.
    package func page(after: Int64, filter: EventFilter, limit: Int) async throws -> EventPage {
        var page = try await store.events.page(after: after, filter: filter, limit: limit)
        for _ in 1..<Limits.looks where !page.isLast && page.events.count < limit {
            let more = try await store.events.page(
                after: page.next, filter: filter, limit: limit - page.events.count)
            page = EventPage(events: page.events + more.events, next: more.next, ends: more.ends)
        }
        return page
    }

    /// How often the bell was rung; to be read before the log is.
    package var rings: UInt64 { store.events.signal.rings }

    /// Returns when the bell was rung more often than `seen`, at `time`, or when the task is cancelled.
    package func wait(after seen: UInt64, until time: ContinuousClock.Instant) async {
        await store.events.signal.wait(after: seen, until: time)
    }

    /// Makes everybody who waits look again: at the log, at their own right to read it, and whether we are closing.
    package func ring() { store.events.signal.ring() }

    /// Whether those who follow the log are to stop.
    package var isClosing: Bool { closing.isRaised }

    /// Ends every stream and every long poll now; a program that stops does not wait for those who never finish.
    package func close() {
        closing.raise()
        ring()
    }

    /// Rings for events that another process has written, until cancelled.
    package func poll() async {
        var known: Int64?
        while !Task.isCancelled {
            if let newest = try? await store.events.ends().newest {
                if let known, newest != known { ring() }
                known = newest
            }
            try? await ContinuousClock().sleep(for: Limits.pollInterval)
        }
    }
}

/// Raised once, never lowered.
private final class Flag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }

    func raise() { raised.store(true, ordering: .relaxed) }
}
