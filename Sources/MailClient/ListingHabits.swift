package import Model
import Synchronization

/// Whose server calls LIST BAD with what it announces to understand; it is asked for a plain list from then on.
package final class ListingHabits: Sendable {
    private let plain = Mutex<Set<AccountID>>([])

    package init() {}

    package func isPlain(_ account: AccountID) -> Bool { plain.withLock { $0.contains(account) } }

    package func note(_ account: AccountID) { _ = plain.withLock { $0.insert(account) } }
}
