internal import Glibc

/// The moment at which somebody stops waiting: one value for all phases of an operation.
///
/// Nanoseconds of the clock that `ContinuousClock` reads (it runs on while the machine sleeps), as one word, because one
/// is made for each request.
package struct Deadline: Sendable, Hashable, Comparable, CustomStringConvertible {
    let nanoseconds: Int64

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Waits as long as it takes.
    package static let never = Deadline(nanoseconds: .max)

    package static var now: Deadline {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Deadline(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    package static func after(_ duration: Duration) -> Deadline { now.advanced(by: duration) }

    /// This moment moved by `duration`; what cannot be represented is `never`.
    package func advanced(by duration: Duration) -> Deadline {
        guard self != .never else { return self }
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (distance, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        let (sum, passed) = nanoseconds.addingReportingOverflow(distance)
        if overflow || carry || passed { return seconds < 0 ? Deadline(nanoseconds: 0) : .never }
        return Deadline(nanoseconds: sum)
    }

    package func earlier(of other: Deadline) -> Deadline { min(self, other) }

    package var hasPassed: Bool { self != .never && self <= .now }

    /// Time left: zero when passed, nil for `never`.
    package var remaining: Duration? {
        guard self != .never else { return nil }
        return .nanoseconds(max(0, nanoseconds - Deadline.now.nanoseconds))
    }

    /// From `earlier` to this moment.
    package func duration(since earlier: Deadline) -> Duration { .nanoseconds(nanoseconds - earlier.nanoseconds) }

    package static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

    package var description: String {
        guard let remaining else { return "no deadline" }
        return "in \(remaining)"
    }
}
