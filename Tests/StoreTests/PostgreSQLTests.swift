import Database
import Glibc
import MailServers
import Synchronization
import TestDatabases
import Testing

/// What PostgreSQL's driver does beyond what every database does.
@Suite(.timeLimit(.minutes(2))) struct PostgreSQLTests {
    /// Counts how often a body was run.
    private final class Runs: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }

        @discardableResult
        func next() -> Int {
            number.withLock { number in
                number += 1
                return number
            }
        }
    }

    private static func withSchema(
        through proxy: LoopbackProxy? = nil,
        _ body: (PostgreSQLDatabase, PostgreSQLServer.Schema) async throws -> Void
    ) async throws {
        let schema = try await PostgreSQLServer.shared().newSchema()
        let database = PostgreSQLDatabase(
            try PostgreSQLConfiguration(schema.url(port: proxy?.port) + "&application_name=\(schema.name)"),
            connections: 4)
        do {
            try await database.write { sql in
                try sql.execute(script: "CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT, size BIGINT)")
            }
            try await body(database, schema)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private static func names(_ database: PostgreSQLDatabase) async throws -> [String] {
        try await database.read { sql in try sql.rows("SELECT name FROM item ORDER BY id").map { try $0.text("name") } }
    }

    @Test func `speaks TLS and SCRAM, and says who refused without a secret`() async throws {
        let server = try await PostgreSQLServer.shared()
        let options = ["sslmode": "verify-full", "sslrootcert": server.authority.certificate, "gssencmode": "disable"]
        func ask(_ password: String, _ options: [String: String]) async throws -> Int64? {
            let url = server.url(user: "secure:\(password)", options).replacing("127.0.0.1", with: "localhost")
            let database = PostgreSQLDatabase(try PostgreSQLConfiguration(url), connections: 1)
            do {
                let row = try await database.read { sql in
                    try sql.first("SELECT CAST(ssl AS INTEGER) AS ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                }
                await database.close()
                return try row?.integer("ssl")
            } catch {
                await database.close()
                throw error
            }
        }
        #expect(try await ask("correct%20horse", options) == 1)
        let refused = await #expect(throws: DatabaseError.self) { try await ask("battery", options) }
        #expect(refused?.description.contains("password authentication failed") == true)
        #expect(refused?.description.contains("battery") == false)
        let plain = await #expect(throws: DatabaseError.self) {
            try await ask("correct%20horse", ["sslmode": "disable"])
        }
        #expect(plain?.description.contains("pg_hba.conf") == true)
    }

    @Test func `an address that is none names what is wrong`() {
        let error = #expect(throws: DatabaseError.self) { try PostgreSQLConfiguration("host=db.example colour=blue") }
        #expect(error?.description.contains("colour") == true)
        #expect(throws: Never.self) { try PostgreSQLConfiguration("host=db.example dbname=mail sslmode=require") }
    }

    @Test func `takes null wherever a value stood, and sums of integers`() async throws {
        try await Self.withSchema { database, _ in
            let names: [String?] = ["a", nil, "c"]
            let sizes: [Int64?] = [nil, 2, 1 << 40]
            for number in 0..<3 {
                try await database.execute(
                    "INSERT INTO item (id, name, size) VALUES (\(number), \(names[number]), \(sizes[number]))")
            }
            let row = try await database.read { sql in
                try sql.first("SELECT SUM(size) AS sum, -SUM(size) * 10000 AS less, COUNT(name) AS names FROM item")
            }
            #expect(try row?.integer("sum") == (1 << 40) + 2 && row?.integer("names") == 2)
            #expect(try row?.integer("less") == -((1 << 40) + 2) * 10_000)
            await #expect(throws: DatabaseError.self) {
                try await database.execute("INSERT INTO item (id, name) VALUES (9, \("a\u{0}b"))")
            }
        }
    }

    @Test func `bodies that were in each other's way both happen`() async throws {
        try await Self.withSchema { database, schema in
            try await database.execute("INSERT INTO item (id, size) VALUES (1, 0), (2, 0)")
            let runs = Runs()
            // As two processes, whose bodies never share a transaction.
            let other = PostgreSQLDatabase(try PostgreSQLConfiguration(schema.url()), connections: 2)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (database, first, second) in [(database, 1, 2), (other, 2, 1)] {
                    group.addTask {
                        try await database.write { sql in
                            try sql.execute("UPDATE item SET size = size + 1 WHERE id = \(first)")
                            // The first time each waits until both have their first row: a deadlock.
                            runs.next()
                            let patience = ContinuousClock.now + .seconds(30)
                            // Sound: a body may not wait for anything else; the condition decides
                            while runs.count < 2, ContinuousClock.now < patience { usleep(1000) }
                            try sql.execute("UPDATE item SET size = size + 1 WHERE id = \(second)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            await other.close()
            let sizes = try await database.read { sql in
                try sql.rows("SELECT size FROM item ORDER BY id").map { try $0.integer("size") }
            }
            #expect(sizes == [2, 2] && runs.count >= 3)
        }
    }

    @Test func `a body whose session was ended is run again, and its statement is prepared anew`() async throws {
        try await Self.withSchema { database, schema in
            let runs = Runs()
            try await database.write { sql in
                try sql.execute("INSERT INTO item (id, name) VALUES (1, 'once')")
                guard runs.next() == 1 else { return }
                _ = try sql.rows("SELECT pg_terminate_backend(pg_backend_pid())")
            }
            #expect(runs.count == 2)
            #expect(try await Self.names(database) == ["once"])
            try await schema.server.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '\(schema.name)'")
            #expect(try await Self.names(database) == ["once"])
        }
    }

    @Test func `a commit whose answer was lost is neither repeated nor reported as a failure`() async throws {
        let server = try await PostgreSQLServer.shared()
        let proxy = try LoopbackProxy(.forward(to: server.port))
        defer { proxy.stop() }
        try await Self.withSchema(through: proxy) { database, schema in
            let runs = Runs()
            async let written: Void = database.write { sql in
                runs.next()
                try sql.execute("INSERT INTO item (id, name) VALUES (1, 'once')")
                // What is sent from here on arrives; what the server says to it does not.
                proxy.muteServer()
            }
            while try await schema.query("SELECT count(*) FROM item") != "1" {}
            proxy.set(.forward(to: server.port), cutting: true)
            try await written
            #expect(runs.count == 1)
            #expect(try await Self.names(database) == ["once"])
        }
    }

    @Test func `a transaction that was cut before its commit is run again`() async throws {
        let server = try await PostgreSQLServer.shared()
        let proxy = try LoopbackProxy(.forward(to: server.port))
        defer { proxy.stop() }
        try await Self.withSchema(through: proxy) { database, _ in
            let runs = Runs()
            try await database.write { sql in
                try sql.execute("INSERT INTO item (id, name) VALUES (1, 'once')")
                if runs.next() == 1 { proxy.set(.forward(to: server.port), cutting: true) }
            }
            #expect(runs.count == 2)
            #expect(try await Self.names(database) == ["once"])
        }
    }

    @Test func `other processes hear what is told, its own does not`() async throws {
        try await Self.withSchema { first, schema in
            let second = PostgreSQLDatabase(try PostgreSQLConfiguration(schema.url()), connections: 1)
            let other = try await PostgreSQLServer.shared().newSchema()
            let stranger = PostgreSQLDatabase(try PostgreSQLConfiguration(other.url()), connections: 1)
            let neighbour = PostgreSQLDatabase(try PostgreSQLConfiguration(other.url()), connections: 1)
            let (news, continuation) = AsyncStream<DatabaseNews>.makeStream()
            let (strange, strangeContinuation) = AsyncStream<DatabaseNews>.makeStream()
            second.listen { continuation.yield($0) }
            stranger.listen { strangeContinuation.yield($0) }
            var heard = news.makeAsyncIterator()
            var heardElsewhere = strange.makeAsyncIterator()
            // They listen from now on.
            #expect(await heard.next() == .interrupted)
            #expect(await heardElsewhere.next() == .interrupted)
            first.tell("events")
            #expect(await heard.next() == .told("events"))
            first.tell("it's \"quoted\"")
            #expect(await heard.next() == .told("it's \"quoted\""))
            // All that was told is delivered in its order: what came before is not heard in the other schema.
            neighbour.tell("other events")
            #expect(await heardElsewhere.next() == .told("other events"))
            await neighbour.close()
            await second.close()
            await stranger.close()
        }
    }

    @Test func `a database that is away says so, at once after the first time, and is found again`() async throws {
        let server = try await PostgreSQLServer.shared()
        let proxy = try LoopbackProxy(.forward(to: server.port))
        defer { proxy.stop() }
        try await Self.withSchema(through: proxy) { database, schema in
            try await database.execute("INSERT INTO item (id, name) VALUES (1, 'here')")
            proxy.set(.reset, cutting: true)
            for _ in 0..<3 {
                let error = await #expect(throws: DatabaseError.self) { _ = try await Self.names(database) }
                guard case .unavailable = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            proxy.set(.forward(to: server.port))
            while true {
                guard let names = try? await Self.names(database) else {
                    try await schema.server.query("SELECT 1")
                    continue
                }
                #expect(names == ["here"])
                break
            }
        }
    }
}
