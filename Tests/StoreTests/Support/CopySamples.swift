import Database

/// Rows of the tables that `SealedSamples` leaves empty; more than the first page of a copy where the key is a text or octets.
enum CopySamples {
    private static let count: Int64 = 70

    /// The account `b` and its mailbox 1 come into being after this; rows here are of account `a`.
    static func fill(_ database: SQLiteDatabase) async throws {
        try await database.write { sql in
            try sql.execute(
                """
                INSERT INTO tokens (id, name, digest, scopes, created_at, expires_at, last_used_at, rate_limit)
                VALUES ('tok_1', 'Grüße', \([UInt8](0..<32)), 'read', 1, \(Int64.max), 2, 3)
                """)
            for number in 0..<count {
                // Also octets that are no text, zeros, and keys that are the beginning of others.
                let digest =
                    [UInt8](repeating: UInt8(truncatingIfNeeded: number * 97), count: Int(number % 5) + 1) + [
                        UInt8(number)
                    ]
                try sql.execute(
                    """
                    INSERT INTO stream_tickets (digest, token_id, accounts, expires_at)
                    VALUES (\(digest), \(number % 2 == 0 ? "tok_1" : nil), '["a"]', \(number))
                    """)
                // No two databases need to have the same order of them.
                let id = ["aud_\(number)", "AUD_\(number)", "äud \(number)", "🦊\(number)", "aud_\(number)/'x'"][
                    Int(number % 5)]
                try sql.execute(
                    """
                    INSERT INTO audit_log (id, at, principal, operation, account_id, status, address)
                    VALUES (\(id), \(number), 'tok_1', 'sendMessage', 'a', 202, '::1')
                    """)
            }
            try sql.execute(
                """
                INSERT INTO webhook_deliveries (webhook_id, sequence, account_id, is_ordered, state, attempts, created_at,
                    last_status, last_error, lock_epoch)
                VALUES ('whk_1', 1, 'a', 1, 'failed', 3, 4, 500, 'status', 2)
                """)
            try sql.execute("INSERT INTO sent_filing (account_id, is_by_server, noted_at) VALUES ('a', 1, 9)")
            try sql.execute("INSERT INTO maildrop_line (account_id, ticket, node) VALUES ('a', 1, 'old')")
            let account =
                try sql.first("SELECT number FROM account_sync WHERE account_id = 'a'")?.integer("number") ?? 0
            for hash in [Int64.min, 0, .max] {
                try sql.execute(
                    "INSERT INTO thread_refs (account, hash, thread_id) VALUES (\(account), \(hash), 't')")
            }
            try sql.execute(
                """
                INSERT INTO mailboxes (number, account_id, id, path, uid_validity, uid_next, total, backfill, generation, seen_at)
                VALUES (2, 'a', 'POP3', 'INBOX', 1, 2, 1, 0, 1, 1)
                """)
            try sql.execute(
                """
                INSERT INTO pop3_seen (mailbox, uidl, uid, size, fingerprint, seen_at, announced)
                VALUES (2, 'uidl "1"', 1, 10, 'f', 5, 6)
                """)
            try sql.execute(
                """
                INSERT INTO outcome_tasks (id, kind, account_id, email_id, attempts, due_at, created_at)
                VALUES ('report/a/C', 'report', 'a', 'C', 1, 2, 3)
                """)
        }
    }
}
