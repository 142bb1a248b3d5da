import Model
import Store
import Wire

extension Account {
    static func sample(_ id: String, createdAt: Int64 = 1000) -> Account {
        let tls = TLSSettings(verify: true, caCertificates: "PEM", serverName: "mx.example")
        var account = Account(
            id: AccountID(rawValue: id), name: "Ada 🦊", email: "ada@example.org",
            servers: [
                .imap: AccountServer(
                    endpoint: ServerEndpoint(host: "imap.example.org", port: 993, security: .tls, tls: tls)),
                .smtp: AccountServer(
                    endpoint: ServerEndpoint(host: "smtp.example.org", port: 587, security: .starttls),
                    username: "relay"),
            ],
            username: "ada", state: .connected, lastError: nil, createdAt: Timestamp(milliseconds: createdAt),
            updatedAt: Timestamp(milliseconds: createdAt), revision: 1)
        account.authservIDs = ["mx.example.org"]
        account.signingKeys = [
            SigningKey(domain: "example.org", selector: "mail", algorithm: .ed25519SHA256, publicKey: "AAAA")
        ]
        return account
    }
}

extension AccountCredentials {
    static let sample = AccountCredentials(
        shared: Credentials(username: "ada", authentication: .password(Secret("grüße \"x\""))),
        own: [.smtp: Credentials(username: "relay", authentication: .password(Secret("other")))],
        signing: [SigningSecret(domain: "example.org", selector: "mail", privateKey: Secret("BBBB"))])
}

extension Submission {
    static func sample(
        _ id: String, of account: String = "a", messageID: String? = nil, createdAt: Int64 = 1000,
        sendAt: Int64? = nil, saveToSent: Bool = true
    ) -> Submission {
        Submission(
            id: SubmissionID(rawValue: id), accountID: AccountID(rawValue: account),
            state: sendAt == nil ? .queued : .scheduled, messageID: messageID ?? "\(id)@example.org",
            sendAt: sendAt.map(Timestamp.init), createdAt: Timestamp(milliseconds: createdAt), nextAttemptAt: nil,
            mailFrom: "ada@example.org",
            recipients: [SubmissionRecipient(email: "bob@example.net"), SubmissionRecipient(email: "cy@example.net")],
            saveToSent: saveToSent)
    }
}

extension MailStore {
    @discardableResult
    func beat(_ node: String, for time: Duration, now: Timestamp? = nil) async throws -> Bool {
        try await nodes.beat(NodeFacts(id: node, host: "host", version: "1"), for: time, now: now)
    }

    func addAccount(_ id: String, createdAt: Int64 = 1000) async throws {
        _ = try await accounts.insert(.sample(id, createdAt: createdAt), credentials: .sample)
    }
}

extension MailStore {
    /// Events that were appended, with the places that they got.
    func placed(_ events: [Event]) async throws -> [Event] {
        var placed: [Event] = []
        for event in events { if let event = try await self.events.event(event.id) { placed.append(event) } }
        return placed
    }
}

extension Timestamp {
    static func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
}
