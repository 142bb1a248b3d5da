package import Model

/// When a delivery that failed is attempted again.
package struct RetrySchedule: Sendable {
    /// Waits before the first, second, … attempt (Standard Webhooks, "Retry schedule").
    package var waits: [Duration] = [
        .zero, .seconds(5), .seconds(300), .seconds(1800), .seconds(2 * 3600), .seconds(5 * 3600), .seconds(10 * 3600),
        .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
    ]
    /// The share of a wait by which it may be shorter or longer, so that what failed together does not come back together.
    package var jitter = 0.1

    package init() {}

    /// A delivery that is older has failed whatever its attempts: those behind an open circuit get fewer.
    package var lifetime: Duration { waits.reduce(.zero, +) * 1.2 }

    /// Nil where attempt number `attempts` was the last; `random` is from 0 to 1.
    package func next(afterAttempts attempts: Int, createdAt: Timestamp, now: Timestamp, random: Double) -> Timestamp? {
        guard attempts >= 0, attempts < waits.count else { return nil }
        guard now < createdAt.advanced(by: lifetime) else { return nil }
        return now.advanced(by: waits[attempts] * (1 + jitter * (2 * random - 1)))
    }
}
