/// An API token as it is shown: everything but its secret.
package struct Token: Sendable, Equatable {
    package var id: TokenID
    package var name: String
    package var scopes: Set<Scope>
    /// Accounts the token is bound to; nil for all.
    package var accounts: Set<AccountID>?
    /// Where it may be used from; nil for everywhere.
    package var addresses: [AddressRange]?
    /// Requests a minute; nil for what the settings say.
    package var rateLimit: Int?
    package var createdAt: Timestamp
    package var expiresAt: Timestamp?
    /// To the minute.
    package var lastUsedAt: Timestamp?

    package init(
        id: TokenID, name: String, scopes: Set<Scope>, accounts: Set<AccountID>?, addresses: [AddressRange]? = nil,
        rateLimit: Int? = nil, createdAt: Timestamp, expiresAt: Timestamp?, lastUsedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.accounts = accounts
        self.addresses = addresses
        self.rateLimit = rateLimit
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
    }
}

/// What a caller gives to make a token.
package struct TokenDraft: Sendable, Equatable {
    package var name: String
    package var scopes: Set<Scope>
    package var accounts: Set<AccountID>?
    package var expiresIn: Duration?
    package var addresses: [AddressRange]?
    package var rateLimit: Int?

    package init(
        name: String, scopes: Set<Scope>, accounts: Set<AccountID>? = nil, expiresIn: Duration? = nil,
        addresses: [AddressRange]? = nil, rateLimit: Int? = nil
    ) {
        self.name = name
        self.scopes = scopes
        self.accounts = accounts
        self.expiresIn = expiresIn
        self.addresses = addresses
        self.rateLimit = rateLimit
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
    /// The token's id, or `admin` for the token of the settings, or `jwt:` and who an identity provider says it is: two
    /// tokens may share a name, never this.
    package var id: String
    package var name: String
    package var scopes: Set<Scope>
    package var accounts: Set<AccountID>?
    package var addresses: [AddressRange]?
    package var rateLimit: Int?
    /// When a token that is stored nowhere ends.
    package var expiresAt: Timestamp?

    package init(
        id: String, name: String, scopes: Set<Scope>, accounts: Set<AccountID>?, addresses: [AddressRange]? = nil,
        rateLimit: Int? = nil, expiresAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.accounts = accounts
        self.addresses = addresses
        self.rateLimit = rateLimit
        self.expiresAt = expiresAt
    }

    package func may(_ scope: Scope) -> Bool { scopes.contains(.admin) || scopes.contains(scope) }

    package func may(use account: AccountID) -> Bool { accounts?.contains(account) ?? true }

    package func may(comeFrom address: String) -> Bool {
        addresses?.contains { $0.contains(address) } ?? true
    }
}

extension Principal {
    /// The id of whoever presents the token of the settings; ids of stored tokens begin with `tok_`.
    package static let settingsID = "admin"
    /// What ids of an identity provider's users begin with.
    package static let foreignPrefix = "jwt:"

    /// Whether the token is the one of the settings, which is stored nowhere.
    package var isOfSettings: Bool { id == Self.settingsID }
    /// Whether an identity provider of the user's own vouches for it.
    package var isForeign: Bool { id.hasPrefix(Self.foreignPrefix) }
}
