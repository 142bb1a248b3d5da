import IMAP
import Mapping
import Model
import Store
import Sync
import Testing

/// What a new list of mailboxes means.
@Suite struct ListingPlanTests {
    private func directory(
        _ paths: String..., subscribed: Set<String>? = nil, ids: [String: MailboxID] = [:]
    ) -> MailboxDirectory {
        MailboxDirectory(
            listings: paths.map { MailboxListing(name: MailboxName($0), delimiter: "/") },
            subscribed: subscribed.map { Set($0.map { MailboxName($0) }) }, ids: ids)
    }

    private func facts(_ path: String, in directory: MailboxDirectory) throws -> MailboxFacts {
        MailboxFacts(try #require(directory[path: path]).mailbox)
    }

    /// A mailbox as it was stored when the list had only it: announced, and read to the end.
    private func record(
        _ number: Int64, _ path: String, objectID: String? = nil, isAnnounced: Bool = true, uidNext: UInt32 = 11,
        isNew: Bool = false
    ) throws -> MailboxRecord {
        let id = MailboxID(path: path, objectID: objectID)
        return MailboxRecord(
            number: number, id: id, path: path,
            announced: isAnnounced ? try facts(path, in: directory(path, ids: [path: id])) : nil,
            cursor: MailboxCursor(uidValidity: 7, uidNext: uidNext, total: uidNext - 1),
            seenAt: Timestamp(milliseconds: 1), checkedAt: isNew ? nil : Timestamp(milliseconds: 2))
    }

    private static let same = ObservedMailbox(uidValidity: 7, uidNext: 11, messages: 10)

    @Test func `nothing, where the list is as it was`() throws {
        let plan = ListingPlan(
            stored: [try record(1, "INBOX"), try record(2, "Work")], directory: directory("INBOX", "Work"),
            observed: ["INBOX": Self.same])
        #expect(plan.change.isEmpty && plan.deleted.isEmpty && plan.renamed.isEmpty)
    }

    @Test func `a mailbox that nobody knew is created, under the server's own id where it has one`() throws {
        let now = directory("INBOX", "New", "Other")
        let plan = ListingPlan(stored: [try record(1, "INBOX")], directory: now, observed: [:], ids: ["Other": "M2"])
        let expected = [
            ListedMailbox(path: "New", proposedID: MailboxID(path: "New")): try facts("New", in: now),
            ListedMailbox(path: "Other", proposedID: MailboxID(path: "Other", objectID: "M2")):
                try facts("Other", in: now),
        ]
        #expect(plan.change.created == expected)
        #expect(plan.change.updated.isEmpty && plan.deleted.isEmpty)
    }

    @Test func `what is shown of a mailbox changed`() throws {
        let now = directory("INBOX", "Work", subscribed: ["INBOX"])
        let plan = ListingPlan(
            stored: [try record(1, "INBOX"), try record(2, "Work")], directory: now, observed: [:])
        #expect(try plan.change.updated == [2: facts("Work", in: now)])
        #expect(plan.change.created.isEmpty && plan.deleted.isEmpty && plan.renamed.isEmpty)
    }

    @Test func `a mailbox is gone`() throws {
        let work = try record(2, "Work")
        let plan = ListingPlan(stored: [try record(1, "INBOX"), work], directory: directory("INBOX"), observed: [:])
        #expect(plan.deleted == [work] && plan.change.isEmpty)
    }

    @Test func `a renamed mailbox is known by the server's own id of it, whatever else changed`() throws {
        let old = try record(2, "Old", objectID: "M1")
        let now = directory("New")
        let plan = ListingPlan(
            stored: [old], directory: now, observed: ["New": ObservedMailbox(uidValidity: 9)], ids: ["New": "M1"])
        #expect(try plan.renamed == ["New": old] && plan.change.updated == [2: facts("New", in: now)])
        #expect(plan.change.created.isEmpty && plan.deleted.isEmpty)
    }

    @Test func `another id of the server is another mailbox, though its numbers are the same`() throws {
        let old = try record(2, "Old", objectID: "M1")
        let plan = ListingPlan(
            stored: [old], directory: directory("New"), observed: ["New": Self.same], ids: ["New": "M2"])
        #expect(plan.renamed.isEmpty && plan.deleted == [old])
        #expect(plan.change.created.keys.map(\.path) == ["New"])
    }

    @Test func `without ids a renamed mailbox is known by UIDVALIDITY, UIDNEXT and the number of messages`() throws {
        let old = try record(2, "Old")
        let now = directory("New")
        let plan = ListingPlan(stored: [old], directory: now, observed: ["New": Self.same])
        #expect(try plan.renamed == ["New": old] && plan.change.updated == [2: facts("New", in: now)])
        #expect(plan.change.created.isEmpty && plan.deleted.isEmpty)
    }

    @Test(arguments: [
        ObservedMailbox(uidValidity: 8, uidNext: 11, messages: 10),
        ObservedMailbox(uidValidity: 7, uidNext: 12, messages: 10),
        ObservedMailbox(uidValidity: 7, uidNext: 11, messages: 9), ObservedMailbox(),
    ])
    func `one number that differs makes it another mailbox`(_ observed: ObservedMailbox) throws {
        let old = try record(2, "Old")
        let plan = ListingPlan(stored: [old], directory: directory("New"), observed: ["New": observed])
        #expect(plan.renamed.isEmpty && plan.deleted == [old] && plan.change.created.count == 1)
    }

    @Test func `numbers that many mailboxes share tell nothing`() throws {
        let empty = try record(2, "Old", uidNext: 1)
        let unread = try record(3, "Older", isNew: true)
        for (old, observed) in [
            (empty, ObservedMailbox(uidValidity: 7, uidNext: 1, messages: 0)), (unread, Self.same),
        ] {
            let plan = ListingPlan(
                stored: [old], directory: directory("New"), observed: ["New": observed, "Other": Self.same])
            #expect(plan.renamed.isEmpty && plan.deleted == [old] && plan.change.created.count == 1)
        }
    }

    @Test func `one mailbox is not renamed to two`() throws {
        let old = try record(2, "Old")
        let plan = ListingPlan(
            stored: [old], directory: directory("A", "B"), observed: ["A": Self.same, "B": Self.same])
        #expect(plan.renamed.count == 1 && plan.change.created.count == 1 && plan.deleted.isEmpty)
    }

    @Test func `a mailbox whose id a list gave out is announced all the same`() throws {
        let placeholder = try record(2, "New", isAnnounced: false, isNew: true)
        let now = directory("INBOX", "New")
        let plan = ListingPlan(stored: [try record(1, "INBOX"), placeholder], directory: now, observed: [:])
        #expect(plan.change.created.values.map(\.path) == ["New"])
        #expect(plan.deleted.isEmpty && plan.change.updated.isEmpty)
    }

    @Test func `a placeholder makes room for the mailbox that was renamed to its path`() throws {
        let old = try record(1, "Old")
        let placeholder = try record(2, "New", isAnnounced: false, isNew: true)
        let plan = ListingPlan(
            stored: [old, placeholder], directory: directory("New"), observed: ["New": Self.same])
        #expect(plan.renamed == ["New": old] && plan.change.created.isEmpty && plan.deleted.isEmpty)
    }
}
