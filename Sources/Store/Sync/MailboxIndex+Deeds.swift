import Database
package import Model

/// What we did to mail ourselves: where it lies from then on is known at once, and told once the sync sees it.
extension MailboxIndex {
    /// We copied these ourselves, or moved them, and the server told where to: their ids lead there at once.
    ///
    /// The sync will see and tell it: rows beyond its cursor are still to be announced.
    package func noteCopied(
        _ pairs: [(source: UInt32, destination: UInt32)], from source: MailboxID, to destination: MailboxID,
        uidValidity: UInt32, of account: AccountID
    ) async throws {
        try await database.write { sql in
            try Self.hold(account, sql)
            guard let from = try Self.target(source, account, sql),
                let into = try Self.target(destination, account, sql),
                into.uidValidity == uidValidity || into.uidValidity == 0
            else { return }
            if into.uidValidity == 0 {
                try sql.execute(
                    "UPDATE mailboxes SET uid_validity = \(Int64(uidValidity)) WHERE number = \(into.number)")
            }
            for pair in pairs {
                try sql.execute(
                    """
                    INSERT INTO messages (mailbox, uid, email_id, thread_id, keywords, received_at, size, is_leaving)
                    SELECT CAST(\(into.number) AS BIGINT), CAST(\(Int64(pair.destination)) AS BIGINT), email_id, thread_id, keywords,
                        received_at, size, 0
                    FROM messages WHERE mailbox = \(from.number) AND uid = \(Int64(pair.source))
                    ON CONFLICT (mailbox, uid) DO NOTHING
                    """)
            }
        }
    }

    /// We moved or deleted these ourselves: their old places lead nowhere, which the sync will see and tell.
    package func noteLeaving(_ uids: [UInt32], _ mailbox: MailboxID, of account: AccountID) async throws {
        guard !uids.isEmpty else { return }
        try await database.write { sql in
            try Self.hold(account, sql)
            guard let target = try Self.target(mailbox, account, sql) else { return }
            for chunk in uids.map({ Int64($0) }).chunks(of: Limits.keysInStatement) {
                try sql.execute(
                    "UPDATE messages SET is_leaving = 1 WHERE mailbox = \(target.number) AND uid IN \(list: chunk)")
            }
        }
    }

    /// We renamed a mailbox ourselves, with all inside it: it keeps its id.
    package func noteRenamed(_ paths: [(old: String, new: String)], of account: AccountID) async throws {
        try await database.write { sql in
            try Self.hold(account, sql)
            for (old, new) in paths {
                // The sync may have seen it before we could say so, and then it has told of it already.
                let isHere =
                    try sql.first(
                        "SELECT number FROM mailboxes WHERE account_id = \(account.rawValue) AND path = \(old)") != nil
                guard isHere else { continue }
                try sql.execute("DELETE FROM mailboxes WHERE account_id = \(account.rawValue) AND path = \(new)")
                try sql.execute(
                    "UPDATE mailboxes SET path = \(new) WHERE account_id = \(account.rawValue) AND path = \(old)")
            }
        }
    }
}
