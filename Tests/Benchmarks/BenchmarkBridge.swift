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
        let (dovecot, user) = try await server()
        return try await start(before: dovecot, user)
    }

    /// A Dovecot with one user.
    static func server() async throws -> (DovecotServer, MailUser) {
        let folder = try TemporaryFolder("tls")
        let user = MailUser("user1@example.test")
        return (try await DovecotServer.start(users: [user], authority: CertificateAuthority(in: folder)), user)
    }

    static func start(before dovecot: DovecotServer, _ user: MailUser) async throws -> BenchmarkBridge {
        let data = try TemporaryFolder("bench")
        let process = try await MailbridgeProcess.start(data: data, settings: BenchmarkDatabase.settings())
        let account = try await process.add(user, imap: dovecot.ports.imap)
        return BenchmarkBridge(dovecot: dovecot, process: process, user: user, data: data, account: account)
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

extension MailbridgeProcess {
    /// Adds an account without TLS; its path.
    func add(_ user: MailUser, imap port: UInt16) async throws -> String {
        try await add(user, ["host": "127.0.0.1", "port": .number(Double(port)), "security": "none"])
    }

    /// Adds an account with such a server, unasked; its path.
    func add(_ user: MailUser, _ server: JSONValue) async throws -> String {
        let draft: JSONValue = [
            "email": .string(user.email),
            "credentials": ["username": .string(user.email), "password": .string(user.password)], "imap": server,
        ]
        let made = try await client.send("POST", "/v1/accounts?verify=false", json: draft)
        guard made.status == 201, let id = try made.json["id"].string else {
            throw ServerFailure("No account: \(made.text)")
        }
        return "/v1/accounts/\(id)"
    }

    /// Returns when the account is watched and all its mail is in the index.
    func waitUntilRead(_ account: String) async throws {
        while true {
            let sync = try await client.get("\(account)/health").json["sync"]
            if sync["phase"].string == "watching", sync["remaining"].int == 0, sync["lastCheckedAt"].string != nil {
                return
            }
            // Sound: a pause between two questions.
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Returns when so many accounts are watched.
    func waitUntilWatched(_ count: Int) async throws {
        while true {
            let metrics = try await client.get("/metrics").text
            if metrics.contains("mailbridge_sync_accounts{phase=\"watching\"} \(count)\n") { return }
            // Sound: a pause between two questions.
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension [Duration] {
    /// So much of the whole is at or below it.
    func quantile(_ share: Double) -> Duration { sorted()[Swift.min(count - 1, Int(Double(count) * share))] }

    /// The one in the middle.
    var median: Duration { sorted()[count / 2] }
}

extension Duration {
    /// For people.
    var milliseconds: String { "\(twoDecimals(self / .milliseconds(1))) ms" }
}
