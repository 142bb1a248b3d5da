import Mapping
package import Model
import Store

extension MaildropService {
    package func mailboxes(of account: AccountID, deadline: ContinuousClock.Instant) async throws -> [Mailbox] {
        [try await mailbox(.role(.inbox), of: account, now: deadline)]
    }

    package func mailbox(
        _ reference: MailboxReference, of account: AccountID, now deadline: ContinuousClock.Instant
    ) async throws -> Mailbox {
        try check(reference)
        return try await withMaildrop(of: account, deadline: deadline) { view in
            let messages = view.enrolment.messages
            let unread = messages.count { view.keywords[$0.uid]?.contains("$seen") != true }
            var mailbox = Mailbox.maildrop(view.mailbox, total: messages.count, unread: unread)
            mailbox.size = messages.reduce(0) { $0 + $1.size }
            return mailbox
        }
    }

    /// One page of summaries (no bodies), in the order of the maildrop unless another is asked for.
    package func messages(
        of account: AccountID, matching query: MessageQuery, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Message> {
        try await list(of: account, matching: query, limit: limit, cursor: cursor, deadline: deadline)
    }

    /// One page of conversations, the one with the newest message first.
    package func threads(
        of account: AccountID, in mailbox: MailboxReference, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Conversation> {
        var query = MessageQuery(mailbox: mailbox)
        query.collapsesThreads = true
        let page = try await list(of: account, matching: query, limit: limit, cursor: cursor, deadline: deadline)
        var conversations: [Conversation] = []
        for message in page.data {
            let thread = message.threadID ?? ThreadID(rawValue: "")
            let members = try await members(of: thread, in: account)
            conversations.append(
                Conversation(
                    id: thread, messageIDs: members.isEmpty ? [message.id] : members.map(\.email), messages: [message]))
        }
        return Page(data: conversations, nextCursor: page.nextCursor)
    }

    /// One conversation with its messages, oldest first.
    package func thread(
        _ id: ThreadID, of account: AccountID, deadline: ContinuousClock.Instant
    ) async throws -> Conversation {
        guard ConversationID(id) != nil else { throw RemoteMailError.threadNotFound(id) }
        let members = try await members(of: id, in: account)
        guard !members.isEmpty else { throw RemoteMailError.threadNotFound(id) }
        var messages = try await withMaildrop(of: account, deadline: deadline) { view in
            let here = view.enrolment.byUID
            return try await view.summaries(of: members.compactMap { here[$0.uid] }).map(\.message)
        }
        func order(_ message: Message) -> (Timestamp, UInt32) { (message.receivedAt, message.place?.uid ?? 0) }
        messages.sort { order($0) < order($1) }
        guard !messages.isEmpty else { throw RemoteMailError.threadNotFound(id) }
        return Conversation(id: id, messageIDs: messages.map(\.id), messages: messages)
    }

    private func members(
        of thread: ThreadID, in account: AccountID
    ) async throws -> [(email: EmailID, receivedAt: Timestamp, uid: UInt32)] {
        try await index.places(ofThread: thread, in: account, limit: Limits.threadMessages)
            .map { ($0.email, $0.receivedAt, $0.place.uid) }
            .sorted { ($0.1, $0.2) < ($1.1, $1.2) }
    }

    func list(
        of account: AccountID, matching query: MessageQuery, limit: Int, cursor: String?,
        deadline: ContinuousClock.Instant
    ) async throws -> Page<Message> {
        try check(query.mailbox)
        guard query.native == nil else {
            throw RemoteMailError.invalid([
                FieldFault(pointer: "/native", detail: "needs a server with a search language of its own (Gmail)")
            ])
        }
        guard !query.comparesSaveDates else {
            throw RemoteMailError.notInMaildrop("Messages cannot be found by when they came into their mailbox")
        }
        let cursor = try cursor.map { text throws(RemoteMailError) in try ListCursor(text) }
        if let cursor, cursor.sort != query.sort { throw RemoteMailError.staleCursor }
        let thread = try await query.threadID.mapAsync { id in Set(try await members(of: id, in: account).map(\.uid)) }
        return try await withMaildrop(of: account, deadline: deadline) { view in
            let position = cursor?.position(in: view.mailbox)
            if let cursor, position?.uidValidity != MaildropRepository.uidValidity || cursor.positions.count != 1 {
                throw RemoteMailError.staleCursor
            }
            let lister = MaildropLister(view: view, query: query, filter: MaildropFilter(query, thread: thread))
            let run = try await lister.run(from: position, count: limit)
            return MailboxRun.merge([run], sort: query.sort, limit: limit)
        }
    }
}

extension Optional {
    fileprivate func mapAsync<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
