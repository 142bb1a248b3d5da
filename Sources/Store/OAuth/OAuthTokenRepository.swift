import Database
package import Model
import Wire

/// Access and refresh tokens of accounts, sealed; and who may renew them now.
///
/// A refresh token that a provider replaces is good for one use: of several nodes one renews, the others wait for what it
/// stores. The right to renew is a row's lock with an epoch and an end, so a node that dies holds it for a moment only.
package struct OAuthTokenRepository: Sendable {
    let database: any SQLDatabase
    let sealer: Sealer

    /// What became of asking for the right to renew.
    package enum Claim: Sendable, Equatable {
        /// It is ours; `epoch` proves it when the result is stored. `tokens` are the newest that there are.
        case granted(epoch: Int64, tokens: OAuthTokens?)
        /// Somebody else renews.
        case taken
        /// The account is gone.
        case gone
    }

    package func tokens(of holder: OAuthHolder) async throws -> OAuthTokens? {
        let sealed = try await database.read { sql in
            try sql.first(
                """
                SELECT sealed FROM oauth_tokens
                WHERE account_id = \(holder.account.rawValue) AND holder = \(holder.column)
                """
            )?.optionalBlob("sealed")
        }
        return try sealed.flatMap { $0 }.map { try open($0, holder) }
    }

    package func claim(
        _ holder: OAuthHolder, by node: String, for time: Duration, now: Timestamp = .now()
    ) async throws -> Claim {
        let row = try await database.write { sql -> (epoch: Int64, sealed: [UInt8]?)?? in
            let account = try sql.first(
                "SELECT id FROM accounts WHERE id = \(holder.account.rawValue)\(sql.dialect.lockingRows)")
            guard account != nil else { return .some(nil) }
            try sql.execute(
                """
                INSERT INTO oauth_tokens (account_id, holder, lock_epoch)
                VALUES (\(holder.account.rawValue), \(holder.column), \(now.milliseconds))
                ON CONFLICT (account_id, holder) DO NOTHING
                """)
            let row = try sql.first(
                """
                UPDATE oauth_tokens SET locked_by = \(node), locked_until = \(now.advanced(by: time).milliseconds),
                    lock_epoch = lock_epoch + 1
                WHERE account_id = \(holder.account.rawValue) AND holder = \(holder.column)
                    AND (locked_until IS NULL OR locked_until <= \(now.milliseconds))
                RETURNING lock_epoch, sealed
                """)
            guard let row else { return nil }
            return (try row.integer("lock_epoch"), try row.optionalBlob("sealed"))
        }
        guard let found = row else { return .taken }
        guard let found else { return .gone }
        return .granted(epoch: found.epoch, tokens: try found.sealed.map { try open($0, holder) })
    }

    /// Stores what was issued, refresh token included, and gives the right back; false where it was lost meanwhile.
    package func store(
        _ tokens: OAuthTokens, of holder: OAuthHolder, epoch: Int64, now: Timestamp = .now()
    ) async throws -> Bool {
        let sealed = try sealer.seal(try Document.octets(TokensDocument(tokens)), at: Self.place(holder))
        return try await database.execute(
            """
            UPDATE oauth_tokens SET sealed = \(sealed), expires_at = \(tokens.expiresAt.milliseconds),
                renewed_at = \(now.milliseconds), locked_by = NULL, locked_until = NULL
            WHERE account_id = \(holder.account.rawValue) AND holder = \(holder.column) AND lock_epoch = \(epoch)
            """) == 1
    }

    /// Gives the right back without a result.
    package func release(_ holder: OAuthHolder, epoch: Int64) async throws {
        try await database.execute(
            """
            UPDATE oauth_tokens SET locked_by = NULL, locked_until = NULL
            WHERE account_id = \(holder.account.rawValue) AND holder = \(holder.column) AND lock_epoch = \(epoch)
            """)
    }

    /// Holders whose tokens nobody has renewed since then: their refresh tokens would die of it (Microsoft: 90 days).
    package func idle(since: Timestamp, limit: Int) async throws -> [OAuthHolder] {
        try await database.read { sql in
            try sql.rows(
                """
                SELECT account_id, holder FROM oauth_tokens WHERE renewed_at <= \(since.milliseconds)
                ORDER BY renewed_at LIMIT \(limit)
                """
            ).map { row in
                OAuthHolder(
                    account: AccountID(rawValue: try row.text("account_id")),
                    mailProtocol: MailProtocol(rawValue: try row.text("holder")))
            }
        }
    }

    /// Forgets tokens of credentials that were replaced, in the transaction that replaces them.
    static func forget(_ account: AccountID, _ sql: any SQLConnection) throws {
        try sql.execute("DELETE FROM oauth_tokens WHERE account_id = \(account.rawValue)")
    }

    /// Tokens ready to be written in a transaction.
    struct Sealed: Sendable {
        let holder: OAuthHolder
        let sealed: [UInt8]
        let expiresAt: Timestamp
    }

    func sealed(_ tokens: [MailProtocol?: OAuthTokens], of account: AccountID) throws -> [Sealed] {
        try tokens.map { name, tokens in
            let holder = OAuthHolder(account: account, mailProtocol: name)
            return Sealed(
                holder: holder,
                sealed: try sealer.seal(try Document.octets(TokensDocument(tokens)), at: Self.place(holder)),
                expiresAt: tokens.expiresAt)
        }
    }

    static func insert(
        _ tokens: [Sealed], of account: AccountID, at time: Timestamp, _ sql: any SQLConnection
    ) throws {
        for entry in tokens {
            try sql.execute(
                """
                INSERT INTO oauth_tokens (account_id, holder, sealed, expires_at, renewed_at, lock_epoch)
                VALUES (\(account.rawValue), \(entry.holder.column), \(entry.sealed),
                    \(entry.expiresAt.milliseconds), \(time.milliseconds), \(time.milliseconds))
                """)
        }
    }

    private func open(_ sealed: [UInt8], _ holder: OAuthHolder) throws -> OAuthTokens {
        let octets = try sealer.open(sealed, at: Self.place(holder))
        return try Document.decode(TokensDocument.self, from: octets, place: "oauth_tokens/sealed").model
    }

    private static func place(_ holder: OAuthHolder) -> SealedPlace { place(holder.account, holder.column) }

    static func place(_ account: AccountID, _ holder: String) -> SealedPlace {
        SealedPlace(table: "oauth_tokens", row: "\(account.rawValue)/\(holder)", column: "sealed")
    }
}

/// How tokens are written before they are sealed.
private struct TokensDocument: Codable {
    var access: String
    var refresh: String?
    var expiresAt: Int64
    var lifetime: Int64

    init(_ tokens: OAuthTokens) {
        access = tokens.access.revealed
        refresh = tokens.refresh?.revealed
        expiresAt = tokens.expiresAt.milliseconds
        lifetime = tokens.lifetime.components.seconds
    }

    var model: OAuthTokens {
        OAuthTokens(
            access: Secret(access), refresh: refresh.map { Secret($0) },
            expiresAt: Timestamp(milliseconds: expiresAt), lifetime: .seconds(lifetime))
    }
}
