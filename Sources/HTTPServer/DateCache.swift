import Glibc
import HTTP
import Synchronization

/// The value of `Date`, made once a second.
final class DateCache: Sendable {
    private let cached = Mutex((second: 0, value: [UInt8]()))

    /// `time` and not a clock of the language: it is one read of a shared page, and the standard library has no wall
    /// clock without Foundation.
    var value: [UInt8] {
        let now = time(nil)
        return cached.withLock { cached in
            if cached.second != now { cached = (now, HTTPDate.format(now)) }
            return cached.value
        }
    }
}
