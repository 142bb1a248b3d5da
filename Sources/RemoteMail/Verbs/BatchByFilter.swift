import IMAP
import MailClient
import Mapping
package import Model

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
                        query, search, in: session, mailbox: entry.mailbox.id, uidValidity: validity)
                    let found = try await lister.matches(above: start?.uid ?? 0, atMost: room)
                    let run = BatchRun(mail: self, plan: plan, source: entry, uidValidity: validity, session: session)
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
        if !open.isEmpty { page.nextCursor = ListCursor(sort: query.sort, positions: open).text }
        return page
    }
}

extension ListCursor.Position {
    /// A mailbox that nobody looked into yet; no UID is 0.
    fileprivate static func beginning(of mailbox: MailboxID) -> Self {
        Self(mailbox: mailbox, uidValidity: 0, uid: 0, key: .number(0), isDone: true)
    }

    fileprivate var isBeginning: Bool { uid == 0 }
}
