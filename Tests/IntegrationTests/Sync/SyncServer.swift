import Database
import MailServers
import Model
import TestDatabases
import Testing
import Wire

/// The servers that the sync is shown against: they differ in QRESYNC, NOTIFY and OBJECTID.
enum SyncServer: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case dovecot = "Dovecot"
    case cyrus = "Cyrus"
    /// The same with the state in PostgreSQL.
    case dovecotPostgreSQL = "Dovecot, PostgreSQL"

    var testDescription: String { rawValue }

    private static let sharedCyrus = Task(name: "shared Cyrus") {
        let host = try await MailHost.shared()
        return try await CyrusServer.start(users: host.dovecot.users, authority: host.authority)
    }

    /// The same database for the same folder.
    func openDatabase(in folder: TemporaryFolder) async throws -> any SQLDatabase {
        guard self == .dovecotPostgreSQL else { return try SQLiteDatabase(path: folder("store.db")) }
        let name = folder.path.split(separator: "/").last.map { $0.lowercased().replacing("-", with: "_") } ?? "s"
        let schema = try await PostgreSQLServer.shared().schema(named: name)
        return try await DatabaseFixture.open(schema)
    }

    func newUser() async throws -> MailUser { try await MailHost.shared().newUser() }

    func login(_ user: MailUser) async throws -> ServerLogin {
        let host = try await MailHost.shared()
        let port = self != .cyrus ? host.dovecot.ports.imaps : try await Self.sharedCyrus.value.ports.imaps
        return ServerLogin(
            endpoint: ServerEndpoint(
                host: "localhost", port: port, security: .tls,
                tls: TLSSettings(caCertificates: host.authority.certificatePEM)),
            credentials: Credentials(username: user.email, authentication: .password(Secret(user.password))))
    }

    func deliver(_ user: MailUser, _ subject: String, headers: String = "") async throws {
        let raw = Self.message(subject, headers: headers)
        switch self {
        case .dovecot, .dovecotPostgreSQL: try await MailHost.shared().dovecot.deliver(user, raw)
        case .cyrus: try await Self.sharedCyrus.value.deliver(user, raw)
        }
    }

    func seed(_ user: MailUser, mailbox: String = "INBOX", subjects: [String]) async throws {
        try await seed(user, mailbox: mailbox, subjects.map { SeedMessage(Self.message($0)) })
    }

    func seed(_ user: MailUser, mailbox: String = "INBOX", _ messages: [SeedMessage]) async throws {
        switch self {
        case .dovecot, .dovecotPostgreSQL: try await MailHost.shared().dovecot.seed(user, mailbox: mailbox, messages)
        case .cyrus: try await Self.sharedCyrus.value.seed(user, mailbox: mailbox, messages)
        }
    }

    /// Commands of another client, one session for all of them; `$NAME` is the server's word for the mailbox of that name.
    func run(_ user: MailUser, _ commands: String...) async throws {
        try await run(user, commands)
    }

    func run(_ user: MailUser, _ commands: [String]) async throws {
        let host = try await MailHost.shared()
        let port = self != .cyrus ? host.dovecot.ports.imap : try await Self.sharedCyrus.value.ports.imap
        let prefix = self != .cyrus ? "" : "INBOX."
        try await onThread {
            let probe = try IMAPProbe(port: port, user: user)
            for command in commands { try probe.command(command.replacing("$", with: prefix)) }
        }
    }

    /// Adds to the inbox as another client does, each with a time of its own.
    func append(_ user: MailUser, _ messages: [SeedMessage]) async throws {
        let host = try await MailHost.shared()
        let port = self == .cyrus ? try await Self.sharedCyrus.value.ports.imap : host.dovecot.ports.imap
        try await onThread {
            let probe = try IMAPProbe(port: port, user: user)
            for message in messages {
                let date = IMAPProbe.dateTime(message.receivedAt)
                try probe.command("APPEND INBOX () \"\(date)\"", literal: message.raw)
            }
        }
    }

    /// The path of a mailbox at this server.
    func path(_ name: String) -> String { self != .cyrus || name == "INBOX" ? name : "INBOX.\(name)" }

    static func message(_ subject: String, headers: String = "") -> [UInt8] {
        let name = subject.filter { $0.isLetter || $0.isNumber }
        return Array(
            """
            From: alice@outside.test\r\nTo: bob@example.test\r\nSubject: \(subject)\r\n\
            Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <\(name)@outside.test>\r\n\(headers)\r\nHello \(subject).\r\n
            """.utf8)
    }
}
