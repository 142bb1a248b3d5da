package import Model
import Store
package import Wire

/// Tickets for browsers, and whether a reader may still read.
extension EventService {
    /// A ticket that stands for `principal` on the event stream for a minute, shown only `accounts` of those it may see.
    package func makeTicket(
        for principal: Principal, accounts: Set<AccountID>?
    ) async throws -> (secret: Secret, expiresAt: Timestamp) {
        let expires = now().advanced(by: Limits.ticketLifetime)
        let secret = TicketSecret.make()
        var ticket = StreamTicketRepository.Ticket(token: nil, accounts: accounts, expiresAt: expires)
        if principal.isForeign {
            // Nothing is stored of what it may see, so the ticket says all of it.
            ticket.accounts = accounts.map { principal.accounts?.intersection($0) ?? $0 } ?? principal.accounts
            ticket.holder = principal.id
            ticket.holderEndsAt = principal.expiresAt
        } else if !principal.isOfSettings {
            ticket.token = TokenID(rawValue: principal.id)
        }
        try await store.tickets.insert(ticket, secret: secret)
        return (secret, expires)
    }

    /// Who presents this ticket; nil where it is unknown or over, or the token that made it is.
    package func principal(ticket: String) async throws -> Principal? {
        guard TicketSecret.isWellFormed(ticket),
            let found = try await store.tickets.ticket(secret: Secret(ticket)), found.expiresAt > now()
        else { return nil }
        if let holder = found.holder {
            guard let end = found.holderEndsAt, end > now() else { return nil }
            return Principal(id: holder, name: holder, scopes: [.events], accounts: found.accounts, expiresAt: end)
        }
        guard let id = found.token else {
            guard hasAdminToken else { return nil }
            return Principal(id: Principal.settingsID, name: "admin", scopes: [.events], accounts: found.accounts)
        }
        guard let token = try await store.tokens.token(id), !isOver(token) else { return nil }
        let accounts = found.accounts.map { token.accounts?.intersection($0) ?? $0 } ?? token.accounts
        return Principal(
            id: id.rawValue, name: token.name, scopes: [.events], accounts: accounts, rateLimit: token.rateLimit)
    }

    /// Whether the token behind `principal` still exists.
    package func isActive(_ principal: Principal) async throws -> Bool {
        if principal.isOfSettings { return hasAdminToken }
        if principal.isForeign { return principal.expiresAt.map { $0 > now() } ?? false }
        guard let token = try await store.tokens.token(TokenID(rawValue: principal.id)) else { return false }
        return !isOver(token)
    }

    private func isOver(_ token: Token) -> Bool { token.expiresAt.map { $0 <= now() } ?? false }
}

/// How a ticket is written: `mbt_` and 256 random bits in base64url.
private enum TicketSecret {
    static func make() -> Secret { Secret("mbt_" + Base64.encodeURLSafe(RandomOctets.make(32))) }

    static func isWellFormed(_ text: String) -> Bool { text.utf8.count == 47 && text.hasPrefix("mbt_") }
}
