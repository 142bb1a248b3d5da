import MailClient
import Model
import Store

extension AccountSettings {
    /// The grants among the credentials, with whose they are: nil for the common ones.
    var grants: [MailProtocol?: OAuthGrant] {
        var grants: [MailProtocol?: OAuthGrant] = [:]
        if case .oauth2(let grant)? = credentials.shared?.authentication { grants[nil] = grant }
        for (name, own) in credentials.own {
            if case .oauth2(let grant) = own.authentication { grants[name] = grant }
        }
        return grants
    }

    /// What is wrong with the grants as far as the settings of this server tell.
    ///
    /// What a provider gives is good at its servers, and is shown to no others.
    func grantFaults(_ providers: [String: OAuthProvider]) -> [FieldFault] {
        let strangers = servers.compactMap { name, endpoint -> FieldFault? in
            guard let provider = grants[holder(of: name)]?.provider, let known = providers[provider]?.servers,
                !known.isEmpty, !known.values.contains(where: { $0.isBeside(endpoint) })
            else { return nil }
            return FieldFault(pointer: "/\(name.rawValue)/host", detail: "is no server of the provider \(provider)")
        }
        return strangers
            + grants.compactMap { holder, grant in
                let pointer = (holder.map { "/\($0.rawValue)" } ?? "") + "/credentials/oauth2"
                switch grant {
                case .refreshToken(let name, _), .clientCredentials(let name):
                    guard providers[name] == nil else { return nil }
                    let known = providers.keys.sorted().joined(separator: ", ")
                    return FieldFault(
                        pointer: pointer + "/provider",
                        detail: "is no provider of this server's settings"
                            + (known.isEmpty ? ", which name none" : "; they name \(known)"))
                case .serviceAccount(let account, _):
                    return Self.fault(inURL: account.tokenURL, at: pointer + "/serviceAccount/tokenUrl")
                case .endpoint(let url, _): return Self.fault(inURL: url, at: pointer + "/tokenUrl")
                }
            }
    }

    private static func fault(inURL text: String, at pointer: String) -> FieldFault? {
        let isGood = (text.hasPrefix("https://") || text.hasPrefix("http://")) && text.utf8.count <= Limits.urlOctets
        return isGood ? nil : FieldFault(pointer: pointer, detail: "must be an https URL")
    }
}

extension OAuthGrant {
    fileprivate var provider: String? {
        switch self {
        case .refreshToken(let name, _), .clientCredentials(let name): name
        case .serviceAccount, .endpoint: nil
        }
    }
}

extension ServerEndpoint {
    /// The same host, or one of the same domain: `pop.gmail.com` beside `imap.gmail.com`.
    fileprivate func isBeside(_ other: ServerEndpoint) -> Bool {
        func domain(_ host: String) -> Substring { host.lowercased().drop { $0 != "." } }
        let own = domain(host)
        return host.lowercased() == other.host.lowercased()
            || own.dropFirst().contains(".") && own == domain(other.host)
    }
}

extension AccountService {
    /// Tokens by the grants of settings that are not stored yet, so that they can be probed; stored with the account.
    ///
    /// A refresh token may be good for one use: what it brings must not be lost, so whoever calls this stores it.
    func issue(_ settings: AccountSettings) async throws(AccountError) -> [MailProtocol?: OAuthTokens] {
        var issued: [MailProtocol?: OAuthTokens] = [:]
        var refused: [MailProtocol: MailClientError] = [:]
        for (holder, grant) in settings.grants {
            do throws(OAuthFault) {
                issued[holder] = try await oauth?.renew(grant, latest: nil)
            } catch {
                for name in settings.servers.keys where settings.holder(of: name) == holder {
                    refused[name] =
                        error.needsConsent
                        ? .authenticationFailed(name, text: error.description)
                        : .unavailable(name, text: error.description)
                }
            }
        }
        guard refused.isEmpty else { throw .verificationFailed(refused) }
        return issued
    }
}

extension AccountSettings {
    /// Whose credentials a protocol uses: its own, or nil for the common ones.
    func holder(of name: MailProtocol) -> MailProtocol? { credentials.own[name] == nil ? nil : name }

    /// The logins with tokens that were just issued.
    func logins(with issued: [MailProtocol?: OAuthTokens]) -> [MailProtocol: ServerLogin] {
        logins { holder, _ in
            issued[holder].map { tokens in AccessTokenSource(id: "issued") { _ in tokens.access } }
        }
    }

    /// The logins, with where their tokens come from.
    func logins(_ source: (MailProtocol?, OAuthGrant) -> AccessTokenSource?) -> [MailProtocol: ServerLogin] {
        var logins = logins
        for name in logins.keys {
            let holder = holder(of: name)
            guard let grant = grants[holder] else { continue }
            logins[name]?.tokens = source(holder, grant)
        }
        return logins
    }
}
