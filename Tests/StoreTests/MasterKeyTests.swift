import Database
import FoundationEssentials
import Store
import TestDatabases
import Testing
import Wire

@Suite struct MasterKeyTests {
    private static let text = Base64.encode(Array(repeating: 7, count: 32))

    private static func load(
        setting: String? = nil, file: String? = nil, in folder: String, storeExists: Bool = false
    ) throws -> MasterKeys {
        try MasterKeys.load(
            setting: setting.map(Secret.init), file: file, dataDirectory: folder, storeExists: storeExists)
    }

    /// Whether two keys open the same store.
    private static func same(_ left: MasterKeys, _ right: MasterKeys, in folder: String) async throws -> Bool {
        let path = folder + "/\(UUID().uuidString).db"
        let database = try SQLiteDatabase(path: path)
        _ = try await MailStore.open(database, masterKeys: left)
        do {
            _ = try await MailStore.open(database, masterKeys: right)
            await database.close()
            return true
        } catch StoreError.wrongMasterKey {
            await database.close()
            return false
        }
    }

    @Test func `is made on first start, mode 0600, and found again`() async throws {
        try await withFolder { folder in
            let made = try Self.load(in: folder)
            let path = folder + "/secret.key"
            #expect(permissions(of: path) == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["secret.key"])
            let found = try Self.load(in: folder, storeExists: true)
            #expect(try await Self.same(made, found, in: folder))
        }
    }

    @Test func `a setting goes before a file, and a file before the data folder`() async throws {
        try await withFolder { folder in
            let file = folder + "/mounted"
            try Data((Self.text + "\n").utf8).write(to: URL(filePath: file))
            let fromFile = try Self.load(file: file, in: folder)
            let fromSetting = try Self.load(setting: Self.text, file: "/nonexistent", in: folder)
            #expect(try await Self.same(fromFile, fromSetting, in: folder))
            #expect(!FileManager.default.fileExists(atPath: folder + "/secret.key"))
        }
    }

    @Test(arguments: ["", "hello", "AAAA", "\(text)A"])
    func `refuses what is no key and names the setting`(_ text: String) async throws {
        try await withFolder { folder in
            let error = #expect(throws: StoreError.self) { try Self.load(setting: text, in: folder) }
            #expect(error == .masterKey(.malformed(source: "MAILBRIDGE_SECRET_KEY")))
            #expect(text.count < 5 || error?.description.contains(text) == false)
        }
    }

    @Test func `a lost key is not replaced by a new one`() async throws {
        try await withFolder { folder in
            #expect(throws: StoreError.masterKey(.missing(path: folder + "/secret.key"))) {
                try Self.load(in: folder, storeExists: true)
            }
            #expect(throws: StoreError.masterKey(.unreadable(path: "/nonexistent"))) {
                try Self.load(file: "/nonexistent", in: folder)
            }
        }
    }

    @Test func `another key does not open the store`() async throws {
        try await withFolder { folder in
            let other = MasterKeys(try MasterKey(octets: Array(repeating: 8, count: 32)))
            let key = MasterKeys(try .example)
            #expect(try await Self.same(key, other, in: folder) == false)
            #expect(StoreError.wrongMasterKey.description.contains("MAILBRIDGE_SECRET_KEY"))
        }
    }
}
