import Foundation
import MailServers
import Testing

/// Many clients at once, and clients that mean no good.
@Suite(.timeLimit(.minutes(5)))
struct LoadTests {
    @Test func `1,000 keep-alive clients and 200 slow ones leave the API answering`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        let port = bridge.process.port
        let slow = try await onThread {
            try (0..<200).map { _ in
                let connection = try TestHTTPConnection(port: port)
                try connection.send("GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
                return connection
            }
        }
        let token = MailbridgeProcess.adminToken
        let request = "GET /v1/accounts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n"
        let answered = try await onThread {
            let clients = try (0..<1000).map { _ in try TestHTTPConnection(port: port) }
            var answered = 0
            for round in 0..<3 {
                // One more octet of a header that never ends.
                for connection in slow { try? connection.send("\(round)") }
                for client in clients { try client.send(request) }
                for client in clients where try client.readResponse().status == 200 { answered += 1 }
            }
            let ready = try TestHTTPConnection(port: port)
            try ready.sendRequest("GET", "/readyz")
            guard try ready.readResponse().status == 200 else { throw ServerFailure("not ready") }
            return answered
        }
        #expect(answered == 3000)
        // Also what needs a mail server.
        try await account.api.get("\(account.path)/mailboxes").expecting(200)
        #expect(bridge.process.isRunning)
        withExtendedLifetime(slow) {}
        try await bridge.process.kill()
    }

    @Test func `clients that leave or stall amid a download do not use up the account's sessions`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        let large = TestMail.large(try TestMail.randomOctets(10 << 20))
        try await account.host.dovecot.seed(account.user, [SeedMessage(large)])
        let target = try "\(account.message(try await account.onlyMessage()["id"]))/raw"
        let port = bridge.process.port
        func open() async throws -> TestHTTPConnection {
            try await onThread {
                let connection = try TestHTTPConnection(port: port)
                let token = [("Authorization", "Bearer \(MailbridgeProcess.adminToken)")]
                try connection.sendRequest("GET", target, headers: token)
                guard try connection.readHead().status == 200 else { throw ServerFailure("no download") }
                _ = try connection.stream.read(exactly: 100_000)
                return connection
            }
        }
        for _ in 0..<10 { try await open().stream.interrupt() }
        let stalled = [try await open(), try await open()]
        let started = ContinuousClock.now
        try await account.api.get("\(account.path)/mailboxes", headers: [("Prefer", "wait=10")]).expecting(200)
        #expect(try await account.api.get(target).body == large)
        #expect(ContinuousClock.now - started < .seconds(60), "as long as a stalled client is waited for")
        withExtendedLifetime(stalled) {}
        try await bridge.process.kill()
    }

    @Test func `requests of one account at the same moment are all answered, with few sessions`() async throws {
        let bridge = try await Bridge.start()
        let imap = try LoopbackProxy(.forward(to: bridge.host.dovecot.ports.imaps))
        defer { imap.stop() }
        let user = try bridge.host.newUser()
        try await bridge.host.dovecot.seed(user, count: 20) { SeedMessage(TestMail.plain("Message \($0)")) }
        let draft = bridge.host.draft(for: user).setting("/imap/port", to: .number(Double(imap.port)))
        let account = try await bridge.addAccount(draft)
        let before = imap.connectionCount
        let ids = try await account.list("mailbox=inbox")["data"].array.map(\.["id"])
        let subjects = try await withThrowingTaskGroup(of: String?.self) { group in
            for index in 0..<60 {
                group.addTask {
                    let answer = try await account.api.get(account.message(ids[index % 20]))
                    return try answer.expecting(200)["subject"].string
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(subjects.count == 60)
        #expect(Set(subjects).count == 20)
        #expect(imap.connectionCount - before <= 4)
        try await bridge.process.stop()
    }
}
