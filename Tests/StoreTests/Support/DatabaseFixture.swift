import Database
import FoundationEssentials
import Glibc
import Model
import Store
import Testing

/// One of the databases that must pass the same suite: add PostgreSQL to `all`, and every case runs on it too.
struct DatabaseFixture: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let open: @Sendable (_ folder: String) throws -> any SQLDatabase

    static let all = [DatabaseFixture(testDescription: "SQLite") { try SQLiteDatabase(path: $0 + "/store.db") }]

    /// An empty database, gone afterwards.
    func withDatabase(_ body: (any SQLDatabase) async throws -> Void) async throws {
        try await withFolder { folder in
            let database = try open(folder)
            do {
                try await body(database)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
        }
    }

    /// An empty store.
    func withStore(_ body: (MailStore) async throws -> Void) async throws {
        try await withDatabase { database in
            try await body(try await MailStore.open(database, masterKey: try .example))
        }
    }
}

func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = "/tmp/" + "mailbridge-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    do {
        try await body(folder)
    } catch {
        try? FileManager.default.removeItem(atPath: folder)
        throw error
    }
    try FileManager.default.removeItem(atPath: folder)
}

extension MasterKey {
    static var example: MasterKey {
        get throws { try MasterKey(octets: Array(repeating: 7, count: 32)) }
    }
}

/// The permission bits of a file; nil where there is none.
func permissions(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : nil
}
