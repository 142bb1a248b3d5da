package import HTTP
package import Model
import Synchronization

/// How many requests tokens and accounts may make, and how many of an account may run at once.
///
/// Counted in this process. The token of the settings is the operator's own and has no limit.
package final class RateLimits: Sendable {
    /// Zero means no limit.
    package struct Settings: Sendable {
        /// Requests a minute of a token that has no limit of its own.
        package var token = 6_000
        /// Requests a minute to one account, by all tokens together.
        package var account = 12_000
        /// Requests to one account that run at the same time.
        package var concurrency = 256

        package init() {}
    }

    private struct State {
        var tokens: [String: RateBucket] = [:]
        var accounts: [AccountID: RateBucket] = [:]
        var running: [AccountID: Int] = [:]
    }

    private let settings: Settings
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())
    private static let window = Duration.seconds(60)

    package init(_ settings: Settings = Settings(), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.settings = settings
        self.now = now
    }

    /// Counts a request; throws where it is one too many.
    ///
    /// The fields say what is left, and belong into the answer. A request that is let in is to be followed by `leave` where `account` is given.
    package func enter(_ principal: Principal, _ account: AccountID?) throws(Problem) -> HTTPFields {
        guard !principal.isOfSettings else { return HTTPFields() }
        let (now, settings) = (now(), settings)
        let limit = principal.rateLimit ?? settings.token
        let outcome = state.withLock { state -> Result<HTTPFields, Problem> in
            var fields = HTTPFields()
            if limit > 0 {
                Self.forgetFull(&state.tokens, now)
                let verdict = state.tokens[principal.id, default: RateBucket(now: now)].take(
                    limit, in: Self.window, now: now)
                fields = Self.fields("token", limit, verdict)
                guard verdict.isAllowed else { return .failure(Self.refusal("token", limit, verdict)) }
            }
            guard let account else { return .success(fields) }
            if settings.account > 0 {
                Self.forgetFull(&state.accounts, now)
                let verdict = state.accounts[account, default: RateBucket(now: now)].take(
                    settings.account, in: Self.window, now: now)
                guard verdict.isAllowed else { return .failure(Self.refusal("account", settings.account, verdict)) }
            }
            let running = state.running[account] ?? 0
            guard settings.concurrency == 0 || running < settings.concurrency else {
                return .failure(
                    Problem(
                        .rateLimited, "\(running) requests of this account are running already.",
                        fields: [.retryAfter: "1"]))
            }
            state.running[account] = running + 1
            return .success(fields)
        }
        return try outcome.get()
    }

    /// A request that was let in has been answered.
    package func leave(_ principal: Principal, _ account: AccountID?) {
        guard !principal.isOfSettings, let account else { return }
        state.withLock { state in
            let running = (state.running[account] ?? 1) - 1
            state.running[account] = running > 0 ? running : nil
        }
    }

    /// Those that are as new need not be kept; looked for when there are many.
    private static func forgetFull<Key: Hashable>(_ buckets: inout [Key: RateBucket], _ now: ContinuousClock.Instant) {
        guard buckets.count >= Limits.rateBuckets else { return }
        buckets = buckets.filter { !$0.value.isFull(now: now) }
        // So many at once are nobody's honest use, and memory is not theirs.
        if buckets.count >= Limits.rateBuckets { buckets.removeAll() }
    }

    /// The fields of draft-ietf-httpapi-ratelimit-headers-10.
    private static func fields(_ name: String, _ limit: Int, _ verdict: RateBucket.Verdict) -> HTTPFields {
        var fields = HTTPFields()
        fields[.rateLimitPolicy] = "\"\(name)\";q=\(limit);w=60"
        fields[.rateLimit] = "\"\(name)\";r=\(verdict.remaining);t=\(seconds(verdict.wait))"
        return fields
    }

    private static func refusal(_ name: String, _ limit: Int, _ verdict: RateBucket.Verdict) -> Problem {
        var fields = fields(name, limit, verdict)
        fields[.retryAfter] = String(seconds(verdict.wait))
        return Problem(
            .rateLimited, "The limit of \(limit) requests a minute for this \(name) is reached.", fields: fields)
    }

    /// Rounded up, and one at least: a client that waits so long is let in.
    private static func seconds(_ duration: Duration) -> Int {
        let parts = duration.components
        return max(1, Int(parts.seconds) + (parts.attoseconds > 0 ? 1 : 0))
    }
}
