import IMAP
import MailClient
import Mapping
package import Model
import Store

extension MailService {
    /// One page of a mailbox's conversations, the one with the newest message first.
    package func threads(
        of account: AccountID, in mailbox: MailboxReference, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Conversation> {
        let cursor = try cursor.map { text throws(RemoteMailError) in try ListCursor(text) }
        var query = MessageQuery(mailbox: mailbox)
        query.collapsesThreads = true
        let listed = query
        let plan = try SearchPlan(listed)
        let entry = try await self.mailbox(mailbox, of: account, deadline: deadline)
        let position = cursor?.position(in: entry.mailbox.id)
        if let cursor, position == nil || cursor.sort != listed.sort { throw RemoteMailError.staleCursor }
        let (run, conversations) = try await withMailbox(entry, of: account, for: .reading, deadline: deadline) {
            session, validity in
            if let position, position.uidValidity != validity { throw RemoteMailError.staleCursor }
            let lister = try await MailboxLister(
                listed, plan, in: session, mailbox: entry.mailbox.id, uidValidity: validity, of: account, self)
            return (try await lister.run(from: position, count: limit), lister.conversations)
        }
        let page = MailboxRun.merge([run], sort: listed.sort, limit: limit)
        let uids = page.data.compactMap { $0.place?.uid }.flatMap { conversations?.group(of: $0)?.uids ?? [$0] }
        let ids = try await index.emails(
            of: uids, in: entry.mailbox.id, uidValidity: run.uidValidity, of: account)
        let data = try await identified(page.data, of: account).map { message in
            let group = message.place.flatMap { conversations?.group(of: $0.uid) }
            let members = group?.uids.compactMap { ids[$0] } ?? [message.id]
            return Conversation(
                id: message.threadID ?? ThreadID(rawValue: ""), messageIDs: members, messages: [message])
        }
        return Page(data: data, nextCursor: page.nextCursor)
    }

    /// One conversation with its messages wherever they lie, oldest first.
    package func thread(
        _ id: ThreadID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Conversation {
        guard ConversationID(id) != nil else { throw RemoteMailError.threadNotFound(id) }
        let found = try await whenIndexed(account, deadline) {
            try await index.places(ofThread: id, in: account, limit: Limits.threadMessages)
        }
        guard let found else { throw RemoteMailError.threadNotFound(id) }
        let directory = try await listMailboxes(of: account, deadline: deadline)
        let byMailbox = Dictionary(grouping: found.map(\.place), by: \.mailbox)
        let entries = byMailbox.keys.compactMap { directory[$0] }
        let messages = try await concurrently(entries) { entry in
            let places = byMailbox[entry.mailbox.id] ?? []
            return try await withMailbox(entry, of: account, for: .reading, deadline: deadline) { session, validity in
                let uids = UIDSet(places.filter { $0.uidValidity == validity }.map(\.uid))
                guard !uids.isEmpty else { return [Message]() }
                return try await TolerantFetch(session, [.uid] + Summary.items).messages(uids).compactMap {
                    Summary.make($0, in: entry.mailbox.id, uidValidity: validity)
                }
            }
        }.flatMap { $0 }
        var seen: Set<EmailID> = []
        let members = try await identified(messages, of: account)
            .sorted { ($0.receivedAt, $0.id) < ($1.receivedAt, $1.id) }
            .filter { seen.insert($0.id).inserted }
        guard !members.isEmpty else { throw RemoteMailError.threadNotFound(id) }
        return Conversation(id: id, messageIDs: members.map(\.id), messages: members)
    }
}
