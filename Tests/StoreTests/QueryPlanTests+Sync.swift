import Model
import Store

extension QueryPlanTests {
    /// Calls every verb of leases, sync and index once.
    func exerciseSync(_ store: MailStore) async throws {
        let synced = try await SyncedStore(store)
        let (a, lease) = (SyncedStore.account, synced.lease)
        let (inbox, work) = (MailboxID(path: "INBOX"), MailboxID(path: "Work"))
        _ = try await store.sync.firstSynced(a)
        let twins = [
            SyncedStore.message(1, "e1", references: [1, 2]), SyncedStore.message(2, "e1"),
            SyncedStore.message(3, "e3"),
        ]
        try await synced.commit([try await synced.change("INBOX", twins)])
        var change = try await synced.change("INBOX", vanished: 2...2)
        change.keywords = [(1, ["$seen"])]
        try await synced.commit([change])
        try await exerciseIndex(synced, inbox, work)
        var reset = try await synced.change("INBOX", [SyncedStore.message(70, "e1")])
        (reset.cursor.generation, reset.endsReset) = (1, true)
        try await synced.commit([reset], deleted: [try await synced.record("Job")])
        var listing = ListingChange()
        listing.updated[try await synced.record("INBOX").number] = SyncedStore.facts("INBOX")
        _ = try await store.sync.commit(listing, lease) { _ in [] }
        try await store.leases.release([lease])
        try await store.beat("dead", for: .zero, now: .at(1))
        try await store.beat("other", for: .seconds(99))
        _ = try await store.leases.claim("other", limit: 5)
        _ = try await store.leases.share(of: "other")
        _ = try await store.leases.held(by: "other")
        _ = try await store.nodes.list()
        if let ticket = try await store.maildropLine.draw(a, node: "other", nonce: "n") {
            _ = try await store.maildropLine.isFirst(ticket, a)
            _ = try await store.maildropLine.isWanted(ticket, a)
            try await store.maildropLine.leave("n", a)
        }
        try await store.nodes.leave("other")
        try await store.nodes.clear()
    }

    private func exerciseIndex(_ synced: SyncedStore, _ inbox: MailboxID, _ work: MailboxID) async throws {
        let (index, a) = (synced.store.index, SyncedStore.account)
        let new = ListedMailbox(path: "New", proposedID: MailboxID(path: "New"))
        _ = try await index.identify([new], of: a)
        _ = try await index.adopt([SyncedStore.seen(9, "e9")], in: inbox, uidValidity: 7, of: a)
        _ = try await index.adopt([SyncedStore.seen(9, "e9")], in: new.proposedID, uidValidity: 7, of: a)
        _ = try await index.emails(of: [9], in: inbox, uidValidity: 7, of: a)
        _ = try await synced.places("e1")
        _ = try await index.places(ofThread: ThreadID(rawValue: "Te1"), in: a, limit: 5)
        _ = try await index.threads(in: inbox, uidValidity: 7, of: a, limit: 5)
        for descends in [true, false] {
            _ = try await index.arrivals(
                in: inbox, uidValidity: 7, of: a, at: ArrivalOrder.Entry(uid: 1, receivedAt: .at(1)),
                descends: descends, tiesDescend: descends, limit: 5)
        }
        _ = try await index.isComplete(inbox, of: a)
        _ = try await index.isComplete(a)
        try await index.noteCopied([(source: 1, destination: 5)], from: inbox, to: work, uidValidity: 7, of: a)
        try await index.noteLeaving([1], inbox, of: a)
        try await index.noteRenamed([("Work", "Job")], of: a)
    }
}
