import IMAP
import MailClient
import Mapping
package import Model

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
                listed, plan, in: session, mailbox: entry.mailbox.id, uidValidity: validity)
            return (try await lister.run(from: position, count: limit), lister.conversations)
        }
        let page = MailboxRun.merge([run], sort: listed.sort, limit: limit)
        let data = page.data.compactMap { message -> Conversation? in
            guard let key = MessageKey(message.id) else { return nil }
            let own = (id: ConversationID.message(key).id, uids: [key.uid])
            let group = conversations?.group(of: key.uid) ?? own
            let ids = group.uids.map { uid in
                MessageKey(mailbox: key.mailbox, uidValidity: key.uidValidity, uid: uid).id
            }
            var message = message
            message.threadID = group.id
            return Conversation(id: group.id, messageIDs: ids, messages: [message])
        }
        return Page(data: data, nextCursor: page.nextCursor)
    }

    /// One conversation with its messages, oldest first.
    package func thread(
        _ id: ThreadID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Conversation {
        guard ConversationID(id) != nil else { throw RemoteMailError.threadNotFound(id) }
        var query = MessageQuery()
        query.threadID = id
        query.sort = .oldest
        let page = try await messages(
            of: account, matching: query, limit: Limits.threadMessages, cursor: nil, deadline: deadline)
        guard !page.data.isEmpty else { throw RemoteMailError.threadNotFound(id) }
        let messages = page.data.map { message in
            var message = message
            message.threadID = id
            return message
        }
        return Conversation(id: id, messageIDs: messages.map(\.id), messages: messages)
    }
}
