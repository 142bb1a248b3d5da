package import POP3
import Synchronization
package import Transport

/// Messages of a maildrop that are listed and not given, and since when, for as long as this process lives.
package final class UnreadMessages: Sendable {
    private let patience: Duration
    private let now: @Sendable () -> Deadline
    /// When each was refused first, the earliest first: messages of one size without unique ids have their key in common.
    private let since = Mutex<[String: [Deadline]]>([:])

    package init(patience: Duration, now: @escaping @Sendable () -> Deadline = { .now }) {
        self.patience = patience
        self.now = now
    }

    /// What a new session does not list any more is forgotten.
    package func begin(_ listing: [POP3Entry]) {
        since.withLock { since in
            if !since.isEmpty { since = Self.kept(since, Self.counts(listing)) }
        }
    }

    /// Notes what became of the `tried`; `read` and `refused` are all that this session has found out by now.
    package func note(_ tried: [POP3Entry], of listing: [POP3Entry], read: Set<Int>, refused: Set<Int>) {
        let now = now()
        since.withLock { since in
            // Of a large listing most is read without a fault: that is to cost nothing.
            let isOfNote = tried.contains {
                refused.contains($0.number) || !since.isEmpty && since[Self.key($0)] != nil
            }
            guard isOfNote else { return }
            since = Self.kept(since, Self.counts(listing.filter { !read.contains($0.number) }))
            for (key, count) in Self.counts(listing.filter { refused.contains($0.number) }) {
                let noted = since[key] ?? []
                since[key] = noted + Array(repeating: now, count: max(0, count - noted.count))
            }
        }
    }

    /// Whether it, and each other that it cannot be told from, has been refused for longer than that is waited for.
    package func isGivenUp(_ entry: POP3Entry) -> Bool {
        since.withLock { $0[Self.key(entry)]?.last }.map { now().duration(since: $0) >= patience } ?? false
    }

    /// As many as are `open`.
    ///
    /// Which one of several went nobody knows: the others are waited for as long as the latest.
    private static func kept(_ since: [String: [Deadline]], _ open: [String: Int]) -> [String: [Deadline]] {
        Dictionary(
            uniqueKeysWithValues: since.compactMap { key, times in open[key].map { (key, Array(times.suffix($0))) } })
    }

    private static func counts(_ entries: [POP3Entry]) -> [String: Int] {
        Dictionary(entries.map { (key($0), 1) }, uniquingKeysWith: +)
    }

    /// Numbers are others in each session.
    private static func key(_ entry: POP3Entry) -> String { "\(entry.uniqueID ?? "") \(entry.size)" }
}
