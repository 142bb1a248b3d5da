import IMAP
import MailClient
import Mapping
package import Model

extension MailService {
    /// One page of summaries (no bodies); without a mailbox, of all but junk and trash.
    ///
    /// Each mailbox is in the server's order where it can SORT; several are merged by what they are sorted by.
    package func messages(
        of account: AccountID, matching query: MessageQuery, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Message> {
        let cursor = try cursor.map { text throws(RemoteMailError) in try ListCursor(text) }
        if let cursor, cursor.sort != query.sort { throw RemoteMailError.staleCursor }
        let plan = try SearchPlan(query)
        let entries = try await mailboxes(for: query, cursor, of: account, deadline: deadline).filter { entry in
            cursor == nil || cursor?.position(in: entry.mailbox.id) != nil
        }
        let runs = try await concurrently(entries) { entry in
            try await withMailbox(entry, of: account, for: .listing, deadline: deadline) { session, validity in
                let position = cursor?.position(in: entry.mailbox.id)
                if let position, position.uidValidity != validity { throw RemoteMailError.staleCursor }
                let lister = try await MailboxLister(
                    query, plan, in: session, mailbox: entry.mailbox.id, uidValidity: validity, of: account, self)
                return try await lister.run(from: position, count: limit)
            }
        }
        var page = MailboxRun.merge(runs, sort: query.sort, limit: limit)
        page.data = try await identified(page.data, of: account)
        return page
    }

    /// Refuses a cursor that continues no mailbox of this list, rather than calling the list finished.
    func mailboxes(
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

    /// Works on several mailboxes at the same time, a few at once; the results are in the mailboxes' order.
    func concurrently<Value: Sendable>(
        _ entries: [MailboxDirectory.Entry],
        _ work: @escaping @Sendable (MailboxDirectory.Entry) async throws -> Value
    ) async throws -> [Value] {
        if entries.count == 1 { return [try await work(entries[0])] }
        return try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var waiting = entries.enumerated().makeIterator()
            func start() {
                guard let (index, entry) = waiting.next() else { return }
                group.addTask { (index, try await work(entry)) }
            }
            for _ in 0..<Limits.concurrentMailboxes { start() }
            var results = [Value?](repeating: nil, count: entries.count)
            while let (index, value) = try await group.next() {
                results[index] = value
                start()
            }
            return results.compactMap { $0 }
        }
    }
}
