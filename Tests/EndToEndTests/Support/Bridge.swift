import Foundation
import MailServers
import Testing

/// The built program with mail servers behind it.
final class Bridge: Sendable {
    let host: MailHost
    let process: MailbridgeProcess
    /// Where the program keeps its data; another process may go on with it.
    let folder: TemporaryFolder

    var api: APIClient { APIClient(process.client) }

    private init(host: MailHost, process: MailbridgeProcess, folder: TemporaryFolder) {
        self.host = host
        self.process = process
        self.folder = folder
    }

    /// Starts a program of its own, in front of the shared mail servers unless others are given.
    static func start(
        host: MailHost? = nil, folder: TemporaryFolder? = nil, settings: [String: String] = [:]
    ) async throws -> Bridge {
        let mail: MailHost = if let host { host } else { try await MailHost.shared() }
        let folder = try folder ?? TemporaryFolder("bridge", inMemory: true)
        let process = try await MailbridgeProcess.start(data: folder, settings: settings)
        return Bridge(host: mail, process: process, folder: folder)
    }

    /// One for all suites that do not stop it, count its connections or measure it.
    static func shared() async throws -> Bridge { try await sharedBridge.value }

    private static let sharedBridge = Task(name: "shared bridge") { try await Bridge.start() }

    /// Starts the program again with the same data.
    func restart(settings: [String: String] = [:]) async throws -> Bridge {
        try await Bridge.start(host: host, folder: folder, settings: settings)
    }

    /// Adds an account over HTTP, and gives its path.
    func addAccount(_ draft: JSONValue, query: String = "") async throws -> MailAccount {
        let made = try await api.post("/v1/accounts\(query)", draft).expecting(201)
        guard let id = made["id"].string else { throw ServerFailure("An account without an id: \(made)") }
        return MailAccount(id: id, api: api, host: host)
    }

    /// Adds the account of a user with the usual settings.
    func addAccount(of user: MailUser) async throws -> MailAccount {
        var account = try await addAccount(host.draft(for: user))
        account.user = user
        return account
    }

    /// Adds the account of a user whom no other test has.
    func newAccount() async throws -> MailAccount { try await addAccount(of: host.newUser()) }
}

extension MailHost {
    /// What a client sends to add the account of a user: IMAP with implicit TLS, submission with STARTTLS.
    func draft(for user: MailUser) -> JSONValue {
        [
            "email": .string(user.email),
            "credentials": ["username": .string(user.email), "password": .string(user.password)],
            "imap": server(dovecot.ports.imaps, "tls"), "smtp": server(postfix.ports.submission, "starttls"),
        ]
    }

    /// One server's settings, which trust the test's own authority.
    func server(_ port: UInt16, _ security: String) -> JSONValue {
        [
            "host": "localhost", "port": .number(Double(port)), "security": .string(security),
            "tls": ["caCertificates": .string(authority.certificatePEM)],
        ]
    }
}
