import Crypto
import Database
package import Model
package import Wire

/// API tokens.
///
/// Of a secret only its SHA-256 is kept: it has 256 random bits, so there is nothing to guess or to salt.
package struct TokenRepository: Sendable {
    let database: any SQLDatabase

    private static let columns: SQL =
        "id, name, scopes, accounts, created_at, expires_at, last_used_at, addresses, rate_limit"

    package func insert(_ token: Token, secret: Secret) async throws {
        let digest = Self.digest(secret)
        let scopes = try Document.text(token.scopes.map(\.rawValue).sorted())
        let accounts = try token.accounts.map { try Document.text($0.map(\.rawValue).sorted()) }
        let addresses = try token.addresses.map { try Document.text($0.map(\.description)) }
        try await database.execute(
            """
            INSERT INTO tokens (\(Self.columns), digest) VALUES (
                \(token.id.rawValue), \(token.name), \(scopes), \(accounts), \(token.createdAt.milliseconds),
                \(token.expiresAt?.milliseconds), NULL, \(addresses), \(token.rateLimit.map(Int64.init)), \(digest))
            """)
    }

    /// The token that this secret belongs to, whether expired or not.
    package func token(secret: Secret) async throws -> Token? {
        let digest = Self.digest(secret)
        return try await database.read { sql in
            try sql.first("SELECT \(Self.columns) FROM tokens WHERE digest = \(digest)").map(Self.token)
        }
    }

    /// The token of this id, whether expired or not.
    package func token(_ id: TokenID) async throws -> Token? {
        try await database.read { sql in
            try sql.first("SELECT \(Self.columns) FROM tokens WHERE id = \(id.rawValue)").map(Self.token)
        }
    }

    /// Oldest first.
    package func list(after cursor: PageCursor?, limit: Int) async throws -> Page<Token> {
        let limit = pageSize(limit)
        let after = cursor ?? .oldestFirst
        let tokens = try await database.read { sql in
            try sql.rows(
                """
                SELECT \(Self.columns) FROM tokens
                WHERE (created_at, id) > (\(after.createdAt.milliseconds), \(after.id))
                ORDER BY created_at, id LIMIT \(limit + 1)
                """
            ).map(Self.token)
        }
        return Page(tokens, limit: limit) { PageCursor(createdAt: $0.createdAt, id: $0.id.rawValue) }
    }

    /// Notes when a token was used last.
    package func noteUse(_ id: TokenID, at time: Timestamp) async throws {
        try await database.execute(
            "UPDATE tokens SET last_used_at = \(time.milliseconds) WHERE id = \(id.rawValue)")
    }

    /// False where there is no such token.
    package func delete(_ id: TokenID) async throws -> Bool {
        try await database.execute("DELETE FROM tokens WHERE id = \(id.rawValue)") == 1
    }

    package func removeExpired(now: Timestamp) async throws {
        try await database.execute(
            "DELETE FROM tokens WHERE expires_at IS NOT NULL AND expires_at <= \(now.milliseconds)")
    }

    private static func digest(_ secret: Secret) -> [UInt8] { Array(SHA256.hash(data: secret.utf8)) }

    private static func token(_ row: SQLRow) throws -> Token {
        let scopes = try Document.decode([String].self, from: row.text("scopes"), place: "tokens/scopes")
        let accounts = try row.optionalText("accounts").map {
            try Document.decode([String].self, from: $0, place: "tokens/accounts")
        }
        let addresses = try row.optionalText("addresses").map {
            try Document.decode([String].self, from: $0, place: "tokens/addresses")
        }
        return Token(
            id: TokenID(rawValue: try row.text("id")), name: try row.text("name"),
            scopes: Set(scopes.compactMap(Scope.init)),
            accounts: accounts.map { Set($0.map(AccountID.init(rawValue:))) },
            // A range that cannot be read lets nobody in, rather than everybody.
            addresses: addresses.map { $0.compactMap(AddressRange.init) },
            rateLimit: try row.optionalInteger("rate_limit").map { Int($0) },
            createdAt: Timestamp(milliseconds: try row.integer("created_at")),
            expiresAt: try row.optionalInteger("expires_at").map(Timestamp.init),
            lastUsedAt: try row.optionalInteger("last_used_at").map(Timestamp.init))
    }
}
