import Model
import Store
import Synchronization

/// What the worker is busy with: bounds it as a whole and for each account.
final class RunningDeliveries: Sendable {
    private let items = Mutex<[SubmissionID: AccountID]>([:])

    var count: Int { items.withLock { $0.count } }

    /// Accounts that have as many deliveries under way as their pool has connections.
    var busyAccounts: Set<AccountID> {
        items.withLock { items in
            let counts = Dictionary(items.values.map { ($0, 1) }, uniquingKeysWith: +)
            return Set(counts.filter { $0.value >= Limits.deliveriesPerAccount }.keys)
        }
    }

    func begin(_ item: ClaimedSubmission) {
        items.withLock { $0[item.lease.id] = item.submission.accountID }
    }

    func end(_ item: ClaimedSubmission) {
        items.withLock { $0[item.lease.id] = nil }
    }
}
