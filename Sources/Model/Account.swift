/// A mail account as it is stored and shown: everything but its secrets.
package struct Account: Sendable, Equatable {
    package var id: AccountID
    package var name: String?
    /// The account's own address: default `From`, and left out of reply-to-all.
    package var email: String
    package var servers: [MailProtocol: AccountServer]
    /// How long messages stay on the POP3 server; nil where the account has none.
    package var retention: Retention?
    package var sync: SyncRules
    /// Whose `Authentication-Results` are believed; nil for those of its own server.
    package var authservIDs: [String]?
    /// What its mail is signed with.
    package var signingKeys: [SigningKey] = []
    /// User name shared by the protocols that have none of their own.
    package var username: String?
    package var state: AccountState
    package var lastError: AccountFault?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Grows by one with every change of the settings; the entity tag of the resource.
    package var revision: Int64

    package init(
        id: AccountID, name: String?, email: String, servers: [MailProtocol: AccountServer], username: String?,
        state: AccountState, lastError: AccountFault?, createdAt: Timestamp, updatedAt: Timestamp, revision: Int64,
        retention: Retention? = nil, sync: SyncRules = SyncRules()
    ) {
        self.sync = sync
        self.id = id
        self.name = name
        self.email = email
        self.servers = servers
        self.username = username
        self.state = state
        self.lastError = lastError
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
        self.retention = retention
    }
}

extension Account {
    /// By which protocol its mail is kept; nil where it only sends.
    package var keeper: MailProtocol? { [.imap, .pop3].first { servers[$0] != nil } }
}

/// One protocol's settings within an account.
package struct AccountServer: Sendable, Equatable {
    package var endpoint: ServerEndpoint
    /// This protocol's own user name; nil where the account's shared credentials are used.
    package var username: String?

    package init(endpoint: ServerEndpoint, username: String? = nil) {
        self.endpoint = endpoint
        self.username = username
    }
}

/// Whether an account can be used, as far as we know.
package enum AccountState: String, Sendable, CaseIterable {
    case connecting
    case syncing
    case connected
    case authenticationFailed = "authentication-failed"
    case unreachable
    case disabled
}

/// Why an account is not connected, in the server's words where it gave some.
package struct AccountFault: Sendable, Equatable {
    package var mailProtocol: MailProtocol
    /// A stable code, for example `authentication-failed`, `certificate-expired`, `connection-refused`.
    package var code: String
    package var text: String
    package var at: Timestamp

    package init(mailProtocol: MailProtocol, code: String, text: String, at: Timestamp) {
        self.mailProtocol = mailProtocol
        self.code = code
        self.text = text
        self.at = at
    }
}

/// What a caller gives to create an account, or to probe settings without storing them.
package struct AccountDraft: Sendable {
    package var id: AccountID?
    package var name: String?
    package var email: String
    package var servers: [MailProtocol: ServerEndpoint]
    /// Credentials for every protocol that has none of its own.
    package var credentials: Credentials?
    package var ownCredentials: [MailProtocol: Credentials]
    package var retention: RetentionRule?
    package var sync: SyncRules
    package var authservIDs: [String]?
    package var signingKeys: [SigningKeyDraft] = []

    package init(
        id: AccountID?, name: String?, email: String, servers: [MailProtocol: ServerEndpoint],
        credentials: Credentials?, ownCredentials: [MailProtocol: Credentials] = [:], retention: RetentionRule? = nil,
        sync: SyncRules = SyncRules()
    ) {
        self.sync = sync
        self.retention = retention
        self.id = id
        self.name = name
        self.email = email
        self.servers = servers
        self.credentials = credentials
        self.ownCredentials = ownCredentials
    }
}

/// A merge patch (RFC 7396) of an account: outer nil keeps, inner nil removes.
package struct AccountPatch: Sendable {
    package var name: String??
    package var email: String?
    package var servers: [MailProtocol: ServerPatch?]
    package var credentials: CredentialsPatch?
    package var isDisabled: Bool?
    package var sync: SyncRulesPatch??
    package var authservIDs: [String]??
    /// All of them: those that are not named go.
    package var signingKeys: [SigningKeyDraft]?

    package init(
        name: String?? = nil, email: String? = nil, servers: [MailProtocol: ServerPatch?] = [:],
        credentials: CredentialsPatch? = nil, isDisabled: Bool? = nil, sync: SyncRulesPatch?? = nil
    ) {
        self.sync = sync
        self.name = name
        self.email = email
        self.servers = servers
        self.credentials = credentials
        self.isDisabled = isDisabled
    }
}

/// The members of one protocol's settings that a merge patch changes.
package struct ServerPatch: Sendable {
    package var host: String?
    package var port: UInt16?
    package var security: ConnectionSecurity?
    package var allowsCleartext: Bool?
    package var verify: Bool?
    package var caCertificates: String??
    package var serverName: String??
    package var credentials: CredentialsPatch??
    /// Of POP3 alone.
    package var retention: RetentionRule?

    package init(
        host: String? = nil, port: UInt16? = nil, security: ConnectionSecurity? = nil, allowsCleartext: Bool? = nil,
        verify: Bool? = nil, caCertificates: String?? = nil, serverName: String?? = nil,
        credentials: CredentialsPatch?? = nil
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.allowsCleartext = allowsCleartext
        self.verify = verify
        self.caCertificates = caCertificates
        self.serverName = serverName
        self.credentials = credentials
    }
}

/// The members of credentials that a merge patch changes.
package struct CredentialsPatch: Sendable {
    package var username: String?
    package var authentication: Authentication?

    package init(username: String? = nil, authentication: Authentication? = nil) {
        self.username = username
        self.authentication = authentication
    }
}

extension AccountPatch {
    /// Whether some of the new credentials are the application's own (RFC 6749, 4.4), which open more than this account.
    package var wantsApplicationAccess: Bool {
        let given = [credentials] + servers.values.map { $0?.credentials.flatMap { $0 } }
        return given.contains { credentials in
            if case .oauth2(.clientCredentials)? = credentials?.authentication { true } else { false }
        }
    }
}
