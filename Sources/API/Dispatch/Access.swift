import HTTP
package import Model

/// Who may call what: the one place where tokens, scopes and accounts are compared.
package enum Access {
    /// The credentials of RFC 6750 section 2.1; nil where none of this scheme came.
    package static func bearer(_ authorization: String?) throws(Problem) -> String? {
        guard let authorization else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard let scheme = parts.first, scheme.lowercased() == "bearer" else { return nil }
        guard parts.count == 2, parts[1].utf8.count <= Limits.bearer, parts[1].utf8.allSatisfy(isToken68) else {
            throw invalidToken
        }
        return String(parts[1])
    }

    /// b64token of RFC 6750: letters, digits and `-._~+/=`.
    private static func isToken68(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D...0x2F, 0x3D, 0x5F, 0x7E: true
        default: false
        }
    }

    /// Refuses what the token may not do.
    ///
    /// Whether the account exists is asked later, so a refusal does not tell.
    package static func check(
        _ principal: Principal, _ operation: Operation, account: AccountID?
    ) throws(Problem) {
        try check(principal, operation.scopes)
        if let account {
            guard principal.may(use: account) else {
                throw Problem(.accountForbidden, "The token is not bound to the account \(account).")
            }
        } else if operation.scopes == [.admin], principal.accounts != nil {
            throw Problem(.accountForbidden, "This concerns all accounts, and the token is bound to some.")
        }
    }

    /// Refuses a token that is used from where it may not be.
    package static func check(_ principal: Principal, from address: String) throws(Problem) {
        guard principal.may(comeFrom: address) else {
            throw Problem(.addressForbidden, "The token may not be used from this address.")
        }
    }

    /// Refuses a token that has none of the scopes.
    package static func check(_ principal: Principal, _ scopes: [Scope]) throws(Problem) {
        guard scopes.contains(where: { principal.may($0) }) else {
            let names = scopes.map(\.rawValue).joined(separator: " ")
            throw Problem(
                .insufficientScope,
                "This needs the scope \(scopes.map(\.rawValue).joined(separator: " or ")).",
                fields: [.wwwAuthenticate: challenge + ", error=\"insufficient_scope\", scope=\"\(names)\""])
        }
    }

    /// No error code where no credentials came (RFC 6750 section 3.1).
    package static var unauthenticated: Problem {
        Problem(.unauthenticated, "Send Authorization: Bearer <token>.", fields: [.wwwAuthenticate: challenge])
    }

    package static var invalidToken: Problem {
        Problem(
            .invalidToken, "The token is unknown, revoked or expired.",
            fields: [.wwwAuthenticate: challenge + ", error=\"invalid_token\""])
    }

    package static var invalidTicket: Problem {
        Problem(
            .invalidToken, "The ticket is unknown or older than its minute, or its token has ended.",
            fields: [.wwwAuthenticate: challenge + ", error=\"invalid_token\""])
    }

    private static let challenge = "Bearer realm=\"mailbridge\""
}
