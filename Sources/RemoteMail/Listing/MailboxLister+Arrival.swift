import IMAP
import MailClient
import Mapping
import Model
import Store

extension MailboxLister {
    /// A page in the order of arrival as the index has it: the server is asked for these messages, and need not sort the mailbox
    /// (Dovecot takes 100 ms for 100,000 messages).
    ///
    /// What came since the index was last written is searched for and put in its place; what is gone is not answered. Nil where
    /// the index cannot tell, or too much came.
    func indexed(from position: ListCursor.Position?, count: Int) async throws -> MailboxRun? {
        var place: ArrivalOrder.Entry?
        if let position {
            guard case .number(let time) = position.key else { throw RemoteMailError.staleCursor }
            place = ArrivalOrder.Entry(uid: position.uid, receivedAt: Timestamp(milliseconds: time))
        }
        let size = count + 2
        guard var known = try await arrivals(from: place, limit: size) else { return nil }
        var done = position?.isDone == true ? place : nil
        let first = Array(known.entries.filter { $0 != done }.map(\.uid).prefix(count + 1))
        // Mostly nothing came since then: both questions together cost one round trip.
        async let asked = showsPreviews ? nil : unchanged(first)
        let late = try await search(.messages(.uids(.from(known.uidNext)))).numbers.filter { $0 >= known.uidNext }
        let unchanged = try await asked
        var run = MailboxRun(mailbox: mailbox, uidValidity: uidValidity)
        let isWhole = first.count > count || known.entries.count < size
        if late.isEmpty, isWhole, let unchanged, first.allSatisfy({ unchanged[$0] != nil }) {
            append(first, unchanged, found: [], atMost: count + 1, to: &run)
            return run
        }
        guard late.count <= Limits.unindexedArrivals else { return nil }
        var waiting = try await fetchEntries(late)
        if let place { waiting.removeAll { precedes($0, place) } }
        var looked = 0
        while run.messages.count <= count {
            let isLast = known.entries.count < size
            // Those that stand behind the last one we know of wait for the next round.
            let end = known.entries.last
            let now = waiting.filter { entry in isLast || end.map { precedes(entry, $0) } ?? true }
            waiting.removeAll(where: now.contains)
            let batch = (known.entries + now).filter { $0 != done }.sorted(by: precedes)
            try await add(
                batch.map(\.uid), knowing: unchanged ?? [:], found: [], atMost: count + 1 - run.messages.count, to: &run
            )
            looked += batch.count
            guard !isLast, let end else { break }
            guard looked < Limits.checkedMessages else {
                run.isOpen = run.messages.count <= count
                run.lookedAt = (end.uid, .number(end.receivedAt.milliseconds))
                break
            }
            done = end
            guard run.messages.count <= count else { break }
            guard let next = try await arrivals(from: end, limit: size) else { return nil }
            known = next
        }
        return run
    }

    /// These messages, asked for beside the question for news; nil where there was any, or one of them is gone.
    private func unchanged(_ uids: [UInt32]) async throws -> [UInt32: Message]? {
        let key = ListedPages.Key(account: account, mailbox: mailbox, uidValidity: uidValidity, items: items)
        if let known = pages.messages(uids, key) {
            let fetched = try await TolerantFetch(session, ListedPages.items).unchanged(UIDSet(uids))
            guard let fetched else { return nil }
            if let messages = known.with(fetched) { return messages }
        }
        guard let fetched = try await fetch.unchanged(UIDSet(uids)) else { return nil }
        let messages = messages(fetched)
        // What has no size could not be told from another message.
        if fetched.allSatisfy({ $0.size != nil }) { pages.keep(messages, key) }
        return messages
    }

    private func arrivals(from place: ArrivalOrder.Entry?, limit: Int) async throws -> ArrivalOrder? {
        try await index.arrivals(
            in: mailbox, uidValidity: uidValidity, of: account, at: place, descends: query.sort.isDescending,
            tiesDescend: order.tiesDescend(query.sort), limit: limit)
    }

    private func precedes(_ left: ArrivalOrder.Entry, _ right: ArrivalOrder.Entry) -> Bool {
        if left.receivedAt != right.receivedAt {
            return query.sort.isDescending ? left.receivedAt > right.receivedAt : left.receivedAt < right.receivedAt
        }
        return order.tiesDescend(query.sort) ? left.uid > right.uid : left.uid < right.uid
    }

    private func fetchEntries(_ uids: [UInt32]) async throws -> [ArrivalOrder.Entry] {
        guard !uids.isEmpty else { return [] }
        return try await session.execute(FetchCommand(.uids(UIDSet(uids)), items: [.uid, .internalDate])).compactMap {
            item in
            guard let uid = item.uid else { return nil }
            return ArrivalOrder.Entry(uid: uid, receivedAt: Timestamp(milliseconds: item.internalDate ?? 0))
        }
    }
}
