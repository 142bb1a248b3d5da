import Database
package import Model

/// A mailbox as a listing shows it, for its id.
package struct ListedMailbox: Sendable, Hashable {
    package var path: String
    /// The id it gets if it is new: of the server's MAILBOXID (RFC 8474), else of its path.
    package var proposedID: MailboxID

    package init(path: String, proposedID: MailboxID) {
        self.path = path
        self.proposedID = proposedID
    }
}

/// Where messages and mailboxes are: what any call on remote mail asks, on any node, without a lease.
package struct MailboxIndex: Sendable {
    let database: any SQLDatabase

    /// The ids of these mailboxes; those that are new get one.
    ///
    /// A new one has no announced facts yet: the sync sees by that that it has to tell of it.
    package func identify(
        _ listed: [ListedMailbox], of account: AccountID, now: Timestamp = .now()
    ) async throws -> [String: MailboxID] {
        let known = try await directory(of: account).ids
        let missing = listed.filter { known[$0.path] == nil }
        guard !missing.isEmpty else { return known }
        try await database.write { sql in
            try Self.hold(account, sql)
            for mailbox in missing { try Self.insert(mailbox, of: account, now, sql) }
        }
        return try await directory(of: account).ids
    }

    /// The ids of the mailboxes that somebody has seen, by path, and the paths that the user gave roles.
    package func directory(
        of account: AccountID
    ) async throws -> (ids: [String: MailboxID], roles: [MailboxRole: String]) {
        try await database.read { sql in
            var ids: [String: MailboxID] = [:]
            for row in try sql.rows("SELECT path, id FROM mailboxes WHERE account_id = \(account.rawValue)") {
                ids[try row.text("path")] = MailboxID(rawValue: try row.text("id"))
            }
            return (ids, try AccountRepository.syncRules(of: account, sql)?.roles ?? [:])
        }
    }

    /// Puts all who write to the index of an account in order, on whatever node: SQLite has one writer anyway.
    static func hold(_ account: AccountID, _ sql: any SQLConnection) throws {
        guard case .postgresql = sql.dialect else { return }
        _ = try sql.first(
            "SELECT number FROM account_sync WHERE account_id = \(account.rawValue)\(sql.dialect.lockingRows)")
    }

    static func insert(
        _ mailbox: ListedMailbox, of account: AccountID, _ now: Timestamp, _ sql: any SQLConnection
    ) throws {
        let taken = try sql.first(
            "SELECT id FROM mailboxes WHERE account_id = \(account.rawValue) AND path = \(mailbox.path)")
        guard taken == nil else { return }
        // A mailbox that was renamed keeps the id of its first path, which another may bear by now.
        var id = mailbox.proposedID
        while try sql.first(
            "SELECT path FROM mailboxes WHERE account_id = \(account.rawValue) AND id = \(id.rawValue)") != nil
        {
            id = MailboxID(path: id.rawValue + "\n" + mailbox.path)
        }
        let number = try Counter.mailbox.next(sql)
        try sql.execute(
            """
            INSERT INTO mailboxes (number, account_id, id, path, uid_validity, uid_next, total, backfill, generation, seen_at)
            VALUES (\(number), \(account.rawValue), \(id.rawValue), \(mailbox.path), 0, 0, 0, 0, 0,
                \(now.milliseconds))
            """)
    }
}
