package import Model
import Synchronization

/// How many events of each type this process has committed since its start.
package final class EventCounts: Sendable {
    private let counts = Mutex<[EventType: Int]>([:])

    package init() {}

    package var byType: [EventType: Int] { counts.withLock { $0 } }

    func add(_ events: [Event]) {
        counts.withLock { counts in
            for event in events { counts[event.type, default: 0] += 1 }
        }
    }
}
