import Crypto
import Database
package import Model
package import Wire

/// Short-lived keys to the event stream, for browsers, which can set no header on it.
///
/// A ticket stands for the token that it was made with and ends with it; a null token is the one of the settings.
package struct StreamTicketRepository: Sendable {
    let database: any SQLDatabase

    /// What a ticket stands for.
    package struct Ticket: Sendable, Equatable {
        package var token: TokenID?
        /// The only accounts it shows; nil for all of the token's.
        package var accounts: Set<AccountID>?
        package var expiresAt: Timestamp
        /// Whose it is, where an identity provider vouches for them, and until when it does; `token` is nil then.
        package var holder: String?
        package var holderEndsAt: Timestamp?

        package init(
            token: TokenID?, accounts: Set<AccountID>?, expiresAt: Timestamp, holder: String? = nil,
            holderEndsAt: Timestamp? = nil
        ) {
            self.holder = holder
            self.holderEndsAt = holderEndsAt
            self.token = token
            self.accounts = accounts
            self.expiresAt = expiresAt
        }
    }

    package func insert(_ ticket: Ticket, secret: Secret) async throws {
        let digest = Self.digest(secret)
        let accounts = try ticket.accounts.map { try Document.text($0.map(\.rawValue).sorted()) }
        try await database.execute(
            """
            INSERT INTO stream_tickets (digest, token_id, accounts, expires_at, holder, holder_ends_at)
            VALUES (\(digest), \(ticket.token?.rawValue), \(accounts), \(ticket.expiresAt.milliseconds),
                \(ticket.holder), \(ticket.holderEndsAt?.milliseconds))
            """)
    }

    /// The ticket that this secret belongs to, expired or not.
    package func ticket(secret: Secret) async throws -> Ticket? {
        let digest = Self.digest(secret)
        return try await database.read { sql in
            try sql.first("SELECT * FROM stream_tickets WHERE digest = \(digest)").map {
                let accounts = try $0.optionalText("accounts").map {
                    try Document.decode([String].self, from: $0, place: "stream_tickets/accounts")
                }
                return Ticket(
                    token: try $0.optionalText("token_id").map(TokenID.init(rawValue:)),
                    accounts: accounts.map { Set($0.map(AccountID.init(rawValue:))) },
                    expiresAt: Timestamp(milliseconds: try $0.integer("expires_at")),
                    holder: try $0.optionalText("holder"),
                    holderEndsAt: try $0.optionalInteger("holder_ends_at").map(Timestamp.init))
            }
        }
    }

    package func removeExpired(now: Timestamp) async throws {
        try await database.execute("DELETE FROM stream_tickets WHERE expires_at <= \(now.milliseconds)")
    }

    private static func digest(_ secret: Secret) -> [UInt8] { Array(SHA256.hash(data: secret.utf8)) }
}
