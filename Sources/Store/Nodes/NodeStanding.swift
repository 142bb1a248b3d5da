import Model
import Synchronization

/// What a node says of itself.
package struct NodeFacts: Sendable, Equatable {
    /// New at each start: a process that comes back is another node.
    package var id: String
    package var host: String
    package var version: String
    /// Whether it takes its share of the accounts.
    package var isSyncing: Bool

    package init(id: String, host: String, version: String, isSyncing: Bool = true) {
        self.id = id
        self.host = host
        self.version = version
        self.isSyncing = isSyncing
    }
}

/// Whether this node may believe that it is alive to the others: what it has leased is its own only as long as that.
///
/// Its own clock decides, from before the last heartbeat that the database confirmed: it never believes longer than the others do.
package final class NodeStanding: Sendable {
    package let id: String
    private struct State {
        var until: ContinuousClock.Instant?
        var term = 0

        var isCertain: Bool { until.map { .now < $0 } ?? false }
    }

    private let state = Mutex(State())

    package init(id: String = IdentifierGenerator.make(prefix: "node")) { self.id = id }

    package var isCertain: Bool { state.withLock { $0.isCertain } }

    /// Another number each time after certainty ended, nil where there is none: what was taken in another term may be others' by now.
    package var term: Int? { state.withLock { $0.isCertain ? $0.term : nil } }

    /// When certainty ends unless a heartbeat comes; nil where there is none.
    package var end: ContinuousClock.Instant? { state.withLock { $0.until } }

    package func confirm(until time: ContinuousClock.Instant) {
        state.withLock { state in
            if !state.isCertain { state.term += 1 }
            state.until = time
        }
    }

    package func lose() { state.withLock { $0.until = nil } }
}
