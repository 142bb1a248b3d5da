import Database
package import Model

/// Seals everything anew, while nodes run: by a new data key, which the first master key of the settings seals.
///
/// Nothing but the store says how far it came, so a rotation that was killed is run again: keys first become known to every node, then
/// seal, and only then are values sealed anew, each where nobody has changed it meanwhile. Old data keys stay, under the new master key:
/// what a node writes that slept through all of this can be read, and is sealed anew by the next rotation.
package struct KeyRotation: Sendable {
    /// Why it could not go on; it is run again.
    package enum Fault: Error, Sendable, Equatable {
        /// These nodes do not have the new key yet, or are of a version that takes none.
        case nodesLackKey([String])
        /// The newest data key is sealed with a master key that is not the first one, and which the settings do not have.
        case unknownMasterKey
    }

    /// What was done.
    package struct Outcome: Sendable, Equatable {
        /// By table, how many values were sealed anew.
        package var counts: [String: Int] = [:]
        /// Places of values that do not open: they are as they were.
        package var unreadable: Set<String> = []
        package var total: Int { counts.values.reduce(0, +) }
    }

    let store: MailStore
    private let masters: MasterKeys
    /// How long nodes are waited for, and how often they are looked at.
    private let patience: Duration
    private let interval: Duration

    /// `masters` are those that `store` was opened with.
    package init(
        _ store: MailStore, masters: MasterKeys, patience: Duration = .seconds(60),
        interval: Duration = .milliseconds(500)
    ) {
        self.store = store
        self.masters = masters
        self.patience = patience
        self.interval = interval
    }

    package func run(now: Timestamp = .now()) async throws -> Outcome {
        let id = try await introduce(now: now)
        try await nodes(reach: Int64(id), in: "opens_key")
        // Another rotation may have gone past it, and removed it; a key that it made is known to nodes that lack this one.
        let ready = try await store.database.write { sql in
            try sql.execute(
                """
                UPDATE data_keys SET is_ready = 1
                WHERE id = \(Int64(id)) AND NOT EXISTS (SELECT 1 FROM data_keys AS newer WHERE newer.id > \(Int64(id)))
                """)
        }
        guard ready == 1 else { throw Fault.unknownMasterKey }
        try store.keys.adopt(try await keys())
        try await nodes(reach: Int64(id), in: "seals_key")
        var outcome = Outcome()
        var found: Int
        // A second time for what was changed under our hands, until there was nothing.
        repeat {
            outcome.unreadable = []
            found = 0
            for column in SealedColumn.all {
                let count = try await Resealing(column, by: id, in: store).run { outcome.unreadable.insert($0) }
                outcome.counts[column.table, default: 0] += count
                found += count
            }
        } while found > 0
        try await moveKeys(to: id)
        return outcome
    }

    /// The key that is to seal: the newest, where the first master key has sealed it, else a new one.
    private func introduce(now: Timestamp) async throws -> UInt32 {
        let first = masters.first
        let newest = try await store.database.write { sql -> UInt32 in
            guard let newest = try DataKey.all(sql).last else { throw StoreError.unreadable("data_keys") }
            if newest.master == first.name { return newest.id }
            let key = try DataKey(newest.id + 1, sealedBy: first)
            // Of two rotations one makes it.
            try sql.execute(
                """
                INSERT INTO data_keys (id, master_key, sealed, created_at, is_ready)
                VALUES (\(Int64(key.id)), \(key.master), \(key.sealed), \(now.milliseconds), 0)
                ON CONFLICT (id) DO NOTHING
                """)
            return key.id
        }
        let rows = try await keys()
        guard rows.last?.master == first.name else { throw Fault.unknownMasterKey }
        try store.keys.adopt(rows)
        return newest
    }

    private func nodes(reach key: Int64, in column: String) async throws {
        let end = ContinuousClock.now + patience
        while true {
            let late = try await store.nodes.behind(key, in: column)
            if late.isEmpty { return }
            guard .now < end else { throw Fault.nodesLackKey(late) }
            try await Task.sleep(for: interval)
        }
    }

    /// Puts the older data keys under the first master key, so that nothing needs another one.
    private func moveKeys(to current: UInt32) async throws {
        // Rotations that were given up made these: nothing was ever sealed with them, and their master keys may be gone.
        try await store.database.execute("DELETE FROM data_keys WHERE id < \(Int64(current)) AND is_ready = 0")
        for key in try await keys() where key.master != masters.first.name {
            guard let master = masters.named(key.master) else { throw Fault.unknownMasterKey }
            let moved = try key.moved(from: master, to: masters.first)
            try await store.database.execute(
                """
                UPDATE data_keys SET master_key = \(moved.master), sealed = \(moved.sealed)
                WHERE id = \(Int64(moved.id)) AND master_key = \(key.master)
                """)
        }
    }

    private func keys() async throws -> [DataKey] {
        try await store.database.read { sql in try DataKey.all(sql) }
    }
}

extension KeyRotation.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nodesLackKey(let nodes):
            """
            these nodes do not have the first secret key yet: \(nodes.joined(separator: ", ")); give it to them beside the old \
            one, start them anew, and run this again
            """
        case .unknownMasterKey:
            "another rotation goes on, or keys are sealed with a secret key that is not in the settings"
        }
    }
}
