import POP3
import Synchronization
import Transport

/// Messages of a maildrop that are listed and not given, and since when, for as long as this process lives.
final class UnreadMessages: Sendable {
    let patience: Duration
    private let since = Mutex<[String: Deadline]>([:])

    init(patience: Duration) { self.patience = patience }

    /// Notes which of the `tried` messages could be read; what is not listed any more is forgotten.
    func note(_ listing: [POP3Entry], tried: Set<Int>, read: Set<Int>) {
        let failed = Set(listing.filter { tried.contains($0.number) && !read.contains($0.number) }.map(Self.key))
        let cured = Set(listing.filter { read.contains($0.number) }.map(Self.key)).subtracting(failed)
        let now = Deadline.now
        since.withLock { since in
            if !since.isEmpty {
                let listed = Set(listing.map(Self.key))
                since = since.filter { listed.contains($0.key) && !cured.contains($0.key) }
            }
            for key in failed where since[key] == nil { since[key] = now }
        }
    }

    func isGivenUp(_ entry: POP3Entry) -> Bool {
        since.withLock { $0[Self.key(entry)] }.map { Deadline.now.duration(since: $0) >= patience } ?? false
    }

    /// Numbers are others in each session.
    private static func key(_ entry: POP3Entry) -> String { "\(entry.uniqueID ?? "") \(entry.size)" }
}
