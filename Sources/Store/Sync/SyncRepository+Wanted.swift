import Database
package import Model

/// Mailboxes that the sync leaves out, and takes in again.
extension SyncRepository {
    /// From now on nobody looks at these mailboxes.
    ///
    /// Their rows stay, so that ids which somebody has still lead to their messages.
    package func leaveOut(_ mailboxes: [Int64], _ lease: AccountLease) async throws {
        try await database.write { sql in
            try LeaseRepository.check(lease, sql)
            for number in mailboxes {
                // What was set aside waits for a reading that does not come.
                try sql.execute("DELETE FROM messages WHERE mailbox = \(number) AND uid > \(Int64(UInt32.max))")
                try sql.execute(
                    """
                    UPDATE mailboxes SET wanted_at = 0, uid_next = 0, mod_seq = NULL, total = 0, unread = NULL, backfill = 0,
                        generation = 0, checked_at = NULL
                    WHERE number = \(number)
                    """)
            }
        }
    }

    /// These count from `time` on, and what is in them is read anew; nil: as if they had never been left out.
    package func takeIn(_ mailboxes: [Int64], since time: Timestamp?, _ lease: AccountLease) async throws {
        try await database.write { sql in
            try LeaseRepository.check(lease, sql)
            for number in mailboxes {
                // Nobody knows which of them are still there.
                try sql.execute("DELETE FROM messages WHERE mailbox = \(number)")
                try sql.execute(
                    "UPDATE mailboxes SET wanted_at = \(time?.milliseconds), uid_validity = 0 WHERE number = \(number)")
            }
        }
    }
}
