package import Model
import Representation
package import Store
package import Wire

/// Asks authorization servers for tokens: every grant that accounts use.
package struct OAuthClient: Sendable {
    package let providers: ProviderDirectory
    let send: WebSender
    let now: @Sendable () -> Timestamp

    package init(
        providers: ProviderDirectory, send: @escaping WebSender, now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.providers = providers
        self.send = send
        self.now = now
    }

    /// New tokens by that grant; `latest` are those that it gave last.
    package func renew(_ grant: OAuthGrant, latest: OAuthTokens?) async throws(OAuthFault) -> OAuthTokens {
        switch grant {
        case .refreshToken(let name, let first):
            let refresh = latest?.refresh ?? first
            var tokens = try await ask(
                name, [FormField("grant_type", "refresh_token"), FormField("refresh_token", refresh)]
            ).tokens
            // A provider that does not replace it means that the old one stays good (RFC 6749 section 6).
            tokens.refresh = tokens.refresh ?? refresh
            return tokens
        case .clientCredentials(let name):
            let provider = try await providers.provider(name)
            // Microsoft takes no other scope with this grant.
            let scope =
                name == "microsoft" ? "https://outlook.office365.com/.default" : provider.scopes.joined(separator: " ")
            return try await ask(
                name,
                [FormField("grant_type", "client_credentials")] + (scope.isEmpty ? [] : [FormField("scope", scope)])
            ).tokens
        case .serviceAccount(let account, let subject):
            let assertion = try await ServiceAccountAssertion.make(account, subject: subject, now: now())
            let form = [
                FormField("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                FormField("assertion", assertion),
            ]
            return try await read(WebRequest(account.tokenURL, form: form)).tokens
        case .endpoint(let url, let authorization):
            return try await read(WebRequest(url, authorization: authorization)).tokens
        }
    }

    /// Trades an authorization code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
    package func redeem(
        code: Secret, verifier: Secret, redirect: String, provider: String
    ) async throws(OAuthFault) -> TokenAnswer.Issued {
        try await ask(
            provider,
            [
                FormField("grant_type", "authorization_code"), FormField("code", code),
                FormField("redirect_uri", redirect), FormField("code_verifier", verifier),
            ])
    }

    /// What a person on another device is shown (RFC 8628 section 3.2).
    package struct DeviceAuthorization: Sendable, Equatable {
        package var deviceCode: Secret
        package var userCode: String
        package var verificationURL: String
        package var completeURL: String?
        package var expiresIn: Duration
        package var interval: Duration
    }

    package func authorizeDevice(_ name: String) async throws(OAuthFault) -> DeviceAuthorization {
        let provider = try await providers.provider(name, forDevice: true)
        guard let url = provider.deviceURL else { throw .notConfigured("\(name) has no device flow") }
        let form = [FormField("scope", provider.scopes.joined(separator: " "))]
        let document = try TokenAnswer.document(try await answer(provider.request(url, form)))
        if let code = document["error"]?.text {
            throw .refused(code: code, text: document["error_description"]?.text)
        }
        // Google says `verification_url`.
        guard let deviceCode = document["device_code"]?.text, let userCode = document["user_code"]?.text,
            let page = document["verification_uri"]?.text ?? document["verification_url"]?.text
        else { throw .malformed("no device code") }
        return DeviceAuthorization(
            deviceCode: Secret(deviceCode), userCode: userCode, verificationURL: page,
            completeURL: document["verification_uri_complete"]?.text,
            expiresIn: .seconds(min(max(document["expires_in"]?.wholeNumber ?? 600, 1), 3600)),
            interval: .seconds(min(max(document["interval"]?.wholeNumber ?? 5, 1), 60)))
    }

    /// Asks once whether the person has consented: `authorization_pending` and `slow_down` are refusals to wait after.
    package func redeem(device code: Secret, provider: String) async throws(OAuthFault) -> TokenAnswer.Issued {
        try await ask(
            provider,
            [
                FormField("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                FormField("device_code", code),
            ])
    }

    private func ask(_ name: String, _ form: [FormField]) async throws(OAuthFault) -> TokenAnswer.Issued {
        let provider = try await providers.provider(name)
        guard let url = provider.tokenURL else { throw .notConfigured("\(name) has no token endpoint") }
        return try await read(provider.request(url, form))
    }

    private func read(_ request: WebRequest) async throws(OAuthFault) -> TokenAnswer.Issued {
        let started = now()
        return try TokenAnswer.read(try await answer(request), now: started)
    }

    private func answer(_ request: WebRequest) async throws(OAuthFault) -> WebAnswer {
        do throws(WebFault) {
            return try await send(request)
        } catch {
            throw .unavailable(error.text)
        }
    }
}

extension OAuthProvider {
    /// A request that proves which client it is of: by Basic, which every server must take, or in the form where the
    /// settings say so; a client without a secret only says its name (RFC 6749 section 2.3.1).
    fileprivate func request(_ url: String, _ form: [FormField]) -> WebRequest {
        let name = FormField("client_id", clientID)
        guard let clientSecret else { return WebRequest(url, form: form + [name]) }
        guard !secretInForm else {
            return WebRequest(url, form: form + [name, FormField("client_secret", clientSecret)])
        }
        let pair = FormField.escaped(clientID) + ":" + FormField.escaped(clientSecret.revealed)
        return WebRequest(
            url, form: form + [name], authorization: Secret("Basic " + Base64.encode(Array(pair.utf8))))
    }
}
