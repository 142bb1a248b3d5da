package import Model
package import Wire

/// An access token and what it is renewed with.
package struct OAuthTokens: Sendable, Equatable {
    package var access: Secret
    package var refresh: Secret?
    package var expiresAt: Timestamp
    /// How long it was good for when it was made.
    package var lifetime: Duration

    package init(access: Secret, refresh: Secret?, expiresAt: Timestamp, lifetime: Duration) {
        self.access = access
        self.refresh = refresh
        self.expiresAt = expiresAt
        self.lifetime = lifetime
    }
}

/// Whose tokens: an account's, for all its protocols or for one with credentials of its own.
package struct OAuthHolder: Sendable, Hashable {
    package var account: AccountID
    /// Nil for the common credentials.
    package var mailProtocol: MailProtocol?

    package init(account: AccountID, mailProtocol: MailProtocol?) {
        self.account = account
        self.mailProtocol = mailProtocol
    }

    var column: String { mailProtocol?.rawValue ?? "shared" }
}
