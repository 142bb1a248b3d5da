import Model
import Synchronization

/// Somebody who changed an account's mail himself asks for a look at once, rather than at the next poll.
final class Pokes: Sendable {
    private struct State {
        var pending: Set<AccountID> = []
        var handlers: [AccountID: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    func poke(_ account: AccountID) {
        let handler = state.withLock { state in
            state.pending.insert(account)
            return state.handlers[account]
        }
        handler?()
    }

    /// Whether somebody asked since the last time.
    func take(_ account: AccountID) -> Bool { state.withLock { $0.pending.remove(account) != nil } }

    /// What wakes the account's watch; nil while it does not sleep.
    func onPoke(_ account: AccountID, _ handler: (@Sendable () -> Void)?) {
        let isPending = state.withLock { state in
            state.handlers[account] = handler
            return state.pending.contains(account)
        }
        if isPending { handler?() }
    }
}
