import Model

/// How an account's servers are written in the column `servers`.
struct ServersDocument: Codable {
    struct Server: Codable {
        var host: String
        var port: UInt16
        var security: String
        var verify: Bool
        var caCertificates: String?
        var serverName: String?
        var username: String?
        /// Missing in documents from before there was a choice, where `none` meant yes.
        var allowsCleartext: Bool?
        /// Missing where it speaks SMTP.
        var speaksLMTP: Bool?
    }

    /// Of POP3 servers; absent in accounts from before there were any.
    struct RetentionDocument: Codable {
        var rule: String
        var days: Int?
        var since: Int64
    }

    struct Key: Codable {
        var domain: String
        var selector: String
        var algorithm: String
        var publicKey: String
    }

    var servers: [String: Server]
    var retention: RetentionDocument?
    /// Absent in accounts from before there was a choice.
    var sync: SyncDocument?
    var authservIDs: [String]?
    /// Absent where the account signs nothing.
    var signingKeys: [Key]?

    init(_ account: Account) {
        servers = [:]
        sync = SyncDocument(account.sync, since: account.updatedAt)
        authservIDs = account.authservIDs
        signingKeys =
            account.signingKeys.isEmpty
            ? nil
            : account.signingKeys.map {
                Key(
                    domain: $0.domain, selector: $0.selector, algorithm: $0.algorithm.rawValue,
                    publicKey: $0.publicKey)
            }
        retention = account.retention.map {
            RetentionDocument(rule: $0.rule.name.rawValue, days: $0.rule.days, since: $0.since.milliseconds)
        }
        for (name, server) in account.servers {
            let endpoint = server.endpoint
            self.servers[name.rawValue] = Server(
                host: endpoint.host, port: endpoint.port, security: endpoint.security.rawValue,
                verify: endpoint.tls.verify, caCertificates: endpoint.tls.caCertificates,
                serverName: endpoint.tls.serverName, username: server.username,
                allowsCleartext: endpoint.allowsCleartext, speaksLMTP: endpoint.speaksLMTP ? true : nil)
        }
    }

    func model() throws(StoreError) -> [MailProtocol: AccountServer] {
        var result: [MailProtocol: AccountServer] = [:]
        for (name, server) in servers {
            guard let name = MailProtocol(rawValue: name),
                let security = ConnectionSecurity(rawValue: server.security)
            else { throw .unreadable("accounts/servers") }
            let tls = TLSSettings(
                verify: server.verify, caCertificates: server.caCertificates, serverName: server.serverName)
            let endpoint = ServerEndpoint(
                host: server.host, port: server.port, security: security, tls: tls,
                allowsCleartext: server.allowsCleartext ?? (security == .none), speaksLMTP: server.speaksLMTP ?? false)
            result[name] = AccountServer(endpoint: endpoint, username: server.username)
        }
        return result
    }
}

extension ServersDocument {
    func signingKeysModel() throws(StoreError) -> [SigningKey] {
        var keys: [SigningKey] = []
        for key in signingKeys ?? [] {
            guard let algorithm = SigningAlgorithm(rawValue: key.algorithm) else {
                throw .unreadable("accounts/servers")
            }
            keys.append(
                SigningKey(
                    domain: key.domain, selector: key.selector, algorithm: algorithm, publicKey: key.publicKey))
        }
        return keys
    }

    func retentionModel() throws(StoreError) -> Retention? {
        guard let retention else { return nil }
        guard let name = RetentionRule.Name(rawValue: retention.rule),
            let rule = RetentionRule(name, days: retention.days)
        else { throw .unreadable("accounts/servers") }
        return Retention(rule, since: Timestamp(milliseconds: retention.since))
    }
}

/// How the rules of an account's sync are written.
struct SyncDocument: Codable {
    /// Read by nodes of the version before, which cannot do without it.
    var since: Int64?
    var announceSince: Int64?
    var mailboxes: [String]?
    var roles: [String: String]?

    init(_ sync: SyncRules, since: Timestamp) {
        self.since = since.milliseconds
        announceSince = sync.announceSince?.milliseconds
        mailboxes = sync.mailboxes
        roles =
            sync.roles.isEmpty
            ? nil : Dictionary(uniqueKeysWithValues: sync.roles.map { ($0.key.rawValue, $0.value) })
    }

    var model: SyncRules {
        var roles: [MailboxRole: String] = [:]
        for (name, path) in self.roles ?? [:] { if let role = MailboxRole(rawValue: name) { roles[role] = path } }
        return SyncRules(
            announceSince: announceSince.map { Timestamp(milliseconds: $0) }, mailboxes: mailboxes, roles: roles)
    }
}

/// How an account's last error is written.
struct AccountFaultDocument: Codable {
    var mailProtocol: String
    var code: String
    var text: String
    var at: Int64

    init(_ fault: AccountFault) {
        mailProtocol = fault.mailProtocol.rawValue
        code = fault.code
        text = fault.text
        at = fault.at.milliseconds
    }

    func model() throws(StoreError) -> AccountFault {
        guard let name = MailProtocol(rawValue: mailProtocol) else { throw .unreadable("accounts/last_error") }
        return AccountFault(mailProtocol: name, code: code, text: text, at: Timestamp(milliseconds: at))
    }
}
