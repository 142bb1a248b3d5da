package import Wire

/// The mail protocols an account may speak.
package enum MailProtocol: String, Sendable, Hashable, CaseIterable {
    case imap
    case pop3
    case smtp
}

/// How a connection is protected.
package enum ConnectionSecurity: String, Sendable, Hashable, CaseIterable {
    /// TLS from the first octet (RFC 8314).
    case tls
    /// Plain until STARTTLS or STLS; no login unless the upgrade succeeded.
    case starttls
    /// Never encrypted, so it is meant for loopback and private networks; see `ServerEndpoint.allowsCleartext`.
    case none
}

/// How the server's certificate is checked.
package struct TLSSettings: Sendable, Hashable {
    /// Whether chain and host name are checked.
    package var verify: Bool
    /// PEM; replaces the system's trusted roots for this server.
    package var caCertificates: String?
    /// Name checked against the certificate and sent as SNI; the host where nil.
    package var serverName: String?

    package init(verify: Bool = true, caCertificates: String? = nil, serverName: String? = nil) {
        self.verify = verify
        self.caCertificates = caCertificates
        self.serverName = serverName
    }
}

/// Where a server is and how to reach it.
package struct ServerEndpoint: Sendable, Hashable {
    package var host: String
    package var port: UInt16
    package var security: ConnectionSecurity
    package var tls: TLSSettings
    /// Whether a password may go out unencrypted with `security: none`; to this machine itself it always may.
    package var allowsCleartext: Bool
    /// Whether a server of `smtp` speaks LMTP (RFC 2033): it answers for each recipient, and mostly knows no AUTH.
    package var speaksLMTP: Bool

    package init(
        host: String, port: UInt16, security: ConnectionSecurity, tls: TLSSettings = TLSSettings(),
        allowsCleartext: Bool = false, speaksLMTP: Bool = false
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.tls = tls
        self.allowsCleartext = allowsCleartext
        self.speaksLMTP = speaksLMTP
    }
}

/// Who logs in, and with what.
package struct Credentials: Sendable, Equatable {
    package var username: String
    package var authentication: Authentication

    package init(username: String, authentication: Authentication) {
        self.username = username
        self.authentication = authentication
    }
}

/// The secret half of credentials.
package enum Authentication: Sendable, Equatable {
    case password(Secret)
    /// Access tokens that are got anew before they expire.
    case oauth2(OAuthGrant)
    /// SASL EXTERNAL: the certificate that the TLS connection is made with.
    case certificate(ClientCertificate)
}

/// A certificate chain in PEM, our own first, and its private key.
package struct ClientCertificate: Sendable, Hashable {
    package var chain: String
    package var privateKey: Secret

    package init(chain: String, privateKey: Secret) {
        self.chain = chain
        self.privateKey = privateKey
    }
}

/// An endpoint with the credentials that open it: all that a connection needs.
package struct ServerLogin: Sendable, Equatable {
    package var endpoint: ServerEndpoint
    package var credentials: Credentials
    /// Where access tokens come from, with `Authentication.oauth2`.
    package var tokens: AccessTokenSource?

    package init(endpoint: ServerEndpoint, credentials: Credentials, tokens: AccessTokenSource? = nil) {
        self.endpoint = endpoint
        self.credentials = credentials
        self.tokens = tokens
    }
}

extension MailProtocol {
    /// The port registered for this protocol and kind of protection: RFC 8314, RFC 9051 and, for submission, RFC 6409.
    package func usualPort(_ security: ConnectionSecurity) -> UInt16 {
        switch (self, security) {
        case (.imap, .tls): 993
        case (.imap, _): 143
        case (.pop3, .tls): 995
        case (.pop3, _): 110
        case (.smtp, .tls): 465
        case (.smtp, .starttls): 587
        case (.smtp, .none): 25
        }
    }
}
