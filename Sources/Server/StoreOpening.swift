import Database
import FoundationEssentials
import Store

extension Settings {
    /// Opens the store that the settings name, making the data folder, the key and the file where they are missing.
    ///
    /// `isShared` opens it beside a running server, for a command of a moment.
    func openStore(isShared: Bool = false) async throws(StartFault) -> MailStore {
        do {
            try FileManager.default.createDirectory(
                atPath: dataDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StartFault("cannot make the data folder \(dataDirectory)")
        }
        let path: String
        switch database {
        case .sqlite(let given)?: path = given
        case nil: path = dataDirectory + "/mailbridge.db"
        }
        do {
            let storeExists = FileManager.default.fileExists(atPath: path)
            let key = try MasterKey.load(
                setting: secretKey, file: nil, dataDirectory: dataDirectory,
                storeExists: storeExists)
            return try await MailStore.open(
                try SQLiteDatabase(path: path, isShared: isShared), masterKey: key,
                mayMigrate: !isShared || !storeExists, eventRetention: eventRetention,
                auditRetention: auditRetention)
        } catch let error as DatabaseError {
            throw StartFault(error.description)
        } catch let error as StoreError {
            throw StartFault(error.description)
        } catch {
            throw StartFault("cannot open the store: \(error)")
        }
    }
}
