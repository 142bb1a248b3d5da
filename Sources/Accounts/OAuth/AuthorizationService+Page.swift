import Crypto
import MailClient
package import Model
import Store
package import Wire

/// The verbs of the hosted page.
extension AuthorizationService {
    /// What the page of that link shows.
    package func page(_ link: String) async throws -> Authorization { try await open(link).authorization }

    /// Sends the person to the provider: the URL to go to.
    ///
    /// `cookie` is what the browser has, and from now on the flow is this browser's.
    package func begin(_ link: String, cookie: Secret, email: String?, provider name: String) async throws -> String {
        var record = try await open(link)
        if let asked = record.authorization.provider, asked != name { throw AuthorizationError.over }
        let provider: OAuthProvider
        do throws(OAuthFault) {
            provider = try await client.providers.provider(name)
        } catch {
            throw AuthorizationError.failed(error.description)
        }
        guard let url = provider.authorizationURL else {
            throw AuthorizationError.failed("\(name) has no authorization endpoint")
        }
        let (state, verifier) = (Self.secret(), Self.secret())
        record.browser = Self.digest(cookie.revealed)
        record.verifier = verifier
        record.authorization.provider = name
        if let email { record.authorization.email = email }
        guard try await store.authorizations.update(record, state: state) else { throw AuthorizationError.over }
        var fields = [
            FormField("response_type", "code"), FormField("client_id", provider.clientID),
            FormField("redirect_uri", settings.redirectURL),
            FormField("scope", provider.scopes.joined(separator: " ")), FormField("state", state),
            FormField("code_challenge", Self.digest(verifier.revealed)), FormField("code_challenge_method", "S256"),
        ]
        if let email = record.authorization.email { fields.append(FormField("login_hint", email)) }
        for (name, value) in provider.parameters.sorted(by: { $0.key < $1.key }) {
            fields.append(FormField(name, value))
        }
        return url + (url.contains("?") ? "&" : "?") + FormField.encode(fields)
    }

    /// What the provider's redirect brought.
    package struct ProviderAnswer: Sendable {
        package var state: String
        package var code: Secret?
        package var error: String?
        package var issuer: String?

        package init(state: String, code: Secret?, error: String?, issuer: String?) {
            self.state = state
            self.code = code
            self.error = error
            self.issuer = issuer
        }
    }

    /// Takes the provider's answer: where to go on, with the result.
    package func complete(_ answer: ProviderAnswer, cookie: Secret?) async throws -> Ending {
        guard let record = try await store.authorizations.take(state: Secret(answer.state)),
            record.authorization.status == .pending, record.authorization.expiresAt > now(),
            let cookie, let browser = record.browser, browser == Self.digest(cookie.revealed),
            let name = record.authorization.provider, let verifier = record.verifier
        else { throw AuthorizationError.over }
        do throws(OAuthFault) {
            let provider = try await client.providers.provider(name)
            // An answer of another server than the one that was asked (RFC 9207, the mix-up attack).
            if let issuer = answer.issuer, let own = provider.issuer, issuer != own {
                throw .malformed("as \(issuer), which was not asked")
            }
            if let error = answer.error { throw .refused(code: error, text: nil) }
            guard let code = answer.code else { throw .malformed("without a code") }
            let issued = try await client.redeem(
                code: code, verifier: verifier, redirect: settings.redirectURL, provider: name)
            return try await ending(record) { try await connect($0, issued) }
        } catch {
            return try await ending(record) { _ in throw AuthorizationError.failed(error.description) }
        }
    }

    /// Connects a mailbox by password, with servers that the person named; throws what the person can mend.
    package func connect(
        _ link: String, email: String, password: Secret, servers: [MailProtocol: ServerEndpoint]
    ) async throws -> Ending {
        let record = try await open(link)
        // The form shows what it may; whoever writes his own is held to the same.
        guard record.authorization.provider == nil else { throw AuthorizationError.over }
        if let wanted = record.authorization.email, wanted.lowercased() != email.lowercased() {
            throw AuthorizationError.failed("\(wanted) is to be connected, not \(email)")
        }
        let credentials = Credentials(username: email, authentication: .password(password))
        let id = try await connect(record.authorization, email, credentials, servers, by: visitors)
        return try await ending(record) { _ in id }
    }

    /// Where a page leads.
    package struct Ending: Sendable, Equatable {
        package var authorization: Authorization
        /// The caller's URL with the result; nil where it gave none.
        package var url: String?

        package init(authorization: Authorization, url: String?) {
            self.authorization = authorization
            self.url = url
        }
    }

    /// Notes what became of it, whatever that is, and makes the result.
    private func ending(
        _ record: AuthorizationRecord, _ body: (Authorization) async throws -> AccountID
    ) async throws(OAuthFault) -> Ending {
        var record = record
        do {
            record.authorization.account = try await body(record.authorization)
            record.authorization.status = .completed
        } catch {
            record.authorization.status = .failed
            record.authorization.fault = Self.text(of: error)
        }
        record.verifier = nil
        let result = Self.secret()
        let isStored = (try? await store.authorizations.update(record, result: result)) ?? false
        guard isStored else { throw .unavailable("the store") }
        let url = record.authorization.returnURL.map { url in
            url + (url.contains("?") ? "&" : "?")
                + FormField.encode([
                    FormField("result", result), FormField("status", record.authorization.status.rawValue),
                ])
        }
        return Ending(authorization: record.authorization, url: url)
    }

    private func open(_ link: String) async throws -> AuthorizationRecord {
        guard link.utf8.count <= 64, let record = try await store.authorizations.find(link: Secret(link)),
            record.authorization.status == .pending, record.authorization.expiresAt > now(),
            record.deviceCode == nil
        else { throw AuthorizationError.over }
        return record
    }

    /// Makes the account, or gives an existing one its new consent.
    func connect(_ authorization: Authorization, _ issued: TokenAnswer.Issued) async throws -> AccountID {
        guard let name = authorization.provider, let provider = client.providers.configured[name] else {
            throw AuthorizationError.failed("the provider is gone")
        }
        guard let refresh = issued.tokens.refresh else {
            throw AuthorizationError.failed("\(name) gave no refresh token")
        }
        guard let email = issued.identity.flatMap(TokenAnswer.email(in:)) ?? authorization.email else {
            throw AuthorizationError.failed("\(name) did not say whose mailbox it is")
        }
        // Whoever signs in to another mailbox than the one that was asked for connects nothing by accident.
        if let wanted = authorization.email, wanted.lowercased() != email.lowercased() {
            throw AuthorizationError.failed("you signed in as \(email), but \(wanted) was to be connected")
        }
        let grant = OAuthGrant.refreshToken(provider: name, refreshToken: refresh)
        return try await connect(
            authorization, email, Credentials(username: email, authentication: .oauth2(grant)), provider.servers,
            by: accounts)
    }

    private func connect(
        _ authorization: Authorization, _ email: String, _ credentials: Credentials,
        _ servers: [MailProtocol: ServerEndpoint], by accounts: AccountService
    ) async throws -> AccountID {
        let deadline = ContinuousClock.now + Limits.connectPatience
        if let id = authorization.account, let (account, held) = try await store.accounts.opened(id) {
            guard
                account.email.lowercased() == email.lowercased()
                    || account.username?.lowercased() == email.lowercased()
            else { throw AuthorizationError.failed("the account is of \(account.email), not of \(email)") }
            // Its servers were not named here: they are the operator's, wherever they are.
            return try await self.accounts.update(
                id, with: Self.renewal(of: held, with: credentials), ifRevision: nil, verify: true, deadline: deadline
            ).id
        }
        // One authorization makes one account, also where the button is pressed twice.
        let made = AccountID(rawValue: "acc_" + authorization.id.trimmingPrefix("auth_"))
        let draft = AccountDraft(
            id: authorization.account ?? made, name: authorization.name, email: email, servers: servers,
            credentials: credentials)
        return try await accounts.create(draft, verify: true, deadline: deadline).id
    }

    /// Puts new credentials where the old ones of their kind are: the provider's consents, else those of all protocols.
    private static func renewal(of held: AccountCredentials, with new: Credentials) -> AccountPatch {
        var places: [MailProtocol?] = [nil]
        if case .oauth2(.refreshToken(let provider, _)) = new.authentication {
            let renewed = held.consents.filter { $0.provider == provider }.map(\.holder)
            if !renewed.isEmpty { places = renewed }
        }
        var patch = AccountPatch()
        for place in places {
            let username = held.held(at: place)?.username ?? new.username
            let change = CredentialsPatch(username: username, authentication: new.authentication)
            if let place {
                patch.servers[place] = .some(ServerPatch(credentials: .some(change)))
            } else {
                patch.credentials = change
            }
        }
        return patch
    }

    /// A sentence for the person at the page.
    package static func text(of error: any Error) -> String {
        switch error {
        case AuthorizationError.failed(let text): text
        case let fault as OAuthFault: fault.description
        case AccountError.verificationFailed(let refused):
            refused.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue): \($0.value)" }
                .joined(separator: "; ")
        case AccountError.invalid(let faults):
            faults.map { "\($0.pointer) \($0.detail)" }.joined(separator: "; ")
        case AccountError.alreadyExists(let id): "there is an account \(id) already"
        default: "it could not be stored"
        }
    }
}
