import Database
package import Model

/// Which node works on which account.
package struct LeaseRepository: Sendable {
    let database: any SQLDatabase

    /// How the accounts are spread over the nodes.
    package struct Share: Sendable, Equatable {
        /// Accounts that this node has, and that nobody has.
        package var own: Int
        package var free: Int
        /// As many as each node is to have, at most.
        package var target: Int

        package init(own: Int, free: Int, target: Int) {
            self.own = own
            self.free = free
            self.target = target
        }
    }

    /// Takes accounts that nobody works on, at most `limit`, dead nodes' accounts among them; none where the node itself counts
    /// as dead.
    package func claim(_ node: String, limit: Int, now: Timestamp? = nil) async throws -> [AccountLease] {
        try await database.write { sql in
            _ = try NodeRepository.reap(now: now, sql)
            // Whom the others have struck out must not take anything that nobody would ever free again.
            guard try sql.first("SELECT id FROM nodes WHERE id = \(node)\(sql.dialect.lockingRows)") != nil else {
                return []
            }
            let free = try sql.rows(
                """
                SELECT account_id, number, epoch FROM account_sync WHERE node IS NULL
                ORDER BY number LIMIT \(limit)\(sql.dialect.skippingLocked)
                """)
            let leases = try free.map { row in
                AccountLease(
                    account: AccountID(rawValue: try row.text("account_id")), number: try row.integer("number"),
                    node: node, epoch: try row.integer("epoch") + 1)
            }
            try sql.execute(
                all: leases.map { lease in
                    "UPDATE account_sync SET node = \(node), epoch = \(lease.epoch) WHERE number = \(lease.number)"
                })
            return leases
        }
    }

    /// What a node that works on accounts has, and what would be its fair part of all.
    package func share(of node: String) async throws -> Share {
        try await database.read { sql in
            var share = Share(own: try Self.count(of: node, sql), free: 0, target: 0)
            let free = try sql.first("SELECT COUNT(*) AS count FROM account_sync WHERE node IS NULL")
            share.free = Int(try free?.integer("count") ?? 0)
            let others = try sql.rows("SELECT id FROM nodes WHERE id > '' AND is_syncing = 1").map { try $0.text("id") }
                .filter { $0 != node }
            let total = try others.reduce(share.own + share.free) { try $0 + Self.count(of: $1, sql) }
            share.target = (total + others.count) / (others.count + 1)
            return share
        }
    }

    static func count(of node: String, _ sql: any SQLConnection) throws -> Int {
        let row = try sql.first("SELECT COUNT(*) AS count FROM account_sync WHERE node = \(node)")
        return Int(try row?.integer("count") ?? 0)
    }

    /// What this node has, as the others see it, with the revision of each account's settings.
    package func held(by node: String) async throws -> [(lease: AccountLease, revision: Int64)] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT account_id, number, epoch, revision FROM account_sync JOIN accounts ON id = account_id
                WHERE node = \(node)
                """
            ).map { row in
                let lease = AccountLease(
                    account: AccountID(rawValue: try row.text("account_id")), number: try row.integer("number"),
                    node: node, epoch: try row.integer("epoch"))
                return (lease, try row.integer("revision"))
            }
        }
    }

    /// Gives accounts back, one or many.
    package func release(_ leases: [AccountLease]) async throws {
        guard !leases.isEmpty else { return }
        try await database.write { sql in
            _ = try sql.execute(
                all: leases.map { lease in
                    """
                    UPDATE account_sync SET node = NULL
                    WHERE number = \(lease.number) AND node = \(lease.node) AND epoch = \(lease.epoch)
                    """
                })
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

    /// Stops a transaction whose lease is lost; from here to its end nobody can take the account over.
    static func check(_ lease: AccountLease, _ sql: any SQLConnection) throws {
        let row = try sql.first(
            """
            SELECT node, epoch FROM account_sync
            WHERE account_id = \(lease.account.rawValue)\(sql.dialect.lockingRows)
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
