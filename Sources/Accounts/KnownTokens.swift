import Crypto
import Model
import Synchronization
import Wire

/// Tokens that were looked up a moment ago, by the digest of their secret.
///
/// By digest and not by secret, so that comparing keys takes no time that depends on a secret.
final class KnownTokens: Sendable {
    private struct Entry {
        var token: Token
        var readAt: Timestamp
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        /// Grows with every revocation, so that a token read before one is not remembered after it.
        var generation = 0
    }

    private let state = Mutex(State())

    /// The token, if it was read within the last second; and the generation to `remember` with otherwise.
    func token(for secret: Secret, now: Timestamp) -> (token: Token?, generation: Int) {
        let digest = Self.digest(secret)
        return state.withLock { state in
            guard let entry = state.entries[digest], now >= entry.readAt,
                now < entry.readAt.advanced(by: Limits.tokenCacheLifetime)
            else { return (nil, state.generation) }
            return (entry.token, state.generation)
        }
    }

    func remember(_ token: Token, for secret: Secret, now: Timestamp, generation: Int) {
        let digest = Self.digest(secret)
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= Limits.cachedTokens { state.entries.removeAll(keepingCapacity: true) }
            state.entries[digest] = Entry(token: token, readAt: now)
        }
    }

    func forgetAll() {
        state.withLock { state in
            state.entries = [:]
            state.generation += 1
        }
    }

    func forget(_ id: TokenID) {
        state.withLock { state in
            state.entries = state.entries.filter { $0.value.token.id != id }
            state.generation += 1
        }
    }

    private static func digest(_ secret: Secret) -> [UInt8] { Array(SHA256.hash(data: secret.utf8)) }
}
