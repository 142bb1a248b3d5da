import IMAP
import Model

/// Consecutive messages of one mailbox, by descending UID: what a page is merged from.
struct MailboxRun: Sendable {
    let mailbox: MailboxID
    let uidValidity: UInt32
    private(set) var messages: [(uid: UInt32, message: Message)] = []

    init(mailbox: MailboxID, uidValidity: UInt32) {
        self.mailbox = mailbox
        self.uidValidity = uidValidity
    }

    mutating func add(_ fetched: [FetchedMessage], accepting: (Message) -> Bool) {
        for item in fetched {
            guard let uid = item.uid, let message = Summary.make(item, in: mailbox, uidValidity: uidValidity),
                accepting(message)
            else { continue }
            messages.append((uid, message))
        }
        // Some servers answer in any order (Yahoo), or twice.
        messages.sort { $0.uid > $1.uid }
        var last: UInt32?
        messages.removeAll { entry in
            defer { last = entry.uid }
            return entry.uid == last
        }
    }

    mutating func keepNewest(_ count: Int) {
        if messages.count > count { messages.removeLast(messages.count - count) }
    }

    /// The page that begins all runs, each of which holds one message more than the page where the mailbox has it.
    static func merge(_ runs: [MailboxRun], limit: Int) -> Page<Message> {
        var next = runs.map { _ in 0 }
        var data: [Message] = []
        while data.count < limit {
            let candidates = runs.indices.filter { next[$0] < runs[$0].messages.count }
            let newest = candidates.max { left, right in
                runs[left].messages[next[left]].message.receivedAt
                    < runs[right].messages[next[right]].message.receivedAt
            }
            guard let newest else { break }
            data.append(runs[newest].messages[next[newest]].message)
            next[newest] += 1
        }
        let positions = runs.indices.compactMap { index -> ListCursor.Position? in
            let run = runs[index]
            guard next[index] < run.messages.count else { return nil }
            return ListCursor.Position(
                mailbox: run.mailbox, uidValidity: run.uidValidity, below: run.messages[next[index]].uid &+ 1)
        }
        return Page(data: data, nextCursor: positions.isEmpty ? nil : ListCursor(positions: positions).text)
    }
}
