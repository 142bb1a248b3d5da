import IMAP
import MailClient
import Mapping
package import Model
import Store

extension MailService {
    /// Does the same to all messages that the query finds, oldest first, `limit` of them at most.
    ///
    /// Without a mailbox those of all are meant but of junk, of trash and of the one that messages are put into. Each
    /// mailbox is searched and worked on in one session. Throws only where nothing was done: a mailbox that fails
    /// after others were worked on is where the cursor goes on.
    package func batch(
        matching query: MessageQuery, _ action: BatchAction, of account: AccountID, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> BatchPage {
        var query = query
        query.sort = .oldest
        query.fields = []
        let cursor = try cursor.map { text throws(RemoteMailError) in try ListCursor(text) }
        if let cursor, cursor.sort != query.sort { throw RemoteMailError.staleCursor }
        let plan = try await plan(action, of: account, deadline: deadline)
        let search = try SearchPlan(query)
        var entries = try await mailboxes(for: query, cursor, of: account, deadline: deadline)
        if query.mailbox == nil { entries.removeAll { $0.mailbox.id == plan.target } }
        var page = BatchPage(outcomes: [])
        var open: [ListCursor.Position] = []
        for entry in entries {
            let start = cursor?.position(in: entry.mailbox.id)
            if cursor != nil, start == nil { continue }
            let room = limit - page.outcomes.count
            guard room > 0, open.isEmpty else {
                open.append(start ?? .beginning(of: entry.mailbox.id))
                continue
            }
            do {
                let share = try await withMailbox(entry, of: account, for: .changing, deadline: deadline) {
                    session, validity in
                    if let start, !start.isBeginning, start.uidValidity != validity {
                        throw RemoteMailError.staleCursor
                    }
                    let lister = try await MailboxLister(
                        query, search, in: session, mailbox: entry.mailbox.id, uidValidity: validity, of: account, self)
                    let found = try await lister.matches(above: start?.uid ?? 0, atMost: room)
                    let ids = try await ids(of: found.uids, in: entry, uidValidity: validity, of: account, session)
                    let run = BatchRun(
                        mail: self, account: account, plan: plan, source: entry, uidValidity: validity, ids: ids,
                        session: session)
                    let outcomes = await run.perform(on: found.uids, wereFound: true)
                    return (
                        outcomes,
                        found.next.map { uid in
                            ListCursor.Position(
                                mailbox: entry.mailbox.id, uidValidity: validity, uid: uid, key: .number(0),
                                isDone: true)
                        }
                    )
                }
                page.outcomes += share.0
                if let position = share.1 { open.append(position) }
            } catch {
                guard !page.outcomes.isEmpty else { throw error }
                open.append(start ?? .beginning(of: entry.mailbox.id))
            }
        }
        changed(account)
        if !open.isEmpty { page.nextCursor = ListCursor(sort: query.sort, positions: open).text }
        return page
    }

    /// From the index, and of those that it lacks from the server.
    private func ids(
        of uids: UIDSet, in entry: MailboxDirectory.Entry, uidValidity: UInt32, of account: AccountID,
        _ session: IMAPLease
    ) async throws -> [UInt32: EmailID] {
        let mailbox = entry.mailbox.id
        var ids = try await index.emails(
            of: Array(uids.numbers), in: mailbox, uidValidity: uidValidity, of: account)
        let missing = UIDSet(uids.numbers.filter { ids[$0] == nil })
        for batch in missing.chunked(size: Limits.sortKeyBatch) {
            let items: [FetchItem] = [.uid, .flags, .internalDate, .size, .envelope] + Summary.identifying
            let messages = try await TolerantFetch(session, items).messages(batch).compactMap {
                Summary.make($0, in: mailbox, uidValidity: uidValidity)
            }
            for message in try await identified(messages, of: account) {
                if let uid = message.place?.uid { ids[uid] = message.id }
            }
        }
        return ids
    }
}

extension ListCursor.Position {
    /// A mailbox that nobody looked into yet; no UID is 0.
    fileprivate static func beginning(of mailbox: MailboxID) -> Self {
        Self(mailbox: mailbox, uidValidity: 0, uid: 0, key: .number(0), isDone: true)
    }

    fileprivate var isBeginning: Bool { uid == 0 }
}
