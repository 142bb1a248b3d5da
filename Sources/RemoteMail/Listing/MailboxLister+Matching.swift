import IMAP
import MailClient
import Mapping
import Model

extension MailboxLister {
    /// The first `count` messages above the UID that qualify, in ascending order, and the UID above which there may be
    /// more; nil where there are none.
    func matches(above uid: UInt32, atMost count: Int) async throws -> (uids: UIDSet, next: UInt32?) {
        guard let key = searchKey(), uid < .max else { return (UIDSet(), nil) }
        let bounded = uid == 0 ? key : SearchKey.and([.messages(.uids(.from(uid + 1))), key])
        // `n:*` finds the last message also where its UID is below n (RFC 9051, 9).
        let numbers = try await search(bounded).numbers.filter { $0 > uid }
        guard plan.checksMessages else {
            let taken = numbers.prefix(count)
            return (UIDSet(taken), taken.count < numbers.count ? taken.last : nil)
        }
        var found: [UIDSet] = []
        for key in plan.separate { found.append(try await search(key)) }
        let items = Summary.items(for: query, plan, capabilities)
        var accepted: [UInt32] = []
        var looked = 0
        while looked < numbers.count, looked < Limits.batchCheckedMessages {
            let batch = numbers[looked..<min(looked + Limits.searchBatch, numbers.count)]
            for item in try await TolerantFetch(session, items).messages(UIDSet(batch)).sorted(by: ascending) {
                guard let uid = item.uid, let message = Summary.make(item, in: mailbox, uidValidity: uidValidity),
                    plan.accepts(message, uid: uid, found: found)
                else { continue }
                accepted.append(uid)
                if accepted.count == count { return (UIDSet(accepted), uid == numbers.last ? nil : uid) }
            }
            looked += batch.count
        }
        return (UIDSet(accepted), looked < numbers.count ? numbers[looked - 1] : nil)
    }

    private func ascending(_ left: FetchedMessage, _ right: FetchedMessage) -> Bool {
        (left.uid ?? 0) < (right.uid ?? 0)
    }
}
