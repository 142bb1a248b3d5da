import POP3
import Synchronization

extension POP3Lease {
    /// Hashes of the headers of messages, by number; of what cannot be read there is none.
    ///
    /// A header is read once in a session, and of a large maildrop only some are held at a time.
    package func fingerprints(of numbers: [Int], _ hash: ([UInt8]) -> String) async throws -> [Int: String] {
        let known = memory.fingerprints.withLock { $0 }
        let open = numbers.filter { known[$0] == nil }
        for start in stride(from: 0, to: open.count, by: Limits.hashedHeaders) {
            let chunk = Array(open[start..<min(start + Limits.hashedHeaders, open.count)])
            let found = try await headers(of: chunk).mapValues(hash)
            memory.fingerprints.withLock { $0.merge(found, uniquingKeysWith: { first, _ in first }) }
        }
        let wanted = Set(numbers)
        let found = memory.fingerprints.withLock { $0.filter { wanted.contains($0.key) } }
        unread.note(try await listing(), tried: wanted, read: Set(found.keys))
        return found
    }

    /// Whether the server has listed this message without giving its header for longer than that is waited for.
    package func isGivenUp(_ number: Int) -> Bool {
        let entry = memory.listing.withLock { listing in
            // Numbers have no gaps but where another program deletes.
            guard let listing, number > 0 else { return POP3Entry?.none }
            if number <= listing.count, listing[number - 1].number == number { return listing[number - 1] }
            return listing.first { $0.number == number }
        }
        return entry.map { unread.isGivenUp($0) } ?? false
    }

    /// How long a header is waited for that the server does not give.
    package var unreadPatience: Duration { unread.patience }
}
