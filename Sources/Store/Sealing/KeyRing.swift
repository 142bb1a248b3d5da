import Crypto
import Synchronization

/// A data key as places' keys are derived from it: HKDF's first half (RFC 5869, section 2.2), which is the same for all of them.
struct DerivationKey: Sendable {
    private let pseudoRandom: SymmetricKey

    init(_ dataKey: SymmetricKey) {
        pseudoRandom = SymmetricKey(data: HKDF<SHA256>.extract(inputKeyMaterial: dataKey, salt: [UInt8]()))
    }

    func derived(for info: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.expand(pseudoRandomKey: pseudoRandom, info: info, outputByteCount: 32)
    }
}

/// The data keys that a process knows by now, and the one that it seals with; every `Sealer` of a store has the same.
final class KeyRing: Sendable {
    private struct State {
        var keys: [UInt32: DerivationKey]
        var current: (id: UInt32, key: DerivationKey)
    }

    private let state: Mutex<State>

    /// `current` is one of them.
    init(keys: [UInt32: SymmetricKey], current: UInt32) {
        let keys = keys.mapValues(DerivationKey.init)
        guard let key = keys[current] else { preconditionFailure("the sealing key is not on the ring") }
        state = Mutex(State(keys: keys, current: (current, key)))
    }

    var sealing: (id: UInt32, key: DerivationKey) { state.withLock { $0.current } }

    /// The newest of them, which may not seal yet.
    var newest: UInt32 { state.withLock { $0.keys.keys.max() ?? 0 } }

    func key(_ id: UInt32) -> DerivationKey? { state.withLock { $0.keys[id] } }

    func add(_ id: UInt32, _ key: SymmetricKey) {
        let key = DerivationKey(key)
        state.withLock { $0.keys[id] = key }
    }

    /// From now on this one seals; nothing happens where it is not known.
    func seal(by id: UInt32) {
        state.withLock { state in
            if let key = state.keys[id] { state.current = (id, key) }
        }
    }
}
