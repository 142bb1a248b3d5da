import Database
import Model

/// Writes what a listing changes: rows with other keys, and new ones.
struct MaildropEnroller {
    let mailbox: Int64
    let rows: [MaildropRow]
    let sql: any SQLConnection
    let now: Timestamp

    /// The UIDs of new messages, by number.
    mutating func run(
        _ match: MaildropMatch, _ entries: [MaildropEntry], _ fingerprints: [Int: String]
    ) throws -> [Int: UInt32] {
        // Keys may go round in a circle: all that changes is taken out first.
        var moved: [(key: String, from: String, entry: MaildropEntry)] = []
        var new: [(key: String, entry: MaildropEntry)] = []
        for entry in entries {
            guard let key = match.keys[entry.number] else { continue }
            switch match.verdicts[entry.number] {
            case .changed(_, let from)?: moved.append((key, from, entry))
            case .new?: new.append((key, entry))
            case .known?, nil: continue
            }
        }
        for (index, move) in moved.enumerated() {
            try sql.execute(
                """
                UPDATE pop3_seen SET uidl = \(Self.parked(index)), size = \(move.entry.size),
                    fingerprint = COALESCE(fingerprint, \(fingerprints[move.entry.number]))
                WHERE mailbox = \(mailbox) AND uidl = \(move.from)
                """)
        }
        // What bore these ids and was not met again is gone; the index still tells that it was there.
        let taken = moved.map(\.key) + new.map(\.key)
        for chunk in taken.chunks(of: Limits.keysInStatement) {
            try sql.execute("DELETE FROM pop3_seen WHERE mailbox = \(mailbox) AND uidl IN \(list: chunk)")
        }
        for (index, move) in moved.enumerated() {
            try sql.execute(
                "UPDATE pop3_seen SET uidl = \(move.key) WHERE mailbox = \(mailbox) AND uidl = \(Self.parked(index))")
        }
        return try insert(new, fingerprints)
    }

    /// No server's unique id has a blank in it.
    private static func parked(_ index: Int) -> String { " \(index)" }

    private func insert(
        _ new: [(key: String, entry: MaildropEntry)], _ fingerprints: [Int: String]
    ) throws -> [Int: UInt32] {
        guard !new.isEmpty else { return [:] }
        let row = try sql.first("SELECT uid_next FROM mailboxes WHERE number = \(mailbox)")
        // Also above UIDs that only the index still has.
        let last =
            try sql.first("SELECT MAX(uid) AS last FROM messages WHERE mailbox = \(mailbox)")?
            .optionalInteger("last") ?? 0
        let known = Int64(rows.map(\.uid).max() ?? 0)
        var next = max(1, try row?.integer("uid_next") ?? 1, known + 1, last + 1)
        var uids: [Int: UInt32] = [:]
        for chunk in new.chunks(of: Limits.rowsInStatement) {
            var values: SQL = ""
            for (index, message) in chunk.enumerated() {
                let separator: SQL = index == 0 ? "" : ", "
                let fingerprint = fingerprints[message.entry.number]
                values = """
                    \(values)\(separator)(\(mailbox), \(message.key), \(next), \(message.entry.size), \(fingerprint), \
                    \(now.milliseconds))
                    """
                uids[message.entry.number] = UInt32(truncatingIfNeeded: next)
                next += 1
            }
            try sql.execute("INSERT INTO pop3_seen (mailbox, uidl, uid, size, fingerprint, seen_at) VALUES \(values)")
        }
        return uids
    }
}
