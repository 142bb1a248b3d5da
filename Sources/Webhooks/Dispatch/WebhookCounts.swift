import Store
import Synchronization

/// What this process's attempts came to since its start.
package final class WebhookCounts: Sendable {
    /// The numbers, all from one moment.
    package struct Values: Sendable, Equatable {
        package var delivered = 0
        /// Attempts that failed and will be made again.
        package var repeated = 0
        /// Deliveries that were given up.
        package var failed = 0
        /// Attempts that are being made.
        package var underWay = 0
    }

    private let state = Mutex(Values())

    package init() {}

    package var values: Values { state.withLock { $0 } }

    func add(_ outcome: WebhookSettlement.Outcome) {
        state.withLock { values in
            switch outcome {
            case .delivered: values.delivered += 1
            case .retry: values.repeated += 1
            case .failed: values.failed += 1
            case .released: break
            }
        }
    }

    func underWay(_ count: Int) { state.withLock { $0.underWay = count } }
}
