package import Wire

/// By which right an account gets access tokens (RFC 6749); the tokens themselves are kept apart, as they change.
package enum OAuthGrant: Sendable, Equatable {
    /// A person allowed it: by the hosted page, by the device flow, or elsewhere with the refresh token given to us.
    ///
    /// `refreshToken` is the first one; the provider may replace it with each use.
    case refreshToken(provider: String, refreshToken: Secret)
    /// The application itself has access to the mailbox (Microsoft 365; RFC 6749 section 4.4).
    case clientCredentials(provider: String)
    /// A Google service account with domain-wide delegation (RFC 7523).
    ///
    /// `subject` is the user it acts for.
    case serviceAccount(ServiceAccount, subject: String?)
    /// The user's own HTTP endpoint gives tokens: `{"access_token", "expires_in"}`, as a token endpoint would.
    case endpoint(url: String, authorization: Secret?)
}

/// What Google's JSON key file holds of use.
package struct ServiceAccount: Sendable, Equatable {
    /// `client_email`.
    package var email: String
    /// `private_key_id`.
    package var keyID: String?
    /// `private_key`, PKCS #8 in PEM.
    package var privateKey: Secret
    /// `token_uri`.
    package var tokenURL: String
    package var scope: String

    package init(email: String, keyID: String?, privateKey: Secret, tokenURL: String, scope: String) {
        self.email = email
        self.keyID = keyID
        self.privateKey = privateKey
        self.tokenURL = tokenURL
        self.scope = scope
    }
}

/// Gives access tokens that are still valid for a while.
package struct AccessTokenSource: Sendable, Equatable {
    /// Why there is no token.
    package enum Fault: Error, Sendable, Equatable {
        /// The grant was withdrawn or has expired: a person has to consent again.
        case consentNeeded(String)
        /// The provider could not be asked now.
        case unavailable(String)
    }

    /// Of which account and protocol.
    package let id: String
    /// The token to use; one that the server refused is named, so that another is got.
    package let token: @Sendable (_ refused: Secret?) async throws(Fault) -> Secret

    package init(id: String, token: @escaping @Sendable (_ refused: Secret?) async throws(Fault) -> Secret) {
        self.id = id
        self.token = token
    }

    package static func == (left: AccessTokenSource, right: AccessTokenSource) -> Bool { left.id == right.id }
}
