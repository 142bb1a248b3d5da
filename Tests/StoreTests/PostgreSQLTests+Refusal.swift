import Database
import MailServers
import TestDatabases
import Testing

extension PostgreSQLTests {
    @Test func `a server that refuses who listens is not asked again and again without a pause`() async throws {
        let server = try await PostgreSQLServer.shared()
        let proxy = try LoopbackProxy(.forward(to: server.port))
        defer { proxy.stop() }
        let url = server.url(port: proxy.port, user: "secure:correct%20horse", ["sslmode": "require"])
        let database = PostgreSQLDatabase(try PostgreSQLConfiguration(url), connections: 1)
        // What a listener asks first; only this user is refused, nobody else needs the right.
        try await server.query("REVOKE EXECUTE ON FUNCTION pg_catalog.current_schema() FROM PUBLIC")
        let begun = ContinuousClock.now
        database.listen { _ in Issue.record("it does not listen") }
        let end: Result<Void, any Error>
        do {
            // Sound: whoever counts connections has nothing to wait for
            while proxy.connectionCount < 5 { try await Task.sleep(for: .milliseconds(5)) }
            end = .success(())
        } catch {
            end = .failure(error)
        }
        // 50, 100, 200 and 400 ms.
        #expect(ContinuousClock.now - begun >= .milliseconds(750))
        await database.close()
        // The server is everybody's: also where the time limit has cancelled this test.
        _ = try await Task(name: "grant") {
            try await server.query("GRANT EXECUTE ON FUNCTION pg_catalog.current_schema() TO PUBLIC")
        }.value
        try end.get()
    }
}
