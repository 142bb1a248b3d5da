import IMAP
import MailClient
import Mapping
import Model
import Store

/// Reads one mailbox's part of a list in a session that has it selected.
struct MailboxLister: Sendable {
    let session: IMAPLease
    let mailbox: MailboxID
    let uidValidity: UInt32
    let account: AccountID
    let index: MailboxIndex
    let pages: ListedPages
    let query: MessageQuery
    let plan: SearchPlan
    let capabilities: CapabilitySet
    let order: ListOrder
    /// Only where the query needs them.
    let conversations: Conversations?

    init(
        _ query: MessageQuery, _ plan: SearchPlan, in session: IMAPLease, mailbox: MailboxID, uidValidity: UInt32,
        of account: AccountID, _ mail: MailService
    ) async throws {
        let capabilities = await session.capabilities
        guard query.native == nil || capabilities.contains(.gmail) else {
            throw RemoteMailError.invalid([
                FieldFault(pointer: "/native", detail: "needs a server with a search language of its own (Gmail)")
            ])
        }
        // The time of arrival would be another question, and what it finds may be deleted.
        guard !plan.needsSaveDate || capabilities.contains(.saveDate) else {
            throw MailClientError.unsupported(.imap, feature: Capability.saveDate.name)
        }
        self.session = session
        self.mailbox = mailbox
        self.uidValidity = uidValidity
        self.account = account
        index = mail.index
        pages = mail.pages
        self.query = query
        self.plan = plan
        self.capabilities = capabilities
        order = ListOrder(query.sort, capabilities)
        let needsAll = query.collapsesThreads || query.threadID.map { Self.numbered($0, capabilities) == nil } ?? false
        conversations =
            needsAll
            ? try await mail.conversations(in: mailbox, uidValidity: uidValidity, of: account, session) : nil
    }

    /// How a server is asked for a conversation that it numbers itself.
    private static func numbered(_ id: ThreadID, _ capabilities: CapabilitySet) -> SearchKey? {
        switch ConversationID(id) {
        case .object(let name)? where capabilities.contains(.objectID): .threadID(name)
        case .gmail(let number)? where capabilities.contains(.gmail): .gmailThreadID(number)
        default: nil
        }
    }

    /// The next `count` messages, and one more where there are more.
    func run(from position: ListCursor.Position?, count: Int) async throws -> MailboxRun {
        var run = MailboxRun(mailbox: mailbox, uidValidity: uidValidity)
        if order == .uid, query.sort == .newest, position == nil, isPlain {
            try await newest(count + 1, into: &run)
            return run
        }
        if order != .uid, query.sort.field == .receivedAt, isPlain,
            let run = try await indexed(from: position, count: count)
        {
            return run
        }
        guard let key = searchKey() else { return run }
        var uids = try await ordered(key, atMost: position == nil && isPlain ? UInt32(count + 1) : nil)
        if query.collapsesThreads, let conversations { uids = conversations.collapsed(uids) }
        var next = 0
        if let position { next = try await place(of: position, in: uids) }
        var found: [UIDSet] = []
        for key in plan.separate { found.append(try await session.execute(SearchCommand(key)).all ?? UIDSet()) }
        var looked = 0
        while run.messages.count <= count, next < uids.count {
            guard looked < Limits.checkedMessages else {
                run.isOpen = true
                break
            }
            let missing = count + 1 - run.messages.count
            let size = plan.checksMessages ? Limits.searchBatch : missing
            let batch = Array(uids[next..<min(next + size, uids.count)])
            try await add(batch, found: found, atMost: missing, to: &run)
            next += batch.count
            looked += batch.count
        }
        return run
    }

    /// What the list shows of a message.
    var items: [FetchItem] { Summary.items(for: query, plan, capabilities) }
    var fetch: TolerantFetch { TolerantFetch(session, items) }

    /// Whether all messages qualify.
    private var isPlain: Bool {
        plan.key == nil && !plan.checksMessages && !query.collapsesThreads && query.threadID == nil
    }

    /// Nil where nothing can qualify.
    func searchKey() -> SearchKey? {
        var keys = plan.key.map { [$0] } ?? []
        if let id = query.threadID {
            if let key = Self.numbered(id, capabilities) {
                keys.append(key)
            } else {
                guard let uids = conversations?.group(id) else { return nil }
                keys.append(.messages(.uids(UIDSet(uids))))
            }
        }
        return keys.isEmpty ? .all : keys.count == 1 ? keys[0] : .and(keys)
    }

    /// The last messages of the mailbox by sequence number: one round trip, whatever the mailbox's size.
    private func newest(_ count: Int, into run: inout MailboxRun) async throws {
        let fetch = fetch
        func first() async -> (sequence: UInt32, count: Int)? {
            guard let exists = await session.selected?.exists, exists > 0 else { return nil }
            let sequence = exists > UInt32(count) ? exists - UInt32(count) + 1 : 1
            return (sequence, Int(exists - sequence) + 1)
        }
        // In a mailbox without news what was known of it is still right.
        var fetched: [FetchedMessage]?
        if let first = await first() { fetched = try await fetch.unchanged(from: first.sequence, count: first.count) }
        if fetched == nil {
            try await session.refresh()
            // Somebody else's news in between moves the numbers: an answer that is short is not the end of the mailbox.
            for _ in 0..<3 {
                guard let first = await first() else { return }
                fetched = try await fetch.messages(from: first.sequence, count: first.count)
                if let fetched, fetched.count >= first.count { break }
            }
        }
        guard let fetched else { return }
        // Some servers answer in any order (Yahoo), or twice.
        let uids = Set(fetched.compactMap(\.uid)).sorted().reversed()
        try await add(Array(uids), fetched, found: [], atMost: count, to: &run)
    }

    /// Reads the messages, but for those that are known.
    func add(
        _ uids: [UInt32], knowing known: [UInt32: Message] = [:], found: [UIDSet], atMost count: Int,
        to run: inout MailboxRun
    ) async throws {
        let fetched = try await fetch.messages(UIDSet(uids.filter { known[$0] == nil }))
        try await add(uids, fetched, knowing: known, found: found, atMost: count, to: &run)
    }

    private func add(
        _ uids: [UInt32], _ fetched: [FetchedMessage], knowing known: [UInt32: Message] = [:], found: [UIDSet],
        atMost count: Int, to run: inout MailboxRun
    ) async throws {
        let messages = messages(fetched).merging(known) { read, _ in read }
        let added = append(uids, messages, found: found, atMost: count, to: &run)
        guard showsPreviews else { return }
        // A server with PREVIEW may have none of a message, or of any (RFC 8970, 3.1).
        let byUID = Dictionary(
            fetched.compactMap { item in item.uid.map { ($0, item) } }, uniquingKeysWith: { first, _ in first })
        let bare = added.compactMap { uid in byUID[uid].map { (uid: uid, fetched: $0) } }
            .filter { $0.fetched.extras?.preview == nil }
        let previews = try await PreviewReader.previews(of: bare, in: session)
        for index in run.messages.indices {
            if let preview = previews[run.messages[index].uid] { run.messages[index].message.preview = preview }
        }
    }

    /// Whether the list shows first words also where the server has none.
    var showsPreviews: Bool { query.fields?.contains(.preview) == true }

    func messages(_ fetched: [FetchedMessage]) -> [UInt32: Message] {
        var messages: [UInt32: Message] = [:]
        for item in fetched {
            guard let uid = item.uid, messages[uid] == nil else { continue }
            messages[uid] = Summary.make(item, in: mailbox, uidValidity: uidValidity)
        }
        return messages
    }

    /// Those of the messages that qualify, in this order; tells which they are.
    @discardableResult
    func append(
        _ uids: [UInt32], _ messages: [UInt32: Message], found: [UIDSet], atMost count: Int, to run: inout MailboxRun
    ) -> [UInt32] {
        var added: [UInt32] = []
        for uid in uids {
            guard let message = messages[uid] else { continue }
            let key = sortKey(of: message, uid: uid)
            run.lookedAt = (uid, key)
            guard plan.accepts(message, uid: uid, found: found) else { continue }
            run.messages.append((uid, key, message))
            added.append(uid)
            if added.count == count { break }
        }
        return added
    }

    func sortKey(of message: Message, uid: UInt32) -> SortKey {
        SortKey(message, query.sort, showsNames: ListOrder.showsNames(capabilities))
    }
}
