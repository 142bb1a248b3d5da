import Crypto
package import Model
package import Store
import Wire

/// Connects mailboxes whose owners are asked by a page of ours, or on another device.
///
/// Secrets that travel through a browser are good for one use each: the link to the page, the `state` of the provider's
/// answer, and the result that the caller fetches. Page and answer are tied to one browser by its cookie, so nobody can
/// make somebody else's browser finish what he began (RFC 6749 section 10.12).
package struct AuthorizationService: Sendable {
    /// What the settings say of it.
    package struct Settings: Sendable {
        /// What our own URLs begin with; empty: there is no page.
        package var publicURL: String
        /// Where the page may lead in the end: exact, but for the query.
        package var returnURLs: [String]

        package init(publicURL: String, returnURLs: [String]) {
            self.publicURL = publicURL
            self.returnURLs = returnURLs
        }

        /// Where providers lead back to, to be registered with them.
        package var redirectURL: String { publicURL + "/oauth/callback" }
    }

    let store: MailStore
    let accounts: AccountService
    /// The same for servers that a visitor of the page names.
    let visitors: AccountService
    package let client: OAuthClient
    package let settings: Settings
    let now: @Sendable () -> Timestamp

    package init(
        store: MailStore, accounts: AccountService, visitors: AccountService? = nil, client: OAuthClient,
        settings: Settings,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.store = store
        self.accounts = accounts
        self.visitors = visitors ?? accounts
        self.client = client
        self.settings = settings
        self.now = now
    }

    /// Begins one; the URL is the page's, nil with a device.
    package func create(_ draft: AuthorizationDraft) async throws -> (authorization: Authorization, url: String?) {
        var draft = draft
        if draft.provider == nil, let email = draft.email {
            draft.provider = client.providers.provider(ofAddress: email)
        }
        let faults = faults(draft)
        guard faults.isEmpty else { throw AuthorizationError.invalid(faults) }
        guard draft.usesDevice || !settings.publicURL.isEmpty else { throw AuthorizationError.noPublicURL }
        let created = now()
        var record = AuthorizationRecord(
            Authorization(
                id: IdentifierGenerator.make(prefix: "auth"), email: draft.email, provider: draft.provider,
                account: draft.account, name: draft.name, returnURL: draft.returnURL, createdAt: created,
                expiresAt: created.advanced(by: Limits.authorizationLifetime)))
        if draft.usesDevice, let provider = draft.provider { try await begin(&record, with: provider) }
        let link = Self.secret()
        try await store.authorizations.insert(record, link: link)
        return (record.authorization, draft.usesDevice ? nil : "\(settings.publicURL)/connect/\(link.revealed)")
    }

    /// The page's URL for whoever follows a link to consent again.
    package func reopened(_ link: String) async throws -> String {
        guard let id = store.consentLinks.account(of: link, now: now()),
            let (account, credentials) = try await store.accounts.opened(id), account.state == .authenticationFailed,
            let consent = credentials.consents.first(where: { consent in
                // The one that failed, where there are several.
                account.lastError.map {
                    credentials.credentials(for: $0.mailProtocol) == credentials.held(at: consent.holder)
                }
                    ?? true
            }) ?? credentials.consents.first,
            let url = try await create(
                AuthorizationDraft(email: account.email, provider: consent.provider, account: id)
            ).url
        else { throw AuthorizationError.over }
        return url
    }

    /// What became of it; one on a device is asked about, as often as the provider allows.
    package func authorization(_ id: String) async throws -> Authorization {
        guard var record = try await store.authorizations.find(id), record.authorization.expiresAt > now() else {
            throw AuthorizationError.notFound
        }
        if record.authorization.status == .pending, record.deviceCode != nil { try await poll(&record) }
        return record.authorization
    }

    /// Gives the result that the page brought to the caller's URL, once.
    package func redeem(_ result: String) async throws -> Authorization {
        guard let record = try await store.authorizations.take(result: Secret(result)),
            record.authorization.expiresAt > now()
        else { throw AuthorizationError.over }
        return record.authorization
    }

    private func faults(_ draft: AuthorizationDraft) -> [FieldFault] {
        var faults: [FieldFault] = []
        if let name = draft.provider, client.providers.configured[name] == nil {
            faults.append(FieldFault(pointer: "/provider", detail: "is no provider of this server's settings"))
        }
        if draft.usesDevice, draft.provider == nil {
            faults.append(FieldFault(pointer: "/provider", detail: "is required for a device"))
        }
        if draft.usesDevice, draft.email == nil {
            faults.append(FieldFault(pointer: "/email", detail: "is required for a device"))
        }
        if let url = draft.returnURL, !mayReturn(to: url) {
            faults.append(
                FieldFault(pointer: "/returnUrl", detail: "is not among MAILBRIDGE_RETURN_URLS of this server"))
        }
        return faults
    }

    /// Exactly one of the list, with any query: a prefix would let `https://app.example.evil` through.
    private func mayReturn(to url: String) -> Bool {
        guard url.utf8.allSatisfy({ (0x21..<0x7F).contains($0) && $0 != 0x23 && $0 != 0x5C && $0 != 0x22 }) else {
            return false
        }
        let path = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
        return settings.returnURLs.contains { $0 == path }
    }

    static func secret() -> Secret { Secret(Base64.encodeURLSafe(RandomOctets.make(32))) }

    static func digest(_ text: String) -> String { Base64.encodeURLSafe(Array(SHA256.hash(data: Array(text.utf8)))) }
}
