import Crypto
import Database
import FoundationEssentials
import Model

/// The keys in the database, each sealed by the master key; opening them proves that the master key is the right one.
enum DataKeys {
    /// Opens the keys, and makes the first one in a new store.
    static func open(in database: any SQLDatabase, with master: MasterKey, now: Timestamp) async throws -> Sealer {
        // The master key stands under number 0, which no data key has.
        let outer = Sealer(keys: [0: master.key], current: 0)
        let sealed = try outer.seal(RandomOctets.make(32), at: place(1))
        let name = master.name
        let rows = try await database.write { sql in
            // Only where there is none: two nodes that start at once then agree on one.
            try sql.execute(
                """
                INSERT INTO data_keys (id, master_key, sealed, created_at)
                SELECT 1, \(name), \(sealed), \(now.milliseconds) WHERE NOT EXISTS (SELECT id FROM data_keys)
                ON CONFLICT (id) DO NOTHING
                """)
            return try sql.rows("SELECT id, master_key, sealed FROM data_keys ORDER BY id")
        }
        var keys: [UInt32: SymmetricKey] = [:]
        for row in rows {
            guard let id = UInt32(exactly: try row.integer("id")) else { throw StoreError.unreadable("data_keys") }
            guard try row.text("master_key") == name else { throw StoreError.wrongMasterKey }
            keys[id] = SymmetricKey(data: try outer.open(try row.blob("sealed"), at: place(id)))
        }
        guard let current = keys.keys.max() else { throw StoreError.unreadable("data_keys") }
        return Sealer(keys: keys, current: current)
    }

    private static func place(_ id: UInt32) -> SealedPlace {
        SealedPlace(table: "data_keys", row: "\(id)", column: "sealed")
    }
}
