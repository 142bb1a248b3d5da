import Model
import Wire

extension Authentication {
    /// Reads the secret members of credentials: `password`, `certificate` with `privateKey`, or `oauth2`; nil where there is
    /// none, or what there is left a fault.
    static func read(_ reader: inout ObjectReader) -> Authentication? {
        let password = reader.optional("password")
        let certificate = reader.optional("certificate")
        let privateKey = reader.optional("privateKey")
        let oauth2 = reader.optional("oauth2")
        let given = [password, certificate ?? privateKey, oauth2].compactMap(\.self)
        guard given.count <= 1 else {
            given.last?.fail("cannot stand beside another way to log in")
            return nil
        }
        if let password { return password.string(maximum: Limits.line).map { .password(Secret($0)) } }
        if let oauth2 { return oauth2.object(OAuthGrant.read).map { .oauth2($0) } }
        if certificate != nil || privateKey != nil {
            let chain = reader.required("certificate")?.string(maximum: Limits.certificate)
            let key = reader.required("privateKey")?.string(maximum: Limits.certificate)
            guard let chain, let key else { return nil }
            return .certificate(ClientCertificate(chain: chain, privateKey: Secret(key)))
        }
        return nil
    }
}

extension OAuthGrant {
    private enum GrantType: String, CaseIterable {
        case refreshToken = "refresh_token"
        case clientCredentials = "client_credentials"
    }

    /// `{"provider", "refreshToken"}`, `{"provider", "grantType": "client_credentials"}`, `{"serviceAccount"}`, or `{"tokenUrl",
    /// "authorization"?}`.
    static func read(_ reader: inout ObjectReader) -> OAuthGrant? {
        if let url = reader.optional("tokenUrl") {
            let authorization = reader.optional("authorization")?.line().map { Secret($0) }
            return url.line().map { .endpoint(url: $0, authorization: authorization) }
        }
        if let account = reader.optional("serviceAccount") {
            let subject = reader.optional("subject")?.line()
            return account.object(ServiceAccount.read).map { .serviceAccount($0, subject: subject) }
        }
        let provider = reader.required("provider")?.line()
        let type = reader.optional("grantType").map { $0.choice(of: GrantType.self) } ?? .refreshToken
        guard let provider, let type else { return nil }
        if type == .clientCredentials { return .clientCredentials(provider: provider) }
        return reader.required("refreshToken")?.line(maximum: Limits.token).map {
            .refreshToken(provider: provider, refreshToken: Secret($0))
        }
    }
}

extension ServiceAccount {
    /// The members of Google's key file that matter, in this API's spelling.
    static func read(_ reader: inout ObjectReader) -> ServiceAccount? {
        let email = reader.required("clientEmail")?.line()
        let key = reader.required("privateKey")?.string(maximum: Limits.certificate)
        let keyID = reader.optional("privateKeyId")?.line()
        let url = reader.optional("tokenUrl").map { $0.line() } ?? "https://oauth2.googleapis.com/token"
        let scope = reader.optional("scope").map { $0.line() } ?? "https://mail.google.com/"
        guard let email, let key, let url, let scope else { return nil }
        return ServiceAccount(email: email, keyID: keyID, privateKey: Secret(key), tokenURL: url, scope: scope)
    }
}
