import Database
package import Model

/// The processes that work on this store, and which of them live.
///
/// Lives are told by the database's clock where there are several: nobody's own clock decides about others.
package struct NodeRepository: Sendable {
    let database: any SQLDatabase
    let keys: DataKeys

    /// Whether several processes may work on this store.
    package var areMany: Bool { database.isShared }

    /// Says that this node lives, for `time` from now, and learns which data keys there are.
    ///
    /// False where nobody knew of it: it is new, or it was taken for dead, and what it had is others' by now. A node that cannot open what
    /// others seal is struck out, and throws.
    package func beat(_ node: NodeFacts, for time: Duration, now: Timestamp? = nil) async throws -> Bool {
        while true {
            let told = keys.standing
            guard let wasKnown = try await say(node, told, for: time, now: now) else { continue }
            guard keys.standing != told else { return wasKnown }
            do {
                // Who changes the keys waits until it is said.
                return try await say(node, keys.standing, for: time, now: now) != false && wasKnown
            } catch let error as StoreError {
                throw error
            } catch {
                // The next heartbeat says it; what the first one learned must not be lost.
                return wasKnown
            }
        }
    }

    /// Says and learns while nobody changes the keys: whoever does either sees this node, or is seen by it.
    ///
    /// Nil where a key seals that it did not have: nothing was said, and by now it has it.
    private func say(
        _ node: NodeFacts, _ standing: KeyStanding, for time: Duration, now: Timestamp?
    ) async throws -> Bool? {
        let (known, rows) = try await database.write { [keys] sql -> (Bool?, [DataKey]) in
            if let still = sql.dialect.keepingStill("data_keys") { try sql.execute(still) }
            let rows = try DataKey.all(sql)
            guard rows.allSatisfy({ !$0.isReady || keys.opens($0) }) else { return (nil, rows) }
            return (try Self.say(node, standing, for: time, now: now, sql), rows)
        }
        do {
            try keys.adopt(rows)
        } catch {
            try? await leave(node.id)
            throw error
        }
        return known
    }

    private static func say(
        _ node: NodeFacts, _ keys: KeyStanding, for time: Duration, now: Timestamp?, _ sql: any SQLConnection
    ) throws(DatabaseError) -> Bool {
        let life = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
        let now = clock(now, sql)
        let known = try sql.execute(
            """
            UPDATE nodes SET seen_at = \(now), alive_until = \(now) + \(life), is_syncing = \(node.isSyncing),
                opens_key = \(keys.opens), seals_key = \(keys.seals)
            WHERE id = \(node.id)
            """)
        if known == 1 { return true }
        try sql.execute(
            """
            INSERT INTO nodes (id, host, version, is_syncing, started_at, seen_at, alive_until, opens_key, seals_key)
            VALUES (\(node.id), \(node.host), \(node.version), \(node.isSyncing), \(now), \(now), \(now) + \(life),
                \(keys.opens), \(keys.seals))
            """)
        return false
    }

    /// Strikes out nodes that were not heard of in time, and frees their accounts; gives their ids.
    @discardableResult
    package func reap(now: Timestamp? = nil) async throws -> [String] {
        try await database.write { sql in try Self.reap(now: now, sql) }
    }

    static func reap(now: Timestamp?, _ sql: any SQLConnection) throws -> [String] {
        let now = clock(now, sql)
        // Nodes are few: the condition on the id only names its index.
        let late = try sql.rows("SELECT id FROM nodes WHERE id > '' AND alive_until <= \(now)").map {
            try $0.text("id")
        }
        return try late.filter { node in
            // It may have been heard of just now: then it is not struck out.
            guard try sql.execute("DELETE FROM nodes WHERE id = \(node) AND alive_until <= \(now)") == 1 else {
                return false
            }
            try sql.execute("UPDATE account_sync SET node = NULL WHERE node = \(node)")
            return true
        }
    }

    /// Frees the node's accounts; it lives on and takes none.
    package func handOver(_ node: String) async throws {
        try await database.write { sql in
            try sql.execute("UPDATE nodes SET is_syncing = 0 WHERE id = \(node)")
            try sql.execute("UPDATE account_sync SET node = NULL WHERE node = \(node)")
        }
    }

    /// Gives everything back: the node stops.
    package func leave(_ node: String) async throws {
        try await database.write { sql in
            try sql.execute("UPDATE account_sync SET node = NULL WHERE node = \(node)")
            try sql.execute("DELETE FROM nodes WHERE id = \(node)")
        }
    }

    /// Strikes out all of them: at the start of the one process that a file may have.
    package func clear() async throws {
        try await database.write { sql in
            for row in try sql.rows("SELECT id FROM nodes WHERE id > ''") {
                let node = try row.text("id")
                try sql.execute("UPDATE account_sync SET node = NULL WHERE node = \(node)")
                try sql.execute("DELETE FROM nodes WHERE id = \(node)")
            }
        }
    }

    /// All that are not struck out, the longest running first.
    package func list() async throws -> [NodeStatus] {
        try await database.read { sql in
            let rows = try sql.rows(
                """
                SELECT id, host, version, is_syncing, started_at, seen_at, alive_until FROM nodes WHERE id > ''
                """)
            return try rows.map { row in
                let id = try row.text("id")
                let start = try row.integer("started_at")
                return NodeStatus(
                    id: id, host: try row.optionalText("host") ?? "", version: try row.optionalText("version") ?? "",
                    startedAt: Timestamp(milliseconds: start),
                    seenAt: Timestamp(milliseconds: try row.optionalInteger("seen_at") ?? start),
                    aliveUntil: Timestamp(milliseconds: try row.integer("alive_until")),
                    isSyncing: try row.bool("is_syncing"), accounts: try LeaseRepository.count(of: id, sql))
            }.sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
        }
    }

    /// Those that live and whose `column` says that they do not have this key yet: host and id.
    func behind(_ key: Int64, in column: String) async throws -> [String] {
        try await database.read { sql in
            let now = Self.clock(nil, sql)
            return try sql.rows(
                """
                SELECT id, host FROM nodes WHERE id > '' AND alive_until > \(now)
                    AND COALESCE(\(unescaped: column), 0) < \(key) ORDER BY id
                """
            ).map { "\(try $0.optionalText("host") ?? "")/\(try $0.text("id"))" }
        }
    }

    /// The ids of all that are not struck out: who else has taken something is dead.
    static func living(_ sql: any SQLConnection) throws(DatabaseError) -> [String] {
        var ids: [String] = []
        for row in try sql.rows("SELECT id FROM nodes WHERE id > ''") { ids.append(try row.text("id")) }
        return ids
    }

    /// What a node claimed that lives no more; `own` is alive, whatever others think.
    static func claimedByDead(
        besides own: String, _ sql: any SQLConnection
    ) throws(DatabaseError) -> SQL {
        "locked_by IS NOT NULL AND locked_by > '' AND locked_by NOT IN \(list: try living(sql) + [own]) ORDER BY locked_by"
    }

    /// Of rows that such a condition found and that are locked now: whose owner is not alive by now either.
    ///
    /// A node may have joined and claimed between the two questions; a locked row changes hands no more.
    static func stillDead(
        _ rows: [SQLRow], besides own: String, _ sql: any SQLConnection
    ) throws(DatabaseError) -> [SQLRow] {
        let living = Set(try living(sql) + [own])
        var dead: [SQLRow] = []
        for row in rows where !living.contains(try row.text("locked_by")) { dead.append(row) }
        return dead
    }

    private static func clock(_ now: Timestamp?, _ sql: any SQLConnection) -> SQL {
        if let now { return "\(now.milliseconds)" }
        return sql.dialect.clock(Timestamp.now().milliseconds)
    }
}
