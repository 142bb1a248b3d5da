import Mapping
import Model
import Synchronization

/// The last list of mailboxes of each account, while it is fresh enough to find names by it.
final class MailboxDirectories: Sendable {
    private struct Entry {
        var directory: MailboxDirectory
        var listedAt: ContinuousClock.Instant
    }

    private let kept = Mutex<[AccountID: Entry]>([:])

    subscript(account: AccountID) -> MailboxDirectory? {
        kept.withLock { kept in
            guard let entry = kept[account] else { return nil }
            guard entry.listedAt.duration(to: .now) < Limits.directoryAge else {
                kept[account] = nil
                return nil
            }
            return entry.directory
        }
    }

    func keep(_ directory: MailboxDirectory, of account: AccountID) {
        kept.withLock { $0[account] = Entry(directory: directory, listedAt: .now) }
    }

    func forget(_ account: AccountID) {
        _ = kept.withLock { $0.removeValue(forKey: account) }
    }
}
