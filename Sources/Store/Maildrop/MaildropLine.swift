import Database
package import Model

/// The line in which nodes stand for the one session that a maildrop stands.
///
/// Whose ticket is the lowest has it. That a node lives says the list of nodes: who was struck out is passed over, and has to see for
/// itself that its turn is over (`NodeStanding.term`).
package struct MaildropLine: Sendable {
    let database: any SQLDatabase

    /// Stands in line; gives a ticket, or nil where the account is gone.
    ///
    /// It is given back by `leave` with the same `nonce`, also where this throws: the ticket may have been drawn all the same.
    package func draw(_ account: AccountID, node: String, nonce: String) async throws -> Int64? {
        try await database.write { sql in
            // Who draws at the same time waits for this row: tickets come into the line in their order.
            let row = try sql.first(
                """
                UPDATE account_sync SET maildrop_ticket = maildrop_ticket + 1 WHERE account_id = \(account.rawValue)
                RETURNING maildrop_ticket
                """)
            guard let ticket = try row?.integer("maildrop_ticket") else { return nil }
            // Those of the dead would stay for ever.
            try sql.execute(
                """
                DELETE FROM maildrop_line
                WHERE account_id = \(account.rawValue) AND node NOT IN \(list: try NodeRepository.living(sql) + [node])
                """)
            try sql.execute(
                """
                INSERT INTO maildrop_line (account_id, ticket, node, nonce)
                VALUES (\(account.rawValue), \(ticket), \(node), \(nonce))
                """)
            return ticket
        }
    }

    /// Whether nobody who lives stands before this ticket.
    package func isFirst(_ ticket: Int64, _ account: AccountID) async throws -> Bool {
        try await database.read { sql in
            try sql.first(
                """
                SELECT ticket FROM maildrop_line JOIN nodes ON id = node
                WHERE account_id = \(account.rawValue) AND ticket < \(ticket) LIMIT 1
                """) == nil
        }
    }

    /// Whether somebody stands behind it.
    package func isWanted(_ ticket: Int64, _ account: AccountID) async throws -> Bool {
        try await database.read { sql in
            try sql.first(
                """
                SELECT ticket FROM maildrop_line WHERE account_id = \(account.rawValue) AND ticket > \(ticket) LIMIT 1
                """) != nil
        }
    }

    package func leave(_ nonce: String, _ account: AccountID) async throws {
        try await database.write { sql in
            // A draw whose outcome nobody heard may still be under way: it holds this row to its end.
            try sql.execute(
                "UPDATE account_sync SET maildrop_ticket = maildrop_ticket WHERE account_id = \(account.rawValue)")
            try sql.execute(
                "DELETE FROM maildrop_line WHERE account_id = \(account.rawValue) AND nonce = \(nonce)")
        }
    }
}
