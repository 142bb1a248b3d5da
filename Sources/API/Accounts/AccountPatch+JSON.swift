package import Model

extension AccountPatch {
    /// Reads a merge patch (RFC 7396) of an account.
    package static func read(_ reader: inout ObjectReader) -> AccountPatch? {
        var patch = AccountPatch()
        patch.name = reader.member("name").flatMap { $0.removable { $0.line() } }
        patch.email = reader.member("email").flatMap { $0.line() }
        patch.credentials = reader.member("credentials")?.object(CredentialsPatch.read)
        patch.isDisabled = reader.member("isDisabled")?.bool()
        for mailProtocol in MailProtocol.allCases {
            guard let node = reader.member(mailProtocol.rawValue) else { continue }
            if let change = node.removable({ $0.object { ServerPatch.read(&$0, mailProtocol) } }) {
                patch.servers[mailProtocol] = .some(change)
            }
        }
        patch.sync = reader.member("sync").flatMap { $0.removable { $0.object(SyncRulesPatch.read) } }
        patch.authservIDs = reader.member("authservIds").flatMap { $0.removable { $0.array { $0.line() } } }
        patch.signingKeys = reader.member("dkim").flatMap { node in
            node.isNull ? [] : node.array { $0.object(SigningKeyDraft.read) }
        }
        for name in ["id", "state", "lastError", "createdAt", "updatedAt"] where reader.member(name) != nil {
            reader.fail(name, "cannot be changed")
        }
        return patch
    }
}

extension ServerPatch {
    static func read(_ reader: inout ObjectReader, _ mailProtocol: MailProtocol) -> ServerPatch? {
        var patch = ServerPatch()
        patch.host = reader.member("host").flatMap { $0.line() }
        patch.port = reader.member("port").flatMap(ServerDraft.readPort)
        patch.security = reader.member("security")?.choice(of: ConnectionSecurity.self)
        patch.allowsCleartext = reader.member("allowCleartext")?.bool()
        patch.credentials = reader.member("credentials").flatMap { $0.removable { $0.object(CredentialsPatch.read) } }
        if mailProtocol == .smtp { patch.speaksLMTP = reader.member("lmtp")?.bool() }
        if mailProtocol == .pop3 { patch.retention = reader.member("retention")?.object(RetentionRule.read) }
        _ = reader.member("tls")?.object { reader -> Bool? in
            patch.verify = reader.member("verify")?.bool()
            patch.caCertificates = reader.member("caCertificates").flatMap { $0.removable { $0.string() } }
            patch.serverName = reader.member("serverName").flatMap { $0.removable { $0.line() } }
            return true
        }
        return patch
    }
}

extension CredentialsPatch {
    static func read(_ reader: inout ObjectReader) -> CredentialsPatch? {
        let username = reader.member("username")?.line()
        return CredentialsPatch(username: username, authentication: Authentication.read(&reader))
    }
}

extension JSONNode {
    /// A merge patch's value: null removes (inner nil), what cannot be read has left a fault (outer nil).
    func removable<Value>(_ read: (JSONNode) -> Value?) -> Value?? {
        isNull ? .some(nil) : read(self).map { .some($0) }
    }
}
