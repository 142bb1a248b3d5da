package import Crypto
import Database
import FoundationEssentials
import Model
import Synchronization

/// The keys in the database, each sealed by a master key; opening them proves that the master key is the right one.
///
/// There is more than one after a rotation (`KeyRotation`), and a running process learns of new ones with each heartbeat.
package final class DataKeys: Sendable {
    let ring: KeyRing
    private struct Masters {
        var known: MasterKeys
        /// The one that the data key is sealed with which seals now.
        var current: MasterKey
    }
    private let masters: Mutex<Masters>
    /// Reads the settings' file once more: an operator may have put a new key there since the start.
    private let reread: @Sendable () throws -> MasterKeys?

    private init(
        _ ring: KeyRing, _ masters: MasterKeys, current: MasterKey, reread: @escaping @Sendable () throws -> MasterKeys?
    ) {
        self.ring = ring
        self.masters = Mutex(Masters(known: masters, current: current))
        self.reread = reread
    }

    /// Opens the keys, and makes the first one in a new store.
    static func open(
        in database: any SQLDatabase, with masters: MasterKeys, now: Timestamp,
        reread: @escaping @Sendable () throws -> MasterKeys?
    ) async throws -> DataKeys {
        let first = try DataKey(1, sealedBy: masters.first)
        let rows = try await database.write { sql in
            // Only where there is none: two nodes that start at once then agree on one.
            try sql.execute(
                """
                INSERT INTO data_keys (id, master_key, sealed, created_at)
                SELECT 1, \(first.master), \(first.sealed), \(now.milliseconds)
                WHERE NOT EXISTS (SELECT id FROM data_keys) ON CONFLICT (id) DO NOTHING
                """)
            return try DataKey.all(sql)
        }
        if rows.contains(where: { $0.master == StoreCopy.mark }) { throw StoreError.unfinishedCopy }
        var keys: [UInt32: SymmetricKey] = [:]
        var current: (id: UInt32, master: MasterKey)?
        for row in rows {
            // One that nobody seals with yet may need a master key that has not come to this node.
            guard let master = masters.named(row.master) else {
                if row.isReady { throw StoreError.wrongMasterKey }
                continue
            }
            keys[row.id] = try row.open(with: master)
            if row.isReady { current = (row.id, master) }
        }
        guard let current else { throw StoreError.unreadable("data_keys") }
        return DataKeys(
            KeyRing(keys: keys, current: current.id), masters, current: current.master, reread: reread)
    }

    /// The newest key that this process can open, and the one that it seals with: what the others must know before a key changes.
    var standing: KeyStanding { KeyStanding(opens: Int64(ring.newest), seals: Int64(ring.sealing.id)) }

    /// Learns of keys that were made since, and seals with the newest that all can open.
    ///
    /// One that does not seal yet is left out where it cannot be opened: the rotation waits for this node, which goes on meanwhile. Throws
    /// where others seal with one already: this node slept through a rotation.
    func adopt(_ rows: [DataKey]) throws(StoreError) {
        var fault: StoreError?
        for row in rows {
            do throws(StoreError) {
                try adopt(row)
            } catch {
                if row.isReady { fault = error }
            }
        }
        if let fault { throw fault }
    }

    private func adopt(_ row: DataKey) throws(StoreError) {
        let master = master(row.master)
        if !opens(row) {
            guard let master else { throw .wrongMasterKey }
            ring.add(row.id, try row.open(with: master))
        }
        // What is known may lie under a new master key by now, which this node need not have.
        guard let master, row.isReady, row.id >= ring.sealing.id else { return }
        ring.seal(by: row.id)
        masters.withLock { $0.current = master }
    }

    /// Whether this process has the key.
    func opens(_ row: DataKey) -> Bool { ring.key(row.id) != nil }

    /// Keys of 32 octets for this purpose alone: the first is to be used, what was made with another counts too.
    package func derived(for purpose: String) -> [SymmetricKey] {
        let (known, current) = masters.withLock { ($0.known, $0.current) }
        return ([current] + known.all.filter { $0.name != current.name }).map { $0.derived(for: purpose) }
    }

    private func master(_ name: String) -> MasterKey? {
        if let known = masters.withLock({ $0.known.named(name) }) { return known }
        guard let read = try? reread() else { return nil }
        return masters.withLock { masters in
            masters.known = read.adding(masters.known)
            return masters.known.named(name)
        }
    }
}

/// How a process stands to the data keys.
struct KeyStanding: Sendable, Equatable {
    var opens: Int64
    var seals: Int64
}

/// A row of `data_keys`.
struct DataKey: Sendable {
    let id: UInt32
    /// The name of the master key that it is sealed with.
    let master: String
    let sealed: [UInt8]
    /// Whether every node can open it, so that it may seal.
    let isReady: Bool

    /// A new one.
    init(_ id: UInt32, sealedBy master: MasterKey) throws(StoreError) {
        try self.init(id, RandomOctets.make(32), sealedBy: master)
    }

    private init(_ id: UInt32, _ octets: [UInt8], sealedBy master: MasterKey) throws(StoreError) {
        self.id = id
        self.master = master.name
        sealed = try Self.sealer(master).seal(octets, at: Self.place(id))
        isReady = false
    }

    private init(_ row: SQLRow) throws {
        guard let id = UInt32(exactly: try row.integer("id")) else { throw StoreError.unreadable("data_keys") }
        self.id = id
        master = try row.text("master_key")
        sealed = try row.blob("sealed")
        isReady = try row.bool("is_ready")
    }

    /// All, the oldest first.
    static func all(_ sql: any SQLConnection) throws -> [DataKey] {
        try sql.rows("SELECT id, master_key, sealed, is_ready FROM data_keys ORDER BY id").map(DataKey.init)
    }

    func open(with master: MasterKey) throws(StoreError) -> SymmetricKey {
        SymmetricKey(data: try Self.sealer(master).open(sealed, at: Self.place(id)))
    }

    /// The same key under another master key.
    func moved(from master: MasterKey, to other: MasterKey) throws(StoreError) -> DataKey {
        try DataKey(id, try Self.sealer(master).open(sealed, at: Self.place(id)), sealedBy: other)
    }

    /// The master key stands under number 0, which no data key has.
    private static func sealer(_ master: MasterKey) -> Sealer { Sealer(keys: [0: master.key], current: 0) }

    private static func place(_ id: UInt32) -> SealedPlace {
        SealedPlace(table: "data_keys", row: "\(id)", column: "sealed")
    }
}
