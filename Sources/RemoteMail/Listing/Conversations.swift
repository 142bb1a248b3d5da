import IMAP
import MIME
import MailClient
import Mapping
package import Model

/// The conversations of one mailbox.
struct Conversations: Sendable {
    private(set) var groups: [(id: ThreadID, uids: [UInt32])] = []
    private var groupOfUID: [UInt32: Int] = [:]

    init(_ groups: [(id: ThreadID, uids: [UInt32])]) {
        self.groups = groups
        for (index, group) in groups.enumerated() {
            for uid in group.uids { groupOfUID[uid] = index }
        }
    }

    func group(of uid: UInt32) -> (id: ThreadID, uids: [UInt32])? { groupOfUID[uid].map { groups[$0] } }

    /// The first of each conversation; what is in none stands for itself.
    func collapsed(_ uids: [UInt32]) -> [UInt32] {
        var seen: Set<Int> = []
        return uids.filter { uid in groupOfUID[uid].map { seen.insert($0).inserted } ?? true }
    }

    /// The server's own numbers, else its THREAD, else what the newest messages say of each other.
    static func find(in session: IMAPLease, mailbox: MailboxID, uidValidity: UInt32) async throws -> Conversations {
        let capabilities = await session.capabilities
        if capabilities.contains(.objectID) || capabilities.contains(.gmail) {
            let messages = try await newest(
                Limits.numberedThreadWindow, [.uid, .threadID, .gmailThreadID], in: session)
            var uids: [ThreadID: [UInt32]] = [:]
            for message in messages {
                let id = message.extras.flatMap { ConversationID($0) }?.id
                guard let uid = message.uid, let id else { continue }
                uids[id, default: []].append(uid)
            }
            return Conversations(uids.map { (id: $0.key, uids: $0.value.sorted()) })
        }
        let groups: [[UInt32]]
        if ThreadCommand.isOffered(capabilities) {
            groups = try await session.executeFresh(ThreadCommand())
        } else {
            let messages = try await newest(Limits.threadWindow, [.uid, .envelope, Summary.references], in: session)
            groups = ReferenceThreads.groups(
                messages.compactMap { fetched in
                    Summary.make(fetched, in: mailbox, uidValidity: uidValidity).flatMap { message in
                        fetched.uid.map { ($0, message) }
                    }
                })
        }
        return Conversations(
            groups.compactMap { members in
                let uids = members.sorted()
                guard let first = uids.first else { return nil }
                let key = MessageKey(mailbox: mailbox, uidValidity: uidValidity, uid: first)
                return (id: ConversationID.message(key).id, uids: uids)
            })
    }

    private static func newest(
        _ count: Int, _ items: [FetchItem], in session: IMAPLease
    ) async throws -> [FetchedMessage] {
        var all = try await session.executeFresh(SearchCommand(.all)).all ?? UIDSet()
        var fetched: [FetchedMessage] = []
        for batch in all.removeLast(count).chunked(size: Limits.sortKeyBatch) {
            fetched += try await TolerantFetch(session, items).messages(batch)
        }
        return fetched
    }
}

/// Conversations by Message-ID, In-Reply-To and References alone, as RFC 5256 REFERENCES groups them but for subjects.
package enum ReferenceThreads {
    /// Messages that name each other, or the same third one, belong together.
    package static func groups(_ messages: [(uid: UInt32, message: Message)]) -> [[UInt32]] {
        var parent = Array(messages.indices)
        func root(of index: Int) -> Int {
            var index = index
            while parent[index] != index {
                parent[index] = parent[parent[index]]
                index = parent[index]
            }
            return index
        }
        var named: [String: Int] = [:]
        for (index, entry) in messages.enumerated() {
            let message = entry.message
            let ids = [message.messageID].compactMap { $0 } + message.references + message.inReplyTo.prefix(1)
            for id in ids where !id.isEmpty {
                if let other = named[id] {
                    parent[root(of: index)] = root(of: other)
                } else {
                    named[id] = index
                }
            }
        }
        var groups: [Int: [UInt32]] = [:]
        for (index, entry) in messages.enumerated() { groups[root(of: index), default: []].append(entry.uid) }
        return groups.values.map { $0.sorted() }.sorted { ($0.first ?? 0) < ($1.first ?? 0) }
    }
}
