import Database
import FoundationEssentials
import Store

extension Settings {
    /// Who opens the store, and so what it may do to it.
    enum StoreUse {
        /// The server itself: the only one, where the store is a file.
        case server
        /// A command of a moment, perhaps beside a running server.
        case command
        /// `mailbridge migrate`.
        case migration
    }

    /// Opens the store that the settings name, making the data folder, the key and the file where they are missing.
    func openStore(as use: StoreUse = .server) async throws(StartFault) -> MailStore {
        do {
            try FileManager.default.createDirectory(
                atPath: dataDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StartFault("cannot make the data folder \(dataDirectory)")
        }
        do {
            switch database {
            case .postgresql(let address)?: return try await openPostgreSQL(address, as: use)
            case .sqlite(let path)?: return try await openSQLite(path, as: use)
            case nil: return try await openSQLite(dataDirectory + "/mailbridge.db", as: use)
            }
        } catch let error as DatabaseError {
            throw StartFault(error.description)
        } catch let error as StoreError {
            throw StartFault(error.description)
        } catch {
            throw StartFault("cannot open the store: \(error)")
        }
    }

    private func openSQLite(_ path: String, as use: StoreUse) async throws -> MailStore {
        let storeExists = FileManager.default.fileExists(atPath: path)
        let keys = try masterKeys(storeExists: storeExists)
        return try await open(
            try SQLiteDatabase(path: path, isShared: use == .command), keys,
            migrates: use == .migration || use == .server && migrates ?? true)
    }

    /// Other nodes may work on the tables: nothing but an empty database is changed without being asked to.
    private func openPostgreSQL(_ address: String, as use: StoreUse) async throws -> MailStore {
        let database = PostgreSQLDatabase(
            try PostgreSQLConfiguration(address), connections: use == .server ? databaseConnections : 2)
        do {
            let keys = try masterKeys(storeExists: try await MailStore.exists(in: database))
            return try await open(database, keys, migrates: use == .migration || use == .server && migrates ?? false)
        } catch {
            await database.close()
            throw error
        }
    }

    private func open(_ database: any SQLDatabase, _ keys: MasterKeys, migrates: Bool) async throws -> MailStore {
        try await MailStore.open(
            database, masterKeys: keys, mayMigrate: migrates, mayMake: true, eventRetention: eventRetention,
            auditRetention: auditRetention, reread: { try masterKeys(storeExists: true) })
    }

    func masterKeys(storeExists: Bool) throws -> MasterKeys {
        try MasterKeys.load(
            setting: secretKey, file: nil, dataDirectory: dataDirectory, storeExists: storeExists)
    }
}
