/// How long to wait before the next attempt, after so many failures in a row.
package struct Backoff: Sendable, Equatable {
    package private(set) var failures = 0
    private var pause = Duration.zero

    package init() {}

    /// A connection worked well: the next failure is the first one.
    package mutating func succeed() { failures = 0 }

    /// A connection that stood for so long has failed: it was a good one where it outlived what was waited before it.
    ///
    /// Routers and some servers end what idles for a few minutes, again and again; that must not make each wait longer.
    package mutating func stood(for time: Duration) {
        if time > max(Limits.provenLife, pause) { succeed() }
    }

    /// `isRefusal` is a refused password, which does not become right by trying; `jitter` is from 0 to 1, so that many accounts do not come back at once.
    package mutating func fail(isRefusal: Bool, jitter: Double) -> Duration {
        let first = isRefusal ? Limits.refusalBackoff : Limits.shortestBackoff
        let longest = isRefusal ? Limits.longestRefusalBackoff : Limits.longestBackoff
        let doubled = first * (1 << min(failures, 16))
        failures += 1
        pause = min(doubled, longest) * (0.5 + jitter / 2)
        return pause
    }
}
