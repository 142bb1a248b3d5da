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
    private let until = Mutex<ContinuousClock.Instant?>(nil)

    package init(id: String = IdentifierGenerator.make(prefix: "node")) { self.id = id }

    package var isCertain: Bool { until.withLock { $0.map { .now < $0 } ?? false } }

    /// When certainty ends unless a heartbeat comes; nil where there is none.
    package var end: ContinuousClock.Instant? { until.withLock { $0 } }

    package func confirm(until time: ContinuousClock.Instant) { until.withLock { $0 = time } }

    package func lose() { until.withLock { $0 = nil } }
}
