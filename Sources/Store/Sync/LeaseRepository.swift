import Database
package import Model

/// Which node works on which account.
package struct LeaseRepository: Sendable {
    let database: any SQLDatabase

    /// Says that this node lives, for `time` from now; what it leases is free after that.
    package func beat(_ node: String, for time: Duration, now: Timestamp = .now()) async throws {
        let until = now.advanced(by: time).milliseconds
        try await database.execute(
            """
            INSERT INTO nodes (id, started_at, alive_until) VALUES (\(node), \(now.milliseconds), \(until))
            ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until
            """)
    }

    /// Takes accounts that nobody works on, at most `limit`.
    package func claim(_ node: String, limit: Int, now: Timestamp = .now()) async throws -> [AccountLease] {
        try await database.write { sql in
            // A dead node's leases fall back to nobody first, so that one index finds all that is free.
            // Nodes are few: the condition on the id only names its index.
            let dead = try sql.rows(
                "SELECT id FROM nodes WHERE id > '' AND alive_until <= \(now.milliseconds)"
            ).map { try $0.text("id") }
            for gone in dead where gone != node {
                try sql.execute("UPDATE account_sync SET node = NULL WHERE node = \(gone)")
                try sql.execute("DELETE FROM nodes WHERE id = \(gone)")
            }
            let free = try sql.rows(
                """
                SELECT account_id, number, epoch FROM account_sync WHERE node IS NULL
                ORDER BY number LIMIT \(limit)\(sql.dialect.skippingLocked)
                """)
            return try free.map { row in
                let lease = AccountLease(
                    account: AccountID(rawValue: try row.text("account_id")), number: try row.integer("number"),
                    node: node, epoch: try row.integer("epoch") + 1)
                try sql.execute(
                    """
                    UPDATE account_sync SET node = \(node), epoch = \(lease.epoch) WHERE number = \(lease.number)
                    """)
                return lease
            }
        }
    }

    /// Gives one account back.
    package func release(_ lease: AccountLease) async throws {
        try await database.execute(
            """
            UPDATE account_sync SET node = NULL
            WHERE number = \(lease.number) AND node = \(lease.node) AND epoch = \(lease.epoch)
            """)
    }

    /// Gives all accounts back: the node stops.
    package func leave(_ node: String) async throws {
        try await database.write { sql in
            try sql.execute("UPDATE account_sync SET node = NULL WHERE node = \(node)")
            try sql.execute("DELETE FROM nodes WHERE id = \(node)")
        }
    }

    /// Frees what any node has: at a start with SQLite, where one process has the file to itself.
    package func freeAll() async throws {
        try await database.write { sql in
            let nodes = try sql.rows("SELECT id FROM nodes WHERE id > ''").map { try $0.text("id") }
            for node in nodes {
                try sql.execute("UPDATE account_sync SET node = NULL WHERE node = \(node)")
                try sql.execute("DELETE FROM nodes WHERE id = \(node)")
            }
        }
    }

    /// Makes the row that is leased; called in the transaction that makes the account.
    static func register(_ account: AccountID, _ sql: any SQLConnection) throws {
        let number = try Counter.account.next(sql)
        try sql.execute(
            """
            INSERT INTO account_sync (account_id, number, epoch) VALUES (\(account.rawValue), \(number), 0)
            """)
    }

    /// Stops a transaction whose lease is lost.
    static func check(_ lease: AccountLease, _ sql: any SQLConnection) throws {
        let row = try sql.first(
            """
            SELECT node, epoch FROM account_sync WHERE account_id = \(lease.account.rawValue)
            """)
        guard let row, try row.optionalText("node") == lease.node, try row.integer("epoch") == lease.epoch else {
            throw StoreError.accountLeaseLost(lease.account)
        }
    }
}

/// Gives out numbers; the row's lock puts writers on several nodes in order.
enum Counter: String {
    case account
    case mailbox

    func next(_ sql: any SQLConnection) throws -> Int64 {
        let row = try sql.first("UPDATE counters SET last = last + 1 WHERE name = \(rawValue) RETURNING last")
        guard let row else { throw StoreError.unreadable("counters") }
        return try row.integer("last")
    }
}
