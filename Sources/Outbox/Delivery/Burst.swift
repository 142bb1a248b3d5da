import Model
import Store
import Synchronization

/// The messages of one connection that are marked together: the one that is sent, and those right behind it.
///
/// The mark of each has to be on the disk before its final dot; a connection that runs well has some marked at once.
final class Burst: Sendable {
    private let items: [ClaimedSubmission]
    private let isFirstMarked: Bool
    private let done = Mutex<Set<SubmissionID>>([])

    init(_ current: OutgoingDelivery, _ behind: [OutgoingDelivery], atMost count: Int) {
        isFirstMarked = current.isMarked
        items = [current.item] + behind.prefix(max(count - 1, 0)).filter { !$0.isMarked }.map(\.item)
    }

    /// What must be marked before the present message ends; nothing where it was marked with one before it.
    var unmarked: [ClaimedSubmission] { isFirstMarked ? [] : items }

    func noteMarked(_ items: [ClaimedSubmission]) { done.withLock { $0.formUnion(items.map(\.lease.id)) } }

    var marked: Set<SubmissionID> {
        done.withLock { isFirstMarked ? $0.union([items[0].lease.id]) : $0 }
    }
}
