import IMAP
import MailClient
package import Model

extension MailService {
    /// One page of summaries (no bodies), newest first; without a mailbox, of all but junk and trash.
    ///
    /// Within a mailbox the order is that of arrival there (descending UID); several mailboxes are merged by `receivedAt`.
    package func messages(
        of account: AccountID, matching query: MessageQuery, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Message> {
        let cursor = try cursor.map { text throws(RemoteMailError) in try ListCursor(text) }
        let plan = SearchPlan(query)
        var runs: [MailboxRun] = []
        for entry in try await mailboxes(for: query, cursor, of: account, deadline: deadline) {
            let position = cursor?.position(in: entry.mailbox.id)
            if cursor != nil, position == nil { continue }
            runs.append(
                try await run(
                    in: entry, of: account, plan: plan, from: position, count: limit, deadline: deadline))
        }
        return MailboxRun.merge(runs, limit: limit)
    }

    /// Refuses a cursor that continues no mailbox of this list, rather than calling the list finished.
    private func mailboxes(
        for query: MessageQuery, _ cursor: ListCursor?, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> [MailboxDirectory.Entry] {
        func continues(_ entry: MailboxDirectory.Entry) -> Bool { cursor?.position(in: entry.mailbox.id) != nil }
        if let reference = query.mailbox {
            let entry = try await mailbox(reference, of: account, deadline: deadline)
            guard cursor == nil || continues(entry) else { throw RemoteMailError.staleCursor }
            return [entry]
        }
        let directory = try await listMailboxes(of: account, deadline: deadline)
        guard cursor == nil || directory.entries.contains(where: continues) else { throw RemoteMailError.staleCursor }
        // A mailbox that holds all mail stands for the others (Gmail), which show the same messages again.
        if let all = directory.entry(role: .all) { return [all] }
        let virtual: Set<MailboxRole> = [.junk, .trash, .flagged, .important]
        return directory.entries.filter { entry in
            entry.mailbox.isSelectable && entry.mailbox.totalEmails != 0
                && !(entry.mailbox.role.map(virtual.contains) ?? false)
        }
    }

    /// The next `count` messages of one mailbox, and whether more follow.
    private func run(
        in entry: MailboxDirectory.Entry, of account: AccountID, plan: SearchPlan, from position: ListCursor.Position?,
        count: Int, deadline: ContinuousClock.Instant
    ) async throws -> MailboxRun {
        try await withMailbox(entry, of: account, for: .reading, deadline: deadline) { session, validity in
            if let position, position.uidValidity != validity { throw RemoteMailError.staleCursor }
            var run = MailboxRun(mailbox: entry.mailbox.id, uidValidity: validity)
            if plan.key == nil, position == nil {
                try await newest(count + 1, in: session, into: &run)
            } else {
                try await found(by: plan, below: position?.below, count: count + 1, in: session, into: &run)
            }
            return run
        }
    }

    /// The last messages of the mailbox by sequence number: one round trip, whatever the mailbox's size.
    private func newest(_ count: Int, in session: IMAPLease, into run: inout MailboxRun) async throws {
        // Brings a session that had the mailbox selected already up to date.
        try await session.execute(NoopCommand())
        guard let exists = await session.selected?.exists, exists > 0 else { return }
        let first = exists > UInt32(count) ? exists - UInt32(count) + 1 : 1
        let fetched = try await session.execute(
            FetchCommand(.sequences(.from(first)), items: Summary.items))
        run.add(fetched, accepting: { _ in true })
        run.keepNewest(count)
    }

    /// The newest of what SEARCH finds below a UID; more batches are asked for until enough pass the plan's own checks.
    private func found(
        by plan: SearchPlan, below: UInt32?, count: Int, in session: IMAPLease, into run: inout MailboxRun
    ) async throws {
        var keys = plan.key.map { [$0] } ?? []
        if let below {
            guard below > 1 else { return }
            keys.append(.messages(.uids(UIDSet(1...(below - 1)))))
        }
        let result = try await session.execute(SearchCommand(keys.count == 1 ? keys[0] : .and(keys)))
        var rest = result.all ?? UIDSet()
        while run.messages.count < count, !rest.isEmpty {
            let batch = rest.removeLast(max(count - run.messages.count, min(Limits.searchBatch, count)))
            let fetched = try await session.execute(FetchCommand(.uids(batch), items: Summary.items))
            run.add(fetched, accepting: plan.accepts)
        }
        run.keepNewest(count)
    }
}
