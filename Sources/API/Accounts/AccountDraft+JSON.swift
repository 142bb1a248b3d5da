package import Model
import Wire

extension AccountDraft {
    /// Reads the body of `createAccount` and `verifySettings`; what an address, a host or a certificate is, and which
    /// protocols there are, the engine says.
    package static func read(_ reader: inout ObjectReader) -> AccountDraft? {
        let id = reader.optional("id").flatMap { AccountID.read($0) }
        let name = reader.optional("name")?.line()
        let email = reader.required("email").flatMap { $0.line() }
        let shared = reader.optional("credentials")?.object(Credentials.read)
        var servers: [MailProtocol: ServerEndpoint] = [:]
        var own: [MailProtocol: Credentials] = [:]
        var retention: RetentionRule?
        for mailProtocol in MailProtocol.allCases {
            guard let node = reader.optional(mailProtocol.rawValue) else { continue }
            let server = node.object { ServerDraft.read(&$0, mailProtocol) }
            servers[mailProtocol] = server?.endpoint
            own[mailProtocol] = server?.credentials
            retention = server?.retention ?? retention
        }
        let sync = reader.optional("sync")?.object(SyncRules.read) ?? SyncRules()
        let authservIDs = reader.optional("authservIds").flatMap { $0.array { $0.line() } }
        let signingKeys = reader.optional("dkim").flatMap { $0.array { $0.object(SigningKeyDraft.read) } }
        guard let email else { return nil }
        var draft = AccountDraft(
            id: id, name: name, email: email, servers: servers, credentials: shared, ownCredentials: own,
            retention: retention, sync: sync)
        draft.authservIDs = authservIDs
        draft.signingKeys = signingKeys ?? []
        return draft
    }
}

extension SigningKeyDraft {
    static func read(_ reader: inout ObjectReader) -> SigningKeyDraft? {
        let domain = reader.required("domain")?.line()
        let selector = reader.required("selector")?.line()
        let algorithm = reader.optional("algorithm")?.choice(of: SigningAlgorithm.self)
        let key = reader.optional("privateKey")?.string(maximum: Limits.certificate)
        // What we show of a key may come back with it.
        _ = reader.member("record")
        guard let domain, let selector else { return nil }
        return SigningKeyDraft(
            domain: domain, selector: selector, algorithm: algorithm, privateKey: key.map { Secret($0) })
    }
}

extension AccountID {
    static func read(_ node: JSONNode) -> AccountID? {
        guard let text = node.string() else { return nil }
        guard let id = AccountID(validating: text) else {
            node.fail("must be 1 to 64 letters, digits, dots, underscores and hyphens, not beginning with a dot")
            return nil
        }
        return id
    }
}

extension Credentials {
    static func read(_ reader: inout ObjectReader) -> Credentials? {
        let username = reader.required("username")?.line()
        let authentication = Authentication.read(&reader)
        if authentication == nil { reader.failWithoutFaults("password", "is required, or oauth2, or a certificate") }
        guard let username, let authentication else { return nil }
        return Credentials(username: username, authentication: authentication)
    }
}

/// One protocol's settings as they are given.
struct ServerDraft {
    let endpoint: ServerEndpoint
    let credentials: Credentials?
    let retention: RetentionRule?

    static func read(_ reader: inout ObjectReader, _ mailProtocol: MailProtocol) -> ServerDraft? {
        let host = reader.required("host").flatMap { $0.line() }
        let security = reader.optional("security").map { $0.choice(of: ConnectionSecurity.self) } ?? .tls
        let port = reader.optional("port").map { readPort($0) }
        let tls = reader.optional("tls").map { $0.object { TLSSettings.read(&$0) } } ?? TLSSettings()
        let allowsCleartext = reader.optional("allowCleartext").map { $0.bool() } ?? false
        let speaksLMTP = mailProtocol == .smtp ? reader.optional("lmtp")?.bool() ?? false : false
        let credentials = reader.optional("credentials")?.object(Credentials.read)
        let retention =
            mailProtocol == .pop3 ? reader.optional("retention").map { $0.object(RetentionRule.read) } : nil
        if retention == .some(nil) { return nil }
        guard let allowsCleartext, let host, let security, let tls, let port = port ?? mailProtocol.usualPort(security)
        else { return nil }
        return ServerDraft(
            endpoint: ServerEndpoint(
                host: host, port: port, security: security, tls: tls, allowsCleartext: allowsCleartext,
                speaksLMTP: speaksLMTP),
            credentials: credentials, retention: retention ?? nil)
    }

    static func readPort(_ node: JSONNode) -> UInt16? { node.integer(1...65535).map { UInt16($0) } }
}

extension RetentionRule {
    /// `{"policy": "keep"}`, `{"policy": "deleteAfterDays", "days": 30}`, `{"policy": "deleteAfterDelivery"}`.
    static func read(_ reader: inout ObjectReader) -> RetentionRule? {
        let name = reader.required("policy").flatMap { $0.choice(of: RetentionRule.Name.self) }
        let days = reader.optional("days")
        guard let name else { return nil }
        if name == .deleteAfterDays, days == nil { reader.fail("days", "is required") }
        if name != .deleteAfterDays, days != nil { reader.fail("days", "belongs to deleteAfterDays") }
        return RetentionRule(name, days: days?.integer(1...Int.max))
    }
}

extension TLSSettings {
    static func read(_ reader: inout ObjectReader) -> TLSSettings? {
        let verify = reader.optional("verify").map { $0.bool() } ?? true
        let certificates = reader.optional("caCertificates")?.string()
        let serverName = reader.optional("serverName")?.line()
        guard let verify else { return nil }
        return TLSSettings(verify: verify, caCertificates: certificates, serverName: serverName)
    }
}
