import Mapping
package import Model

/// Consecutive messages of one mailbox in the order of the list: what a page is merged from.
package struct MailboxRun: Sendable {
    let mailbox: MailboxID
    let uidValidity: UInt32
    package var messages: [(uid: UInt32, key: SortKey, message: Message)] = []
    /// The last message that was looked at, shown or not.
    package var lookedAt: (uid: UInt32, key: SortKey)?
    /// Whether there may be more behind `lookedAt` that nobody looked at yet.
    package var isOpen = false

    package init(mailbox: MailboxID, uidValidity: UInt32) {
        self.mailbox = mailbox
        self.uidValidity = uidValidity
    }

    /// The page that begins all runs, each of which holds one message more than the page where the mailbox has it, or is open.
    package static func merge(_ runs: [MailboxRun], sort: MessageSort, limit: Int) -> Page<Message> {
        func precedes(_ left: SortKey, _ right: SortKey) -> Bool { sort.isDescending ? left > right : left < right }
        var next = runs.map { _ in 0 }
        var data: [Message] = []
        while data.count < limit {
            let candidates = runs.indices.filter { next[$0] < runs[$0].messages.count }
            let first = candidates.min { left, right in
                precedes(runs[left].messages[next[left]].key, runs[right].messages[next[right]].key)
            }
            guard let first else { break }
            let entry = runs[first].messages[next[first]]
            // What an open run still has could come before this one.
            let mayBeOvertaken = runs.indices.contains { index in
                guard index != first, runs[index].isOpen, next[index] == runs[index].messages.count,
                    let end = runs[index].lookedAt
                else { return false }
                return precedes(end.key, entry.key)
            }
            if mayBeOvertaken { break }
            data.append(entry.message)
            next[first] += 1
        }
        let positions = runs.indices.compactMap { runs[$0].position(after: next[$0]) }
        return Page(
            data: data,
            nextCursor: positions.isEmpty ? nil : ListCursor(sort: sort, positions: positions).text)
    }

    private func position(after count: Int) -> ListCursor.Position? {
        if count < messages.count {
            return ListCursor.Position(
                mailbox: mailbox, uidValidity: uidValidity, uid: messages[count].uid, key: messages[count].key)
        }
        guard isOpen, let lookedAt else { return nil }
        return ListCursor.Position(
            mailbox: mailbox, uidValidity: uidValidity, uid: lookedAt.uid, key: lookedAt.key, isDone: true)
    }
}
