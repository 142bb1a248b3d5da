package import Model
package import Wire

/// An authorization server that accounts get their access tokens from, and the mail servers that these open.
package struct OAuthProvider: Sendable, Equatable {
    /// As accounts name it.
    package var name: String
    /// What it calls itself: compared with `iss` (RFC 9207), and where its metadata is read (RFC 8414).
    package var issuer: String?
    package var authorizationURL: String?
    package var tokenURL: String?
    package var deviceURL: String?
    package var clientID: String
    package var clientSecret: Secret?
    /// Whether the secret goes into the form instead of `Authorization: Basic`.
    package var secretInForm: Bool
    package var scopes: [String]
    /// What the provider wants with an authorization beside the standard's.
    package var parameters: [String: String]
    /// Mail domains whose users are its.
    package var domains: [String]
    package var servers: [MailProtocol: ServerEndpoint]

    package init(
        name: String, issuer: String? = nil, authorizationURL: String? = nil, tokenURL: String? = nil,
        deviceURL: String? = nil, clientID: String, clientSecret: Secret? = nil, secretInForm: Bool = false,
        scopes: [String] = [], parameters: [String: String] = [:], domains: [String] = [],
        servers: [MailProtocol: ServerEndpoint] = [:]
    ) {
        self.name = name
        self.issuer = issuer
        self.authorizationURL = authorizationURL
        self.tokenURL = tokenURL
        self.deviceURL = deviceURL
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.secretInForm = secretInForm
        self.scopes = scopes
        self.parameters = parameters
        self.domains = domains
        self.servers = servers
    }
}

extension OAuthProvider {
    /// What is known of the large ones; a name that is not here needs an issuer or URLs.
    ///
    /// Google gives a refresh token only with `access_type=offline`, and a new one only with `prompt=consent`.
    static func preset(_ name: String, tenant: String, clientID: String) -> OAuthProvider {
        var provider = OAuthProvider(name: name, clientID: clientID)
        switch name {
        case "google":
            provider.issuer = "https://accounts.google.com"
            provider.authorizationURL = "https://accounts.google.com/o/oauth2/v2/auth"
            provider.tokenURL = "https://oauth2.googleapis.com/token"
            provider.deviceURL = "https://oauth2.googleapis.com/device/code"
            provider.scopes = ["https://mail.google.com/", "openid", "email"]
            provider.parameters = ["access_type": "offline", "prompt": "consent"]
            provider.domains = ["gmail.com", "googlemail.com"]
            provider.servers = servers(imap: "imap.gmail.com", smtp: "smtp.gmail.com")
        case "microsoft":
            let base = "https://login.microsoftonline.com/\(tenant)"
            // Its `iss` names the user's tenant, which is not known before; so it is not compared for the common ones.
            provider.issuer =
                ["common", "organizations", "consumers"].contains(tenant) ? nil : base + "/v2.0"
            provider.authorizationURL = base + "/oauth2/v2.0/authorize"
            provider.tokenURL = base + "/oauth2/v2.0/token"
            provider.deviceURL = base + "/oauth2/v2.0/devicecode"
            provider.scopes = [
                "https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send",
                "offline_access", "openid", "email",
            ]
            provider.domains = ["outlook.com", "hotmail.com", "live.com", "msn.com"]
            provider.servers = servers(imap: "outlook.office365.com", smtp: "smtp.office365.com", submission: 587)
        case "yahoo":
            provider.issuer = "https://api.login.yahoo.com"
            provider.authorizationURL = "https://api.login.yahoo.com/oauth2/request_auth"
            provider.tokenURL = "https://api.login.yahoo.com/oauth2/get_token"
            provider.scopes = ["mail-w", "openid"]
            provider.domains = ["yahoo.com", "ymail.com", "rocketmail.com"]
            provider.servers = servers(imap: "imap.mail.yahoo.com", smtp: "smtp.mail.yahoo.com")
        case "fastmail":
            provider.issuer = "https://api.fastmail.com"
            provider.authorizationURL = "https://api.fastmail.com/oauth/authorize"
            provider.tokenURL = "https://api.fastmail.com/oauth/refresh"
            provider.scopes = ["urn:ietf:params:oauth:scope:mail", "offline_access"]
            provider.domains = ["fastmail.com", "fastmail.fm"]
            provider.servers = servers(imap: "imap.fastmail.com", smtp: "smtp.fastmail.com")
        default: break
        }
        return provider
    }

    private static func servers(imap: String, smtp: String, submission: UInt16 = 465) -> [MailProtocol: ServerEndpoint]
    {
        [
            .imap: ServerEndpoint(host: imap, port: 993, security: .tls),
            .smtp: ServerEndpoint(host: smtp, port: submission, security: submission == 465 ? .tls : .starttls),
        ]
    }
}
