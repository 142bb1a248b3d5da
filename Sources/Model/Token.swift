/// An API token as it is shown: everything but its secret.
package struct Token: Sendable, Equatable {
    package var id: TokenID
    package var name: String
    package var scopes: Set<Scope>
    /// Accounts the token is bound to; nil for all.
    package var accounts: Set<AccountID>?
    package var createdAt: Timestamp
    package var expiresAt: Timestamp?

    package init(
        id: TokenID, name: String, scopes: Set<Scope>, accounts: Set<AccountID>?, createdAt: Timestamp,
        expiresAt: Timestamp?
    ) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.accounts = accounts
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// What a token may do; `admin` includes the others.
package enum Scope: String, Sendable, CaseIterable, Comparable {
    case admin
    case read
    case write
    case send
    case events

    package static func < (left: Scope, right: Scope) -> Bool { left.rawValue < right.rawValue }
}

/// Who makes a request, as its token says.
package struct Principal: Sendable, Equatable {
    /// The token's id, or `admin` for the token of the settings: two tokens may share a name, never this.
    package var id: String
    package var name: String
    package var scopes: Set<Scope>
    package var accounts: Set<AccountID>?

    package init(id: String, name: String, scopes: Set<Scope>, accounts: Set<AccountID>?) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.accounts = accounts
    }

    package func may(_ scope: Scope) -> Bool { scopes.contains(.admin) || scopes.contains(scope) }

    package func may(use account: AccountID) -> Bool { accounts?.contains(account) ?? true }
}

extension Principal {
    /// The id of whoever presents the token of the settings; ids of stored tokens begin with `tok_`.
    package static let settingsID = "admin"

    /// Whether the token is the one of the settings, which is stored nowhere.
    package var isOfSettings: Bool { id == Self.settingsID }
}
