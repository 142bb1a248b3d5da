import Foundation
import MailServers
import Testing

/// The Cyrus of the tests is one: it speaks its own dialect.
@Suite(.timeLimit(.minutes(5))) struct CyrusServerTests {
    private let users = [
        MailUser("user1@example.test"), MailUser("user2@example.test", password: "wei\u{DF} \"nicht\""),
    ]

    private func start(_ options: CyrusServer.Options = .init()) async throws -> CyrusServer {
        let folder = try TemporaryFolder("tls")
        let authority = try await onThread { try CertificateAuthority(in: folder) }
        return try await CyrusServer.start(users: users, authority: authority, options: options)
    }

    @Test func `mailboxes, roles, delivery and seeding are as Cyrus has them`() async throws {
        let server = try await start()
        let lists = try await server.withProbe(users[1]) { try $0.command("LIST \"\" *") }.map(\.text)
        #expect(lists.contains("* LIST (\\HasNoChildren \\sent) \".\" INBOX.Sent"), "\(lists)")
        #expect(lists.contains("* LIST (\\HasChildren) \".\" INBOX"), "\(lists)")
        let first = Array("From: a@example.test\r\nSubject: one\r\n\r\nOne.\r\n".utf8)
        // Cyrus adds Date and Message-ID to what is delivered without.
        let second = Array(
            """
            From: a@example.test\r
            Subject: two\r
            Date: Tue, 14 Nov 2023 22:13:20 +0000\r
            Message-ID: <two@example.test>\r
            \r
            .\r
            ..Two.\r

            """.utf8)
        try await server.seed(users[0], mailbox: "Work/New", [SeedMessage(first, flags: "SF"), SeedMessage(second)])
        #expect(try await server.storedMessages(users[0], mailbox: "Work/New") == [first, second])
        #expect(try await server.storedFlags(users[0], mailbox: "Work/New") == [["\\Seen", "\\Flagged"], []])
        try await server.deliver(users[0], second)
        let delivered = try await server.storedMessages(users[0])
        #expect(delivered.count == 1 && delivered[0].suffix(second.count) == second[...])
        await #expect(throws: ServerFailure.self, "a NUL in a message") {
            try await server.seed(users[0], [SeedMessage(first + [0])])
        }
        #expect(try await server.conversations(of: users[0]).contains("* LIST") == false)
        #expect(try await server.conversations(of: users[0]).contains("EXAMINE \"INBOX.Work.New\""))
        let port = server.ports.pop3
        let greeting = try await onThread { try SocketStream(port: port).readLine() }
        #expect(greeting?.hasPrefix("+OK") == true)
        try await server.stop()
        await #expect(throws: ServerFailure.self) { try await server.withProbe(users[0]) { try $0.command("NOOP") } }
    }

    @Test func `the other hierarchy is one of slashes beside INBOX`() async throws {
        var options = CyrusServer.Options()
        options.hasAlternativeNamespace = true
        options.separator = "/"
        let server = try await start(options)
        try await server.seed(users[0], mailbox: "Work/New", [SeedMessage(Array("Subject: x\r\n\r\n\r\n".utf8))])
        let lists = try await server.withProbe(users[0]) { try $0.command("LIST \"\" *") }.map(\.text)
        #expect(lists.contains("* LIST (\\HasNoChildren) \"/\" Work/New"), "\(lists)")
        #expect(lists.contains("* LIST (\\HasNoChildren \\trash) \"/\" Trash"), "\(lists)")
    }
}
