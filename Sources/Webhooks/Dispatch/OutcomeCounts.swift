package import Store
import Synchronization

/// How many attempts came to what, in this process: for metrics.
package final class OutcomeCounts: Sendable {
    /// What an attempt came to.
    package enum Outcome: String, Sendable, CaseIterable {
        case delivered
        /// It failed, and another one is planned.
        case retried
        /// It failed, and was the last one.
        case failed
        /// Nothing was sent after all: we were stopping, or out of connections.
        case released
    }

    private let counts = Mutex<[Outcome: Int]>([:])

    package init() {}

    package func note(_ outcome: WebhookSettlement.Outcome) {
        let key: Outcome =
            switch outcome {
            case .delivered: .delivered
            case .retry: .retried
            case .failed: .failed
            case .released: .released
            }
        counts.withLock { $0[key, default: 0] += 1 }
    }

    package subscript(outcome: Outcome) -> Int { counts.withLock { $0[outcome, default: 0] } }
}
