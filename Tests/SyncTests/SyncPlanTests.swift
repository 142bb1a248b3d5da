import Store
import Sync
import Testing

/// What has to be read of a mailbox, as a table.
@Suite struct SyncPlanTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let tiers: [SyncTier]
        let observed: ObservedMailbox
        let isThorough: Bool
        let plan: SyncPlan

        init(
            _ what: String, _ tiers: [SyncTier], _ observed: ObservedMailbox, thorough: Bool = false, _ plan: SyncPlan
        ) {
            testDescription = what
            self.tiers = tiers
            self.observed = observed
            isThorough = thorough
            self.plan = plan
        }
    }

    /// Ten messages, read to the end.
    static let cursor = MailboxCursor(uidValidity: 7, uidNext: 11, modificationSequence: 100, total: 10)

    static func observed(
        validity: UInt32? = 7, next: UInt32? = 11, messages: UInt32? = 10, modSeq: UInt64? = 100
    ) -> ObservedMailbox {
        ObservedMailbox(uidValidity: validity, uidNext: next, messages: messages, modificationSequence: modSeq)
    }

    static let same = observed()

    static let rows = [
        Row("all is as it was", SyncTier.allCases, same, .nothing),
        Row("another UIDVALIDITY", SyncTier.allCases, observed(validity: 8), .reset),
        Row("another UIDVALIDITY, thorough", SyncTier.allCases, observed(validity: 8), thorough: true, .reset),
        Row("no UIDVALIDITY told is no other", SyncTier.allCases, observed(validity: nil), .nothing),

        Row("thorough", [.qresync], same, thorough: true, .resync(since: 100)),
        Row("something changed", [.qresync], observed(modSeq: 101), .resync(since: 100)),
        Row("nobody knows whether something changed", [.qresync], observed(modSeq: nil), .resync(since: 100)),
        Row("one less, under the same number", [.qresync], observed(messages: 9), .resync(since: 100)),
        Row("one more, under the same number", [.qresync], observed(next: 12, messages: 11), .resync(since: 100)),
        Row("a smaller number than ours", [.qresync], observed(modSeq: 99), .resync(since: 100)),

        Row("thorough", [.condStore], same, thorough: true, .changes(since: 100, comparesUIDs: true)),
        Row("only flags changed", [.condStore], observed(modSeq: 101), .changes(since: 100, comparesUIDs: false)),
        Row("one less", [.condStore], observed(messages: 9, modSeq: 101), .changes(since: 100, comparesUIDs: true)),
        Row(
            "one more", [.condStore], observed(next: 12, messages: 11, modSeq: 101),
            .changes(since: 100, comparesUIDs: true)),
        Row(
            "one came and another went: the counts cancel out", [.condStore], observed(next: 12, modSeq: 101),
            .changes(since: 100, comparesUIDs: true)),
        Row(
            "the number of messages is not told", [.condStore], observed(messages: nil, modSeq: 101),
            .changes(since: 100, comparesUIDs: true)),
        Row(
            "UIDNEXT is not told", [.condStore], observed(next: nil, modSeq: 101),
            .changes(since: 100, comparesUIDs: true)),

        Row("thorough", [.plain], same, thorough: true, .compare(comparesUIDs: true, comparesFlags: true)),
        Row("one less", [.plain], observed(messages: 9), .compare(comparesUIDs: true, comparesFlags: false)),
        Row(
            "one more", [.plain], observed(next: 12, messages: 11), .compare(comparesUIDs: true, comparesFlags: false)),
        Row(
            "one came and another went: the counts cancel out", [.plain], observed(next: 12),
            .compare(comparesUIDs: true, comparesFlags: false)),
        Row(
            "nothing is told", [.plain], ObservedMailbox(), .compare(comparesUIDs: true, comparesFlags: false)),
        Row("a number that is not looked at", [.plain], observed(modSeq: 500), .nothing),
    ]

    @Test(arguments: rows)
    func `of a mailbox that was read before`(_ row: Row) {
        for tier in row.tiers {
            let plan = SyncPlan.decide(Self.cursor, isNew: false, row.observed, tier, isThorough: row.isThorough)
            #expect(plan == row.plan, "\(tier)")
        }
    }

    @Test(arguments: SyncTier.allCases, [true, false])
    func `a new mailbox is read for the first time, whatever is told of it`(_ tier: SyncTier, isThorough: Bool) {
        for observed in [Self.same, Self.observed(validity: 8), ObservedMailbox()] {
            #expect(SyncPlan.decide(Self.cursor, isNew: true, observed, tier, isThorough: isThorough) == .first)
        }
    }

    @Test(arguments: SyncTier.allCases)
    func `a mailbox without modification sequences is compared, though the server has them`(_ tier: SyncTier) {
        var cursor = Self.cursor
        cursor.modificationSequence = nil
        func plan(_ observed: ObservedMailbox, isThorough: Bool = false) -> SyncPlan {
            SyncPlan.decide(cursor, isNew: false, observed, tier, isThorough: isThorough)
        }
        #expect(plan(Self.same) == .nothing)
        #expect(plan(Self.observed(next: 12)) == .compare(comparesUIDs: true, comparesFlags: false))
        #expect(plan(Self.same, isThorough: true) == .compare(comparesUIDs: true, comparesFlags: true))
    }
}
