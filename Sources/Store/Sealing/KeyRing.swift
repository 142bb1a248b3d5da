import Crypto
import Synchronization

/// The data keys that a process knows by now, and the one that it seals with; every `Sealer` of a store has the same.
final class KeyRing: Sendable {
    private struct State {
        var keys: [UInt32: SymmetricKey]
        var current: (id: UInt32, key: SymmetricKey)
    }

    private let state: Mutex<State>

    /// `current` is one of them.
    init(keys: [UInt32: SymmetricKey], current: UInt32) {
        guard let key = keys[current] else { preconditionFailure("the sealing key is not on the ring") }
        state = Mutex(State(keys: keys, current: (current, key)))
    }

    var sealing: (id: UInt32, key: SymmetricKey) { state.withLock { $0.current } }

    /// The newest of them, which may not seal yet.
    var newest: UInt32 { state.withLock { $0.keys.keys.max() ?? 0 } }

    func key(_ id: UInt32) -> SymmetricKey? { state.withLock { $0.keys[id] } }

    func add(_ id: UInt32, _ key: SymmetricKey) { state.withLock { $0.keys[id] = key } }

    /// From now on this one seals; nothing happens where it is not known.
    func seal(by id: UInt32) {
        state.withLock { state in
            if let key = state.keys[id] { state.current = (id, key) }
        }
    }
}
