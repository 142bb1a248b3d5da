/// Requests that are counted together: so many in a window, spent at any pace and coming back evenly (the generic cell rate
/// algorithm, as token buckets are when only one number is kept).
struct RateBucket {
    /// When all that was spent will have come back.
    private var restoredAt: ContinuousClock.Instant

    init(now: ContinuousClock.Instant) { restoredAt = now }

    /// What a request finds.
    struct Verdict: Equatable {
        var isAllowed: Bool
        /// Requests that are left now.
        var remaining: Int
        /// Until all have come back, or, of one that is refused, until the next is allowed.
        var wait: Duration
    }

    mutating func take(_ limit: Int, in window: Duration, now: ContinuousClock.Instant) -> Verdict {
        let step = window / limit
        let start = max(restoredAt, now)
        let spent = start + step - now
        guard spent <= window else {
            return Verdict(isAllowed: false, remaining: 0, wait: spent - window)
        }
        restoredAt = start + step
        return Verdict(isAllowed: true, remaining: Int((window - spent) / step), wait: spent)
    }

    /// Whether it is as one that was never used.
    func isFull(now: ContinuousClock.Instant) -> Bool { restoredAt <= now }
}
