import Database
package import Model

/// Some of a mailbox's messages in the order in which they arrived.
package struct ArrivalOrder: Sendable {
    /// A message and when it arrived, which is INTERNALDATE.
    package struct Entry: Sendable, Equatable {
        package var uid: UInt32
        package var receivedAt: Timestamp

        package init(uid: UInt32, receivedAt: Timestamp) {
            self.uid = uid
            self.receivedAt = receivedAt
        }
    }

    package var entries: [Entry]
    /// Messages from this UID on are not among them, wherever they belong.
    package var uidNext: UInt32
}

extension MailboxIndex {
    /// The next messages by the time of their arrival, beginning at `place`, which need not exist.
    ///
    /// Of messages of the same second the higher UID comes first where `tiesDescend`. Nil where the index does not hold all that the
    /// mailbox had when it was last looked at.
    package func arrivals(
        in mailbox: MailboxID, uidValidity: UInt32, of account: AccountID, at place: ArrivalOrder.Entry?,
        descends: Bool, tiesDescend: Bool, limit: Int
    ) async throws -> ArrivalOrder? {
        try await database.read { sql in
            let row = try sql.first(
                """
                SELECT number, uid_next, backfill, checked_at FROM mailboxes
                WHERE account_id = \(account.rawValue) AND id = \(mailbox.rawValue)
                    AND uid_validity = \(Int64(uidValidity))
                """)
            guard let row, try row.optionalInteger("checked_at") != nil, try row.integer("backfill") <= 1 else {
                return nil
            }
            let uidNext = try row.integer("uid_next")
            let beginning = place.map { place -> SQL in
                let (time, uid) = (place.receivedAt.milliseconds, Int64(place.uid))
                return """
                     AND \(descends ? "received_at <= \(time)" : "received_at >= \(time)" as SQL)
                    AND (received_at <> \(time) OR \(tiesDescend ? "+uid <= \(uid)" : "+uid >= \(uid)" as SQL))
                    """
            }
            let order: SQL =
                "\(descends ? "received_at DESC" : "received_at" as SQL), \(tiesDescend ? "uid DESC" : "uid" as SQL)"
            // The plus keeps SQLite from reading the whole mailbox by UID.
            let entries = try sql.rows(
                """
                SELECT uid, received_at FROM messages
                WHERE mailbox = \(try row.integer("number")) AND +uid < \(uidNext) AND is_leaving = 0\(beginning ?? "")
                ORDER BY \(order) LIMIT \(limit)
                """
            ).map { row in
                ArrivalOrder.Entry(
                    uid: UInt32(truncatingIfNeeded: try row.integer("uid")),
                    receivedAt: Timestamp(milliseconds: try row.integer("received_at")))
            }
            return ArrivalOrder(entries: entries, uidNext: UInt32(truncatingIfNeeded: uidNext))
        }
    }
}
