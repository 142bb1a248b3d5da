import Synchronization

/// Something is to be done at the next opportunity, once however often it was said.
final class Reminder: Sendable {
    private let isSet = Atomic(false)

    func set() { isSet.store(true, ordering: .releasing) }

    /// Whether it was set since the last time.
    func take() -> Bool { isSet.exchange(false, ordering: .acquiringAndReleasing) }
}
