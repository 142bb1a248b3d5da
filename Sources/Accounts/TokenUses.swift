import Model
import Synchronization

/// When tokens were used last, as far as that was stored.
final class TokenUses: Sendable {
    private let stored = Mutex<[TokenID: Timestamp]>([:])

    /// Whether a use at that time is to be stored; then it counts as done.
    func isNews(_ id: TokenID, _ time: Timestamp) -> Bool {
        stored.withLock { stored in
            if let last = stored[id], time < last.advanced(by: Limits.useInterval) { return false }
            if stored.count >= Limits.cachedTokens { stored.removeAll(keepingCapacity: true) }
            stored[id] = time
            return true
        }
    }
}
