import Database
package import Model

/// A message that somebody read from the server, with all that a row of the index needs.
package struct SeenMessage: Sendable {
    package var uid: UInt32
    package var identity: MessageIdentity
    package var keywords: [String]
    package var receivedAt: Timestamp
    package var size: Int

    package init(uid: UInt32, identity: MessageIdentity, keywords: [String], receivedAt: Timestamp, size: Int) {
        self.uid = uid
        self.identity = identity
        self.keywords = keywords
        self.receivedAt = receivedAt
        self.size = size
    }
}

/// What the index knows of a message.
package struct IndexedMessage: Sendable, Equatable {
    package var email: EmailID
    package var thread: ThreadID
    /// All mailboxes that it lies in, the one that was asked about among them.
    package var mailboxes: [MailboxID]
}

extension MailboxIndex {
    /// The ids of messages that were read in one mailbox, by UID; those without a row get one, so that their ids lead to them.
    ///
    /// In a mailbox that got another UIDVALIDITY which the sync has not seen yet, a message has the id that it says itself.
    package func adopt(
        _ seen: [SeenMessage], in mailbox: MailboxID, uidValidity: UInt32, of account: AccountID
    ) async throws -> [UInt32: IndexedMessage] {
        guard !seen.isEmpty else { return [:] }
        let found = try await database.read { sql -> [UInt32: IndexedMessage]? in
            guard let target = try Self.target(mailbox, account, sql), target.uidValidity == uidValidity else {
                return nil
            }
            return try Self.indexed(seen.map(\.uid), in: target.number, of: account, sql)
        }
        if let found, found.count == Set(seen.map(\.uid)).count { return found }
        return try await database.write { sql in
            try Self.hold(account, sql)
            guard let target = try Self.target(mailbox, account, sql),
                target.uidValidity == uidValidity || target.uidValidity == 0
            else { return Self.unindexed(seen, in: mailbox) }
            if target.uidValidity == 0 {
                try sql.execute(
                    "UPDATE mailboxes SET uid_validity = \(Int64(uidValidity)) WHERE number = \(target.number)")
            }
            guard let row = try sql.first("SELECT number FROM account_sync WHERE account_id = \(account.rawValue)")
            else { return Self.unindexed(seen, in: mailbox) }
            let missing = seen.filter { found?[$0.uid] == nil }.map { seen in
                ArrivedMessage(
                    uid: seen.uid, identity: seen.identity, keywords: seen.keywords, receivedAt: seen.receivedAt,
                    size: seen.size, isNews: false)
            }
            let placed = try MessagePlacer(account: try row.integer("number"), sql: sql)
                .place(missing, in: target.number)
            for chunk in placed.chunks(of: Limits.rowsInStatement) {
                try sql.execute(MessagePlacer.insertion(of: chunk, into: target.number, replacing: false))
            }
            return try Self.indexed(seen.map(\.uid), in: target.number, of: account, sql)
        }
    }

    /// Where a message lies, the places we know best first; empty where nobody has read it yet.
    package func places(of email: EmailID, in account: AccountID) async throws -> [MessagePlace] {
        try await places(of: [email], in: account)[email] ?? []
    }

    /// The same for many.
    package func places(of emails: [EmailID], in account: AccountID) async throws -> [EmailID: [MessagePlace]] {
        try await database.read { sql in
            var places: [EmailID: [MessagePlace]] = [:]
            for chunk in Set(emails).map(\.rawValue).sorted().chunks(of: Limits.keysInStatement) {
                for row in try sql.rows(
                    """
                    SELECT email_id, uid, id, uid_validity FROM messages CROSS JOIN mailboxes
                    WHERE email_id IN \(list: chunk) AND number = mailbox AND account_id = \(account.rawValue)
                        AND is_leaving = 0 AND +uid <= \(Int64(UInt32.max))
                    """)
                {
                    places[EmailID(rawValue: try row.text("email_id")), default: []].append(try Self.place(row))
                }
            }
            return places
        }
    }

    /// The messages of a conversation and where they lie.
    package func places(
        ofThread thread: ThreadID, in account: AccountID, limit: Int
    ) async throws -> [(email: EmailID, receivedAt: Timestamp, place: MessagePlace)] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT email_id, received_at, uid, id, uid_validity FROM messages CROSS JOIN mailboxes
                WHERE thread_id = \(thread.rawValue) AND number = mailbox AND account_id = \(account.rawValue)
                    AND is_leaving = 0 AND +uid <= \(Int64(UInt32.max))
                LIMIT \(limit)
                """
            ).map { row in
                (
                    email: EmailID(rawValue: try row.text("email_id")),
                    receivedAt: Timestamp(milliseconds: try row.integer("received_at")), place: try Self.place(row)
                )
            }
        }
    }

    /// The conversation of each of the newest messages of a mailbox, newest first.
    package func threads(
        in mailbox: MailboxID, uidValidity: UInt32, of account: AccountID, limit: Int
    ) async throws -> [(uid: UInt32, thread: ThreadID)] {
        try await database.read { sql in
            guard let target = try Self.target(mailbox, account, sql), target.uidValidity == uidValidity else {
                return []
            }
            return try sql.rows(
                """
                SELECT uid, thread_id FROM messages
                WHERE mailbox = \(target.number) AND uid <= \(Int64(UInt32.max)) AND is_leaving = 0
                ORDER BY uid DESC LIMIT \(limit)
                """
            ).map { row in
                (UInt32(truncatingIfNeeded: try row.integer("uid")), ThreadID(rawValue: try row.text("thread_id")))
            }
        }
    }

    /// Whether all messages that the mailbox had are in the index; what arrived since the last look may be missing.
    package func isComplete(_ mailbox: MailboxID, of account: AccountID) async throws -> Bool {
        try await database.read { sql in
            let row = try sql.first(
                """
                SELECT backfill, checked_at FROM mailboxes
                WHERE account_id = \(account.rawValue) AND id = \(mailbox.rawValue)
                """)
            guard let row, try row.optionalInteger("checked_at") != nil else { return false }
            return try row.integer("backfill") <= 1
        }
    }

    /// Whether every message of the account is in the index, so that an id it does not know is nobody's.
    package func isComplete(_ account: AccountID) async throws -> Bool {
        try await database.read { sql in
            let synced = try sql.first(
                "SELECT synced_at FROM account_sync WHERE account_id = \(account.rawValue)")
            guard let synced, try synced.optionalInteger("synced_at") != nil else { return false }
            return try sql.first(
                "SELECT number FROM mailboxes WHERE account_id = \(account.rawValue) AND backfill > 1") == nil
        }
    }

    /// The ids of messages of one mailbox that the index knows.
    package func emails(
        of uids: [UInt32], in mailbox: MailboxID, uidValidity: UInt32, of account: AccountID
    ) async throws -> [UInt32: EmailID] {
        try await database.read { sql in
            guard let target = try Self.target(mailbox, account, sql), target.uidValidity == uidValidity else {
                return [:]
            }
            return try Self.indexed(uids, in: target.number, of: account, sql).mapValues(\.email)
        }
    }

    // MARK: Rows

    // SQLite knows nothing of how many rows a mailbox has: CROSS JOIN and the plus keep it from reading all of them for a few ids.

    static func target(
        _ mailbox: MailboxID, _ account: AccountID, _ sql: any SQLConnection
    ) throws -> (number: Int64, uidValidity: UInt32)? {
        try sql.first(
            """
            SELECT number, uid_validity FROM mailboxes
            WHERE account_id = \(account.rawValue) AND id = \(mailbox.rawValue)
            """
        ).map { (try $0.integer("number"), UInt32(truncatingIfNeeded: try $0.integer("uid_validity"))) }
    }

    private static func place(_ row: SQLRow) throws -> MessagePlace {
        MessagePlace(
            mailbox: MailboxID(rawValue: try row.text("id")),
            uidValidity: UInt32(truncatingIfNeeded: try row.integer("uid_validity")),
            uid: UInt32(truncatingIfNeeded: try row.integer("uid")))
    }

    private static func indexed(
        _ uids: [UInt32], in number: Int64, of account: AccountID, _ sql: any SQLConnection
    ) throws -> [UInt32: IndexedMessage] {
        var rows: [UInt32: (email: EmailID, thread: ThreadID)] = [:]
        for chunk in uids.map({ Int64($0) }).chunks(of: Limits.keysInStatement) {
            for row in try sql.rows(
                """
                SELECT uid, email_id, thread_id FROM messages WHERE mailbox = \(number) AND uid IN \(list: chunk)
                """)
            {
                rows[UInt32(truncatingIfNeeded: try row.integer("uid"))] = (
                    EmailID(rawValue: try row.text("email_id")), ThreadID(rawValue: try row.text("thread_id"))
                )
            }
        }
        var mailboxes: [EmailID: Set<MailboxID>] = [:]
        for chunk in Set(rows.values.map(\.email.rawValue)).sorted().chunks(of: Limits.keysInStatement) {
            for row in try sql.rows(
                """
                SELECT email_id, id FROM messages CROSS JOIN mailboxes
                WHERE email_id IN \(list: chunk) AND number = mailbox AND account_id = \(account.rawValue)
                    AND is_leaving = 0 AND +uid <= \(Int64(UInt32.max))
                """)
            {
                mailboxes[EmailID(rawValue: try row.text("email_id")), default: []]
                    .insert(MailboxID(rawValue: try row.text("id")))
            }
        }
        return rows.mapValues { row in
            IndexedMessage(
                email: row.email, thread: row.thread, mailboxes: (mailboxes[row.email] ?? []).sorted())
        }
    }

    private static func unindexed(_ seen: [SeenMessage], in mailbox: MailboxID) -> [UInt32: IndexedMessage] {
        Dictionary(
            seen.map { seen in
                (
                    seen.uid,
                    IndexedMessage(
                        email: seen.identity.email, thread: seen.identity.thread.thread, mailboxes: [mailbox])
                )
            }, uniquingKeysWith: { first, _ in first })
    }
}
