import Database
import FoundationEssentials
import Glibc
import Synchronization
import TestDatabases
import Testing

/// What is SQLite's alone: the file, its lock, and how often it is synced.
@Suite struct SQLiteTests {
    private final class Gate: Sendable {
        let mayEnd = Atomic(false)
        let isHeld = Atomic(false)
        let started = Atomic(0)
    }

    @Test func `refuses a file that is open already, and takes it once it is free`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.db"
            let first = try SQLiteDatabase(path: path)
            let error = #expect(throws: DatabaseError.inUse(path: path)) { try SQLiteDatabase(path: path) }
            #expect(error?.description.contains("in use by another mailbridge process") == true)
            let beside = try SQLiteDatabase(path: path, isShared: true)
            try await beside.execute("CREATE TABLE t (a BIGINT)")
            let rows = try await first.read { sql in try sql.rows("SELECT a FROM t") }
            #expect(rows.isEmpty)
            await beside.close()
            await first.close()
            await (try SQLiteDatabase(path: path)).close()
        }
    }

    @Test func `another process cannot get the lock, and ours not one that another process has`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.db"
            let database = try SQLiteDatabase(path: path)
            #expect(try run(["/usr/bin/flock", "-n", path + ".lock", "/bin/true"]) == 1)
            await database.close()
            #expect(try run(["/usr/bin/flock", "-n", path + ".lock", "/bin/true"]) == 0)
        }
    }

    @Test func `keeps the file from others and syncs every commit`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.db"
            let database = try SQLiteDatabase(path: path)
            let synchronous = try await database.write { sql in
                try sql.first("PRAGMA synchronous")?.integer("synchronous")
            }
            #expect(synchronous == 2)
            for name in ["store.db", "store.db-wal", "store.db-shm", "store.db.lock"] {
                #expect(permissions(of: folder + "/" + name) == 0o600, "\(name)")
            }
            await database.close()
        }
    }

    @Test func `writes that wait together share one transaction`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.db"
            let database = try SQLiteDatabase(path: path)
            try await database.execute("CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY)")
            let before = try commits(inLogOf: path)

            // The first body holds the writer until the others are in the queue behind it.
            let gate = Gate()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await database.write { sql in
                        gate.isHeld.store(true, ordering: .releasing)
                        while !gate.mayEnd.load(ordering: .acquiring) { sched_yield() }
                        try sql.execute("INSERT INTO t (a) VALUES (0)")
                    }
                }
                while !gate.isHeld.load(ordering: .acquiring) { await Task.yield() }
                for number in 1...100 {
                    group.addTask {
                        gate.started.add(1, ordering: .releasing)
                        try await database.execute("INSERT INTO t (a) VALUES (\(number))")
                    }
                }
                while gate.started.load(ordering: .acquiring) < 100 { await Task.yield() }
                gate.mayEnd.store(true, ordering: .releasing)
                try await group.waitForAll()
            }
            let after = try commits(inLogOf: path)
            #expect(after - before < 20, "101 writes in \(after - before) transactions")
            let count = try await database.read { sql in try sql.first("SELECT COUNT(*) AS n FROM t")?.integer("n") }
            #expect(count == 101)
            await database.close()
        }
    }

    @Test func `says what is wrong with a file that is no database`() async throws {
        try await withFolder { folder in
            let path = folder + "/store.db"
            try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: path))
            let error = #expect(throws: DatabaseError.self) { try SQLiteDatabase(path: path) }
            guard case .corrupt = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        let error = #expect(throws: DatabaseError.self) { try SQLiteDatabase(path: "/nonexistent/folder/store.db") }
        #expect(error?.description.contains("/nonexistent/folder") == true)
    }

    /// Counts the commit frames of a write-ahead log: those whose "size after commit" is not zero (SQLite's file format, 4.1).
    private func commits(inLogOf path: String) throws -> Int {
        let log = [UInt8](try Data(contentsOf: URL(filePath: path + "-wal")))
        func number(_ offset: Int) -> Int { log[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) } }
        guard log.count > 32 else { return 0 }
        let pageSize = number(8)
        let salt = Array(log[16..<24])
        return stride(from: 32, to: log.count - pageSize - 23, by: pageSize + 24).count { offset in
            Array(log[(offset + 8)..<(offset + 16)]) == salt && number(offset + 4) != 0
        }
    }

    private func run(_ arguments: [String]) throws -> Int32 {
        var pid = pid_t()
        let copies = arguments.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        try #require(posix_spawn(&pid, arguments[0], nil, nil, copies + [nil], environ) == 0)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return (status >> 8) & 0xFF
    }
}
