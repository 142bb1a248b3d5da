package import Model

/// When a submission that was refused for now is tried again.
package struct RetrySchedule: Sendable {
    /// Waits after the first, second, … attempt; the last one repeats.
    package var waits: [Duration] = [
        .seconds(60), .seconds(300), .seconds(900), .seconds(1800), .seconds(3600), .seconds(7200), .seconds(14_400),
    ]
    /// From the hand-over on, or from the time asked for; after it what is still deferred has failed.
    package var lifetime = Duration.seconds(3 * 86_400)
    /// By what part a wait may be shorter or longer, so that what failed together is not tried together.
    package var spread = 0.1

    package init() {}

    /// Nil when the time is over.
    package func next(afterAttempt attempt: Int, createdAt: Timestamp, now: Timestamp) -> Timestamp? {
        let wait = waits[min(max(attempt, 1), waits.count) - 1]
        let next = now.advanced(by: wait * (1 + Double.random(in: -spread...spread)))
        return next < createdAt.advanced(by: lifetime) ? next : nil
    }
}
