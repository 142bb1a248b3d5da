import Model
import Store

/// What an account is to become: the settings of a draft, or those of an account with a patch merged in.
struct AccountSettings: Equatable {
    var name: String?
    var email: String
    var servers: [MailProtocol: ServerEndpoint]
    var credentials: AccountCredentials
    /// What becomes of messages on a POP3 server; nil where there is none.
    var retention: RetentionRule?
    var sync: SyncRules
    var authservIDs: [String]?
    /// What is shown of the DKIM keys, whose secrets are among the credentials.
    private(set) var signingKeys: [SigningKey] = []
    /// Places of the drafts among those given to `sign` that lack only a key, which is to be made.
    private(set) var unmadeKeys: [Int] = []

    init(_ draft: AccountDraft) {
        name = draft.name
        email = draft.email
        servers = draft.servers
        retention = draft.servers[.pop3] == nil ? nil : draft.retention ?? .keep
        sync = draft.sync
        authservIDs = draft.authservIDs
        credentials = AccountCredentials(
            shared: draft.credentials, own: draft.ownCredentials.filter { draft.servers[$0.key] != nil })
    }

    init(_ account: Account, _ credentials: AccountCredentials) {
        name = account.name
        email = account.email
        servers = account.servers.mapValues(\.endpoint)
        retention = account.retention?.rule
        sync = account.sync
        authservIDs = account.authservIDs
        signingKeys = account.signingKeys
        self.credentials = credentials
    }

    /// Writes the settings into an account, without its state.
    func apply(to account: inout Account) {
        account.name = name
        account.email = email
        account.username = credentials.shared?.username
        account.authservIDs = authservIDs
        account.signingKeys = signingKeys
        // The clock of another rule begins anew.
        account.retention = retention.map { rule in
            Retention(rule, since: account.retention?.rule == rule ? account.retention?.since ?? .now() : .now())
        }
        account.sync = sync
        account.servers = [:]
        for (name, endpoint) in servers {
            account.servers[name] = AccountServer(endpoint: endpoint, username: credentials.own[name]?.username)
        }
    }

    /// Whether a connection made with `other` is still right with these.
    func connectsLike(_ other: AccountSettings) -> Bool {
        servers == other.servers && credentials.shared == other.credentials.shared
            && credentials.own == other.credentials.own
    }

    /// Gives the account these DKIM keys and no others; without those that are to be made.
    mutating func sign(with drafts: [SigningKeyDraft]) -> [FieldFault] {
        var keys = AccountSigning(signingKeys, credentials.signing)
        let faults = keys.replace(with: drafts)
        signingKeys = keys.keys
        credentials.signing = keys.secrets
        unmadeKeys = keys.unmade
        return faults
    }

    /// Everything a probe needs; complete once `faults` found nothing.
    var logins: [MailProtocol: ServerLogin] {
        var logins: [MailProtocol: ServerLogin] = [:]
        for (name, endpoint) in servers {
            guard let credentials = credentials.credentials(for: name) else { continue }
            logins[name] = ServerLogin(endpoint: endpoint, credentials: credentials)
        }
        return logins
    }
}

extension AccountSettings {
    /// Merges a patch in; what cannot be merged, because a part of a new thing is missing, is a fault.
    mutating func merge(_ patch: AccountPatch) -> [FieldFault] {
        var faults: [FieldFault] = []
        if let name = patch.name { self.name = name }
        if let email = patch.email { self.email = email }
        if let authservIDs = patch.authservIDs { self.authservIDs = authservIDs }
        if let drafts = patch.signingKeys { faults += sign(with: drafts) }
        if let change = patch.credentials {
            credentials.shared = Self.merge(change, into: credentials.shared, at: "/credentials", &faults)
        }
        if let change = patch.sync { sync = change?.applied(to: sync) ?? SyncRules() }
        for (name, change) in patch.servers {
            if let change {
                merge(change, for: name, &faults)
            } else {
                servers[name] = nil
                if name == .pop3 { retention = nil }
                credentials.own[name] = nil
            }
        }
        return faults
    }

    private mutating func merge(_ patch: ServerPatch, for name: MailProtocol, _ faults: inout [FieldFault]) {
        let pointer = "/\(name.rawValue)"
        let old = servers[name]
        guard let host = patch.host ?? old?.host else {
            faults.append(FieldFault(pointer: pointer + "/host", detail: "is required for a new server"))
            return
        }
        let security = patch.security ?? old?.security ?? .tls
        let port = patch.port.flatMap { $0 == 0 ? nil : $0 } ?? old?.port ?? name.usualPort(security)
        var tls = old?.tls ?? TLSSettings()
        if let verify = patch.verify { tls.verify = verify }
        if let certificates = patch.caCertificates { tls.caCertificates = certificates }
        if let serverName = patch.serverName { tls.serverName = serverName }
        // It belongs to `none`: with another security it goes.
        let allowsCleartext = patch.allowsCleartext ?? (security == .none && old?.allowsCleartext == true)
        servers[name] = ServerEndpoint(
            host: host, port: port, security: security, tls: tls, allowsCleartext: allowsCleartext,
            speaksLMTP: patch.speaksLMTP ?? old?.speaksLMTP ?? false)
        if name == .pop3 { retention = patch.retention ?? retention ?? .keep }
        switch patch.credentials {
        case .none: break
        case .some(.none): credentials.own[name] = nil
        case .some(.some(let change)):
            credentials.own[name] = Self.merge(
                change, into: credentials.own[name], at: pointer + "/credentials", &faults)
        }
    }

    private static func merge(
        _ patch: CredentialsPatch, into old: Credentials?, at pointer: String, _ faults: inout [FieldFault]
    ) -> Credentials? {
        guard let username = patch.username ?? old?.username else {
            faults.append(FieldFault(pointer: pointer + "/username", detail: "is required for new credentials"))
            return old
        }
        guard let authentication = patch.authentication ?? old?.authentication else {
            faults.append(FieldFault(pointer: pointer + "/password", detail: "is required for new credentials"))
            return old
        }
        return Credentials(username: username, authentication: authentication)
    }
}
