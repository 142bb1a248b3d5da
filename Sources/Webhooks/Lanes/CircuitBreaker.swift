package import Model

/// Whether an endpoint is tried at all: after failures in a row nothing is sent for a while, then one delivery tries.
package struct CircuitBreaker: Sendable, Equatable {
    /// What may be sent.
    package enum Allowance: Sendable, Equatable {
        case all
        /// One at a time, to find out.
        case probe
        case none(until: Timestamp)
    }

    package private(set) var failures: Int
    /// How often in a row it was opened.
    package private(set) var pauses: Int
    package private(set) var openUntil: Timestamp?

    package init(_ health: WebhookHealth = WebhookHealth()) {
        failures = health.failures
        pauses = health.pauses
        openUntil = health.openUntil
    }

    package func allowance(at now: Timestamp) -> Allowance {
        guard let openUntil else { return .all }
        return now < openUntil ? .none(until: openUntil) : .probe
    }

    package mutating func succeeded() {
        failures = 0
        pauses = 0
        openUntil = nil
    }

    /// `wasProbe`: the attempt began when only probes were allowed; others say nothing new about an open circuit.
    package mutating func failed(wasProbe: Bool, at now: Timestamp, random: Double) {
        failures += 1
        guard wasProbe || (openUntil == nil && failures >= Limits.failuresToOpen) else { return }
        let pause = min(Limits.firstPause * (1 << min(pauses, 10)), Limits.longestPause)
        pauses += 1
        openUntil = now.advanced(by: pause * (0.9 + 0.2 * random))
    }
}
