import MailServers

/// The built program in front of a Dovecot without TLS, with the account of one user.
struct BenchmarkBridge {
    let dovecot: DovecotServer
    let process: MailbridgeProcess
    let user: MailUser
    /// Where the program keeps its data; it goes with this value.
    let data: TemporaryFolder
    /// The path of the account.
    let account: String

    static func start() async throws -> BenchmarkBridge {
        let folder = try TemporaryFolder("tls")
        let user = MailUser("user1@example.test")
        let dovecot = try await DovecotServer.start(users: [user], authority: CertificateAuthority(in: folder))
        let data = try TemporaryFolder("bench")
        let process = try await MailbridgeProcess.start(data: data)
        let draft: JSONValue = [
            "email": .string(user.email),
            "credentials": ["username": .string(user.email), "password": .string(user.password)],
            "imap": ["host": "127.0.0.1", "port": .number(Double(dovecot.ports.imap)), "security": "none"],
        ]
        let made = try await process.client.send(
            "POST", "/v1/accounts?verify=false", headers: [("Content-Type", "application/json")], body: draft.encoded())
        guard made.status == 201, let id = try made.json["id"].string else {
            throw ServerFailure("No account: \(made.text)")
        }
        return BenchmarkBridge(
            dovecot: dovecot, process: process, user: user, data: data, account: "/v1/accounts/\(id)")
    }

    /// A connection to our API.
    func client() throws -> RawReader { try RawReader(port: process.port) }

    /// A connection to Dovecot with INBOX open.
    func server() throws -> RawReader {
        let reader = try RawReader(port: dovecot.ports.imap)
        try reader.open(user.email, user.password)
        return reader
    }

    var token: String { MailbridgeProcess.adminToken }
}

extension [Duration] {
    /// The one in the middle.
    var median: Duration { sorted()[count / 2] }
}

extension Duration {
    /// For people.
    var milliseconds: String { "\(twoDecimals(self / .milliseconds(1))) ms" }
}
