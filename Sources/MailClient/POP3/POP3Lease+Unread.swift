import POP3
import Synchronization

/// Which headers a session was given, and which it was refused, by number.
struct HeaderRecord: Sendable {
    private(set) var read: Set<Int> = []
    private(set) var refused: Set<Int> = []
    private var hasGiven = false
    private var hasProbed = false

    /// Whether the server has refused all that it was asked for.
    var refusesAll: Bool { !hasGiven && !refused.isEmpty }

    mutating func note(_ tried: [Int], read given: Set<Int>) {
        read.formUnion(given)
        refused.formUnion(tried)
        refused.subtract(given)
        read.subtract(refused)
        hasGiven = hasGiven || !given.isEmpty
    }

    /// Whether others are to be asked for, which is done once.
    mutating func takeProbe() -> Bool {
        guard refusesAll, !hasProbed else { return false }
        hasProbed = true
        return true
    }
}

extension POP3Lease {
    /// Messages that are asked for to see whether the server gives any.
    private static let probes = 4

    /// Notes which headers the server gave.
    ///
    /// Where it gave none, and would be given up on, a few others are asked for: they tell whether the messages or the server are at
    /// fault.
    func note(_ tried: [Int], read: Set<Int>) async throws {
        record(tried, read)
        guard read.count < tried.count, let listing = memory.listing.withLock({ $0 }),
            tried.contains(where: { number in
                !read.contains(number) && Self.entry(number, in: listing).map(unread.isGivenUp) ?? false
            }),
            memory.headers.withLock({ $0.takeProbe() })
        else { return }
        let refused = memory.headers.withLock { $0.refused }
        // Those that were refused before come last, so that the next session tries others.
        let untried = listing.filter { !refused.contains($0.number) }
        let probes = (untried.filter { !unread.isGivenUp($0) } + untried.filter { unread.isGivenUp($0) })
            .prefix(Self.probes).map(\.number)
        guard !probes.isEmpty else { return }
        record(probes, Set(try await given(probes).keys))
    }

    private func record(_ tried: [Int], _ read: Set<Int>) {
        let known = memory.headers.withLock { headers in
            headers.note(tried, read: read)
            return headers
        }
        guard let listing = memory.listing.withLock({ $0 }) else { return }
        unread.note(
            tried.compactMap { Self.entry($0, in: listing) }, of: listing, read: known.read, refused: known.refused)
    }

    /// Whether the server has listed this message without giving its header for longer than that is waited for.
    ///
    /// Not where it gives none of several in this session: that says nothing of this message.
    package func isGivenUp(_ number: Int) -> Bool {
        guard let listing = memory.listing.withLock({ $0 }), let entry = Self.entry(number, in: listing),
            listing.count == 1 || !memory.headers.withLock({ $0.refusesAll })
        else { return false }
        return unread.isGivenUp(entry)
    }

    /// Numbers have no gaps but where another program deletes.
    private static func entry(_ number: Int, in listing: [POP3Entry]) -> POP3Entry? {
        guard number > 0 else { return nil }
        if number <= listing.count, listing[number - 1].number == number { return listing[number - 1] }
        return listing.first { $0.number == number }
    }
}
