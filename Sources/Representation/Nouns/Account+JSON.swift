package import Model

extension Account: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writeMembers(to: &$0) }
    }

    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("name", name)
        writer.member("email", email)
        writer.member("state", state.rawValue)
        writer.member("lastError", lastError)
        for name in MailProtocol.allCases {
            writer.member(
                name.rawValue,
                servers[name].map { ShownServer(server: $0, retention: name == .pop3 ? retention : nil) })
        }
        writer.member("credentials", username.map(Username.init))
        if let authservIDs {
            writer.member("authservIds", array: authservIDs)
        } else {
            writer.member("authservIds", nil as String?)
        }
        writer.member("dkim", array: signingKeys)
        writer.member("sync", sync)
        writer.member("createdAt", createdAt)
        writer.member("updatedAt", updatedAt)
    }
}

/// An account whose owner is to consent again, and where.
package struct ToldAccount: JSONWritable {
    private let account: Account
    private let consentLink: String

    package init(account: Account, consentLink: String) {
        self.account = account
        self.consentLink = consentLink
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            account.writeMembers(to: &writer)
            writer.member("consentUrl", consentLink)
        }
    }
}

extension SigningKey: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("domain", domain)
            writer.member("selector", selector)
            writer.member("algorithm", algorithm.rawValue)
            writer.member(
                "record",
                object: { writer in
                    writer.member("name", recordName)
                    writer.member("type", "TXT")
                    writer.member("value", recordValue)
                })
        }
    }
}

extension SyncRules: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("announceSince", announceSince)
            if let mailboxes {
                writer.member("mailboxes", array: mailboxes)
            } else {
                writer.member("mailboxes", String?.none)
            }
            writer.member(
                "roles",
                object: { writer in
                    for role in MailboxRole.allCases {
                        if let path = roles[role] { writer.member(role.rawValue, path) }
                    }
                })
        }
    }
}

/// Credentials as they are shown: without their secret.
private struct Username: JSONWritable {
    let username: String

    func write(to writer: inout JSONWriter) {
        writer.object { $0.member("username", username) }
    }
}

extension AccountFault: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("protocol", mailProtocol.rawValue)
            writer.member("code", code)
            writer.member("text", text)
            writer.member("at", at)
        }
    }
}

/// One server's settings, with what becomes of the messages on it.
private struct ShownServer: JSONWritable {
    let server: AccountServer
    let retention: Retention?

    func write(to writer: inout JSONWriter) {
        let endpoint = server.endpoint
        writer.object { writer in
            writer.member("host", endpoint.host)
            writer.member("port", Int(endpoint.port))
            writer.member("security", endpoint.security.rawValue)
            if endpoint.allowsCleartext { writer.member("allowCleartext", true) }
            writer.member(
                "tls",
                object: { writer in
                    writer.member("verify", endpoint.tls.verify)
                    writer.member("serverName", endpoint.tls.serverName)
                    writer.member("caCertificates", endpoint.tls.caCertificates)
                })
            if let username = server.username { writer.member("credentials", Username(username: username)) }
            if let retention { writer.member("retention", retention) }
        }
    }
}

extension Retention: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("policy", rule.name.rawValue)
            writer.member("days", rule.days)
            writer.member("since", since)
        }
    }
}
