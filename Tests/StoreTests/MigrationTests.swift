import Database
import Model
import Store
import TestDatabases
import Testing

@Suite struct MigrationTests {
    private static let first = Migration(
        name: "v0001_a", script: "CREATE TABLE a (x BIGINT); CREATE TABLE b (y BIGINT);")
    private static let second = Migration(name: "v0002_b", script: "ALTER TABLE a ADD COLUMN z TEXT;")

    @Test func `knows a script by its SHA-256`() {
        let digest = Migration(name: "v", script: "abc").digest
        #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(arguments: DatabaseFixture.all)
    func `applies each once, and later ones when they come`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            try await Migrator.run([Self.first], on: database)
            try await Migrator.run([Self.first], on: database)
            try await Migrator.run([Self.first, Self.second], on: database)
            try await database.execute("INSERT INTO a (x, z) VALUES (1, 'z')")
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `refuses a database from a newer program`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            try await Migrator.run([Self.first, Self.second], on: database)
            let error = await #expect(throws: DatabaseError.self) { try await Migrator.run([Self.first], on: database) }
            #expect(error == .migration(.newerDatabase(migration: "v0002_b")))
            #expect(error?.description.contains("newer mailbridge") == true)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `refuses a migration that was edited`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            try await Migrator.run([Self.first], on: database)
            let edited = Migration(name: Self.first.name, script: Self.first.script + "\n")
            await #expect(throws: DatabaseError.migration(.changed(migration: "v0001_a"))) {
                try await Migrator.run([edited], on: database)
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `leaves nothing of one that fails in the middle`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            let broken = Migration(name: "v0001_a", script: "CREATE TABLE a (x BIGINT); CREATE TABLE a (x BIGINT);")
            let error = await #expect(throws: DatabaseError.self) { try await Migrator.run([broken], on: database) }
            guard case .migration(.failed(let name, _)) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(name == "v0001_a")
            try await Migrator.run([Self.first], on: database)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `who may only make an empty database makes it whole, whoever else does so too`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await fixture.withDatabase { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await Migrator.run(
                            [Self.first, Self.second], on: database, mayApply: false, mayMake: true)
                    }
                }
                try await group.waitForAll()
            }
            try await database.execute("INSERT INTO a (x, z) VALUES (1, 'z')")
            let third = Migration(name: "v0003_c", script: "CREATE TABLE c (x BIGINT);")
            await #expect(throws: DatabaseError.migration(.pending(migration: "v0003_c"))) {
                try await Migrator.run(
                    [Self.first, Self.second, third], on: database, mayApply: false, mayMake: true)
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a command beside the server changes no schema`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            try await Migrator.run([Self.first], on: database)
            await #expect(throws: DatabaseError.migration(.pending(migration: "v0002_b"))) {
                try await Migrator.run([Self.first, Self.second], on: database, mayApply: false)
            }
        }
    }
}
