/// How long to wait before the next attempt, after so many failures in a row.
package struct Backoff: Sendable, Equatable {
    package private(set) var failures = 0

    package init() {}

    /// A connection worked well: the next failure is the first one.
    package mutating func succeed() { failures = 0 }

    /// `isRefusal` is a refused password, which does not become right by trying; `jitter` is from 0 to 1, so that many accounts do not come back at once.
    package mutating func fail(isRefusal: Bool, jitter: Double) -> Duration {
        let first = isRefusal ? Limits.refusalBackoff : Limits.shortestBackoff
        let longest = isRefusal ? Limits.longestRefusalBackoff : Limits.longestBackoff
        let doubled = first * (1 << min(failures, 16))
        failures += 1
        return min(doubled, longest) * (0.5 + jitter / 2)
    }
}
