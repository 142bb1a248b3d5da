import Model
import Wire

/// How `AccountCredentials` is written before it is sealed; the only place where a secret becomes part of a document.
struct CredentialsDocument: Codable {
    struct Entry: Codable {
        var username: String
        /// One of these three.
        var password: String?
        var certificate: Certificate?
        var oauth2: Grant?

        init(_ credentials: Credentials) {
            username = credentials.username
            switch credentials.authentication {
            case .password(let secret): password = secret.revealed
            case .certificate(let given):
                certificate = Certificate(chain: given.chain, privateKey: given.privateKey.revealed)
            case .oauth2(let grant): oauth2 = Grant(grant)
            }
        }

        func credentials() throws(StoreError) -> Credentials {
            let authentication: Authentication
            if let password {
                authentication = .password(Secret(password))
            } else if let certificate {
                authentication = .certificate(
                    ClientCertificate(chain: certificate.chain, privateKey: Secret(certificate.privateKey)))
            } else if let grant = oauth2?.grant {
                authentication = .oauth2(grant)
            } else {
                throw .unreadable("credentials/sealed")
            }
            return Credentials(username: username, authentication: authentication)
        }
    }

    struct Certificate: Codable {
        var chain: String
        var privateKey: String
    }

    struct Grant: Codable {
        struct Account: Codable {
            var email: String
            var keyID: String?
            var privateKey: String
            var tokenURL: String
            var scope: String
            var subject: String?
        }

        var provider: String?
        var refreshToken: String?
        var serviceAccount: Account?
        var url: String?
        var authorization: String?

        init(_ grant: OAuthGrant) {
            switch grant {
            case .refreshToken(let provider, let token):
                self.provider = provider
                refreshToken = token.revealed
            case .clientCredentials(let provider): self.provider = provider
            case .serviceAccount(let account, let subject):
                serviceAccount = Account(
                    email: account.email, keyID: account.keyID, privateKey: account.privateKey.revealed,
                    tokenURL: account.tokenURL, scope: account.scope, subject: subject)
            case .endpoint(let url, let authorization):
                self.url = url
                self.authorization = authorization?.revealed
            }
        }

        var grant: OAuthGrant? {
            if let serviceAccount {
                return .serviceAccount(
                    ServiceAccount(
                        email: serviceAccount.email, keyID: serviceAccount.keyID,
                        privateKey: Secret(serviceAccount.privateKey), tokenURL: serviceAccount.tokenURL,
                        scope: serviceAccount.scope), subject: serviceAccount.subject)
            }
            if let url { return .endpoint(url: url, authorization: authorization.map { Secret($0) }) }
            guard let provider else { return nil }
            guard let refreshToken else { return .clientCredentials(provider: provider) }
            return .refreshToken(provider: provider, refreshToken: Secret(refreshToken))
        }
    }

    struct Signing: Codable {
        var domain: String
        var selector: String
        var privateKey: String
    }

    var shared: Entry?
    var own: [String: Entry]
    /// Absent where the account signs nothing.
    var signing: [Signing]?

    init(_ credentials: AccountCredentials) {
        shared = credentials.shared.map(Entry.init)
        own = Dictionary(uniqueKeysWithValues: credentials.own.map { ($0.key.rawValue, Entry($0.value)) })
        guard !credentials.signing.isEmpty else { return }
        signing = credentials.signing.map {
            Signing(domain: $0.domain, selector: $0.selector, privateKey: $0.privateKey.revealed)
        }
    }

    func credentials() throws(StoreError) -> AccountCredentials {
        var result = AccountCredentials(shared: try shared?.credentials())
        for (name, entry) in own {
            if let name = MailProtocol(rawValue: name) { result.own[name] = try entry.credentials() }
        }
        result.signing = (signing ?? []).map {
            SigningSecret(domain: $0.domain, selector: $0.selector, privateKey: Secret($0.privateKey))
        }
        return result
    }
}
