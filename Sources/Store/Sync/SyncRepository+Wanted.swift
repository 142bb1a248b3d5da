import Database
package import Model

/// Mailboxes that the user takes out of the sync, and takes in again.
extension SyncRepository {
    /// What was known of these mailboxes goes, and nobody is told: the messages are still there, only nobody looks.
    package func forget(_ mailboxes: [Int64], _ lease: AccountLease) async throws {
        try await database.write { sql in
            try LeaseRepository.check(lease, sql)
            for number in mailboxes {
                try sql.execute("DELETE FROM messages WHERE mailbox = \(number)")
                try sql.execute(
                    """
                    UPDATE mailboxes SET uid_validity = 0, uid_next = 0, mod_seq = NULL, total = 0, unread = NULL,
                        backfill = 0, generation = 0, checked_at = NULL
                    WHERE number = \(number)
                    """)
            }
        }
    }

    /// These begin to count now, as if they had been made: nothing that is in them already is news.
    package func welcome(_ mailboxes: [Int64], _ lease: AccountLease, at time: Timestamp = .now()) async throws {
        try await database.write { sql in
            try LeaseRepository.check(lease, sql)
            for number in mailboxes {
                try sql.execute("UPDATE mailboxes SET seen_at = \(time.milliseconds) WHERE number = \(number)")
            }
        }
    }
}
