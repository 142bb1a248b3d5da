import IMAP
import MailClient
import Mapping
import Model

extension MailboxLister {
    /// What the search finds, in order; a server that can cut gives no more than `limit`.
    func ordered(_ key: SearchKey, atMost limit: UInt32?) async throws -> [UInt32] {
        switch order {
        case .server(let criterion, let isTurned):
            let uids = try await session.executeFresh(SortCommand([criterion], key, window: limit.map { 1...$0 }))
            return isTurned ? uids.reversed() : uids
        case .uid:
            let uids = Array(try await search(key).numbers)
            return query.sort.isDescending ? uids.reversed() : uids
        case .local:
            let found = try await search(key)
            guard found.count <= Limits.locallySorted else {
                throw RemoteMailError.tooManyToSort(maximum: Limits.locallySorted)
            }
            var keys: [(key: SortKey, uid: UInt32)] = []
            for batch in found.chunked(size: Limits.sortKeyBatch) {
                for (uid, key) in try await sortKeys(of: batch) { keys.append((key, uid)) }
            }
            keys.sort { ($0.key, $0.uid) < ($1.key, $1.uid) }
            return query.sort.isDescending ? keys.reversed().map(\.uid) : keys.map(\.uid)
        }
    }

    func search(_ key: SearchKey) async throws -> UIDSet {
        try await session.executeFresh(SearchCommand(key)).all ?? UIDSet()
    }

    private func sortKeys(of uids: UIDSet) async throws -> [UInt32: SortKey] {
        var wanted = query
        wanted.fields = []
        let plain = try SearchPlan(MessageQuery())
        let items = Summary.items(for: wanted, plain, capabilities)
        var keys: [UInt32: SortKey] = [:]
        for item in try await TolerantFetch(session, items).messages(uids) {
            guard let uid = item.uid, let message = Summary.make(item, in: mailbox, uidValidity: uidValidity) else {
                continue
            }
            keys[uid] = sortKey(of: message, uid: uid)
        }
        return keys
    }

    /// Where the list goes on: at or behind the cursor's message, or where that would stand if it were not gone.
    func place(of position: ListCursor.Position, in uids: [UInt32]) async throws -> Int {
        if let index = uids.firstIndex(of: position.uid) { return position.isDone ? index + 1 : index }
        if order == .uid {
            return uids.firstIndex { query.sort.isDescending ? $0 < position.uid : $0 > position.uid } ?? uids.count
        }
        let descends = query.sort.isDescending
        let tiesDescend = order.tiesDescend(query.sort)
        var low = 0
        var high = uids.count
        while low < high {
            let middle = (low + high) / 2
            guard let (index, key) = try await firstKey(in: uids, middle..<high) else {
                high = middle
                continue
            }
            let isBehind: Bool
            if key == position.key {
                isBehind = tiesDescend ? uids[index] < position.uid : uids[index] > position.uid
            } else {
                isBehind = descends ? key < position.key : key > position.key
            }
            if isBehind { high = middle } else { low = index + 1 }
        }
        return low
    }

    /// The first of these messages that is still there.
    private func firstKey(in uids: [UInt32], _ range: Range<Int>) async throws -> (index: Int, key: SortKey)? {
        for index in range {
            if let key = try await sortKeys(of: UIDSet(uids[index]))[uids[index]] { return (index, key) }
        }
        return nil
    }
}
