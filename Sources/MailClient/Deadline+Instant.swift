package import Transport

extension Deadline {
    /// The moment that an engine named; engines know the standard library's clock, not sockets.
    package init(_ instant: ContinuousClock.Instant) {
        self = .after(ContinuousClock.now.duration(to: instant))
    }
}
