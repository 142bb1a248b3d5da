import IMAP
package import Mapping
import Model
package import Store

/// What a new list of mailboxes means for the stored one: a pure function.
package struct ListingPlan: Sendable {
    package var change = ListingChange()
    /// Mailboxes that the server has no more.
    package var deleted: [MailboxRecord] = []
    /// The mailbox was renamed: its record, by the new path.
    package var renamed: [String: MailboxRecord] = [:]

    /// `observed` is what STATUS said, by path; `ids` are the server's own ids of mailboxes (RFC 8474), by path.
    package init(
        stored: [MailboxRecord], directory: MailboxDirectory, observed: [String: ObservedMailbox],
        ids: [String: String] = [:]
    ) {
        let byPath = Dictionary(stored.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let paths = Set(directory.entries.map(\.mailbox.path))
        var gone = stored.filter { !paths.contains($0.path) }
        var bearers: [UInt32: Int] = [:]
        for mailbox in observed.values { if let validity = mailbox.uidValidity { bearers[validity, default: 0] += 1 } }
        for entry in directory.entries {
            let facts = MailboxFacts(entry.mailbox)
            let path = entry.mailbox.path
            let record = byPath[path]
            if let record, let announced = record.announced {
                if announced != facts { change.updated[record.number] = facts }
                continue
            }
            if let index = gone.firstIndex(where: { Self.isSame($0, path, observed[path], ids[path], bearers) }) {
                let old = gone.remove(at: index)
                renamed[path] = old
                change.updated[old.number] = facts
                continue
            }
            change.created[ListedMailbox(path: path, proposedID: MailboxID(path: path, objectID: ids[path]))] = facts
        }
        deleted = gone
    }

    /// A mailbox is known again by the server's own id of it, else by its UIDVALIDITY and how far its UIDs got; one that was never
    /// used only where no other bears its UIDVALIDITY (Cyrus gives the same to all that are made in one second).
    private static func isSame(
        _ old: MailboxRecord, _ path: String, _ observed: ObservedMailbox?, _ objectID: String?,
        _ bearers: [UInt32: Int]
    ) -> Bool {
        if let objectID { return old.id == MailboxID(path: path, objectID: objectID) }
        guard let observed, !old.isNew else { return false }
        guard old.cursor.uidNext > 1 || bearers[old.cursor.uidValidity] == 1 else { return false }
        return observed.uidValidity == old.cursor.uidValidity && observed.uidNext == old.cursor.uidNext
            && observed.messages == old.cursor.total
    }
}
