import Database
import TestDatabases
import Testing

/// What every database behind `SQLDatabase` does.
@Suite struct DatabaseTests {
    private struct Refused: Error {}

    private static func withTable(
        _ fixture: DatabaseFixture, _ body: (any SQLDatabase) async throws -> Void
    ) async throws {
        try await fixture.withDatabase { database in
            try await database.write { sql in
                try sql.execute(
                    script: """
                        CREATE TABLE parent (id TEXT NOT NULL PRIMARY KEY);
                        CREATE TABLE item (
                            id BIGINT NOT NULL PRIMARY KEY CHECK (id <> 13), name TEXT NOT NULL UNIQUE, data BYTEA,
                            parent TEXT REFERENCES parent (id) ON DELETE CASCADE);
                        """)
            }
            try await body(database)
        }
    }

    private static func names(_ database: any SQLDatabase) async throws -> [String] {
        try await database.read { sql in try sql.rows("SELECT name FROM item ORDER BY id").map { try $0.text("name") } }
    }

    @Test(arguments: DatabaseFixture.all)
    func `gives values back as they were`(_ fixture: DatabaseFixture) async throws {
        let texts = ["", "ab'c\"; --", "日本\u{1F98A}\r\n"]
        let blobs: [[UInt8]?] = [nil, [], [0, 255, 0]]
        let numbers: [Int64] = [.min, 0, .max]
        try await Self.withTable(fixture) { database in
            for index in 0..<3 {
                try await database.execute(
                    "INSERT INTO item (id, name, data) VALUES (\(numbers[index]), \(texts[index]), \(blobs[index]))")
            }
            let rows = try await database.read { sql in try sql.rows("SELECT id, name, data FROM item ORDER BY id") }
            #expect(try rows.map { try $0.integer("id") } == numbers)
            #expect(try rows.map { try $0.text("name") } == texts)
            #expect(try rows.map { try $0.optionalBlob("data") } == blobs)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `counts the rows a statement changes`(_ fixture: DatabaseFixture) async throws {
        try await Self.withTable(fixture) { database in
            let inserted = try await database.execute("INSERT INTO item (id, name) VALUES (1, 'a'), (2, 'b')")
            let ignored = try await database.execute(
                "INSERT INTO item (id, name) VALUES (1, 'c') ON CONFLICT (id) DO NOTHING")
            let missed = try await database.execute("UPDATE item SET name = 'z' WHERE id = 9")
            #expect([inserted, ignored, missed] == [2, 0, 0])
            let returned = try await database.write { sql in
                try sql.rows("UPDATE item SET name = 'y' WHERE id = 1 RETURNING id").map { try $0.integer("id") }
            }
            #expect(returned == [1])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `undoes a body that throws`(_ fixture: DatabaseFixture) async throws {
        try await Self.withTable(fixture) { database in
            await #expect(throws: Refused.self) {
                try await database.write { sql in
                    try sql.execute("INSERT INTO item (id, name) VALUES (1, 'a')")
                    throw Refused()
                }
            }
            let names = try await Self.names(database)
            #expect(names.isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `names the rule that a row breaks`(_ fixture: DatabaseFixture) async throws {
        let cases: [(SQL, ConstraintKind)] = [
            ("INSERT INTO item (id, name) VALUES (1, 'b')", .unique),
            ("INSERT INTO item (id, name) VALUES (2, 'a')", .unique),
            ("INSERT INTO item (id, name, parent) VALUES (3, 'c', 'nobody')", .foreignKey),
            ("INSERT INTO item (id) VALUES (4)", .notNull),
            ("INSERT INTO item (id, name) VALUES (13, 'd')", .check),
        ]
        try await Self.withTable(fixture) { database in
            try await database.execute("INSERT INTO item (id, name) VALUES (1, 'a')")
            for (statement, kind) in cases {
                let error = await #expect(throws: DatabaseError.self) { try await database.execute(statement) }
                guard case .constraint(let found, let detail) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(found == kind)
                #expect(!detail.isEmpty)
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `refuses to change anything while reading, and a wrong statement`(_ fixture: DatabaseFixture) async throws {
        try await Self.withTable(fixture) { database in
            await #expect(throws: DatabaseError.self) {
                try await database.read { sql in try sql.execute("INSERT INTO item (id, name) VALUES (1, 'a')") }
            }
            let error = await #expect(throws: DatabaseError.self) { try await database.execute("SELEKT 1") }
            guard case .statement = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let names = try await Self.names(database)
            #expect(names.isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `many writes at once: the failing ones harm no neighbour`(_ fixture: DatabaseFixture) async throws {
        try await Self.withTable(fixture) { database in
            let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        do {
                            try await database.write { sql in
                                try sql.execute("INSERT INTO item (id, name) VALUES (\(number + 100), \("n\(number)"))")
                                // Half of these throw themselves, half break a rule of the schema.
                                if number % 10 == 3 { throw Refused() }
                                if number % 10 == 7 {
                                    try sql.execute("INSERT INTO item (id, name) VALUES (13, \("x\(number)"))")
                                }
                            }
                            return false
                        } catch {
                            return true
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(failures == 60)
            let names = try await Self.names(database)
            let expected = (0..<300).filter { $0 % 10 != 3 && $0 % 10 != 7 }.map { "n\($0)" }
            #expect(names == expected)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a write by a cancelled task is still written`(_ fixture: DatabaseFixture) async throws {
        try await Self.withTable(fixture) { database in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await database.execute("INSERT INTO item (id, name) VALUES (1, 'last words')")
            }
            try await task.value
            #expect(try await Self.names(database) == ["last words"])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a closed database says so, to readers and writers`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            await database.close()
            let writing = await #expect(throws: DatabaseError.self) { try await database.execute("SELECT 1") }
            let reading = await #expect(throws: DatabaseError.self) {
                _ = try await database.read { sql in try sql.rows("SELECT 1 AS one") }
            }
            for error in [writing, reading] {
                guard case .unavailable = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a removed parent takes its rows along`(_ fixture: DatabaseFixture) async throws {
        try await Self.withTable(fixture) { database in
            try await database.execute("INSERT INTO parent (id) VALUES ('p')")
            try await database.execute("INSERT INTO item (id, name, parent) VALUES (1, 'a', 'p')")
            try await database.execute("DELETE FROM parent WHERE id = 'p'")
            let names = try await Self.names(database)
            #expect(names.isEmpty)
        }
    }
}
