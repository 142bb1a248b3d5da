import IMAP
import MailClient
import Mapping
import Model
import Store

/// The conversations of one mailbox, as far as its newest messages go.
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

    func group(_ id: ThreadID) -> [UInt32]? { groups.first { $0.id == id }?.uids }

    /// The first of each conversation; what is in none stands for itself.
    func collapsed(_ uids: [UInt32]) -> [UInt32] {
        var seen: Set<Int> = []
        return uids.filter { uid in groupOfUID[uid].map { seen.insert($0).inserted } ?? true }
    }
}

extension MailService {
    /// From the index; of the newest messages those that it lacks are read now.
    func conversations(
        in mailbox: MailboxID, uidValidity: UInt32, of account: AccountID, _ session: IMAPLease
    ) async throws -> Conversations {
        let here = try await session.executeFresh(SearchCommand(.all)).all ?? UIDSet()
        var rest = here
        let window = rest.removeLast(Limits.indexedThreadWindow)
        var threads = Dictionary(
            try await index.threads(
                in: mailbox, uidValidity: uidValidity, of: account, limit: Limits.indexedThreadWindow
            ).map { ($0.uid, $0.thread) }, uniquingKeysWith: { first, _ in first })
        var unread = window
        let newest = unread.removeLast(Limits.threadWindow)
        let missing = newest.numbers.filter { threads[$0] == nil }
        for batch in UIDSet(missing).chunked(size: Limits.sortKeyBatch) {
            let items: [FetchItem] = [.uid, .flags, .internalDate, .size, .envelope] + Summary.identifying
            let messages = try await TolerantFetch(session, items).messages(batch).compactMap {
                Summary.make($0, in: mailbox, uidValidity: uidValidity)
            }
            for message in try await identified(messages, of: account) {
                if let uid = message.place?.uid { threads[uid] = message.threadID }
            }
        }
        var uids: [ThreadID: [UInt32]] = [:]
        for (uid, thread) in threads where window.contains(uid) { uids[thread, default: []].append(uid) }
        return Conversations(uids.map { (id: $0.key, uids: $0.value.sorted()) })
    }
}
