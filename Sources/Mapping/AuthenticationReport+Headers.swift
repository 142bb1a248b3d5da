package import MIME
package import Model

extension AuthenticationReport {
    /// What servers that the account believes say of the sender.
    ///
    /// Anybody can write such fields (RFC 8601, 7.1), so one counts only if it bears the name of a server that is believed, and stands
    /// above the first `Received` of somebody else: a server puts its fields on top, and removes from what comes in those that pretend
    /// to be its own (section 5). Once one was found, those below the next `Received` are older ones, and do not count.
    package init?(reading headers: Headers, believing authorities: AuthenticationAuthorities) {
        var found: [AuthenticationResults] = []
        walk: for field in headers.fields {
            switch field.name.lowercased() {
            case "received":
                guard found.isEmpty, Self.isOwn(headers.text(of: field), authorities) else { break walk }
            case "authentication-results":
                guard let results = AuthenticationResults(parsing: field.rawValue),
                    authorities.believes(results.authservID),
                    found.allSatisfy({ $0.authservID.lowercased() == results.authservID.lowercased() })
                else { continue }
                found.append(results)
            // Here begins what the sender wrote.
            case "from", "to", "subject", "date", "message-id": break walk
            default: continue
            }
        }
        guard let first = found.first else { return nil }
        self.init(
            authority: first.authservID, isLearned: authorities.named == nil,
            results: found.flatMap(\.statements).map { statement in
                AuthenticationResult(
                    method: statement.method, result: statement.result, reason: statement.reason,
                    properties: statement.properties.map { ("\($0.type).\($0.name)", $0.value) })
            })
    }

    /// Whether a server of ours took the message there; one within a provider's network gives an address instead of names.
    private static func isOwn(_ received: String, _ authorities: AuthenticationAuthorities) -> Bool {
        let words = received.prefix(2000).split { $0.isWhitespace || $0 == ";" }
        guard let by = words.firstIndex(where: { $0.lowercased() == "by" }), by + 1 < words.count else { return false }
        let host = words[by + 1].prefix { $0 != "(" }
        if authorities.owns(String(host)) { return true }
        return words.first?.lowercased() == "by" && host.contains(":") && host.allSatisfy { $0.isHexDigit || $0 == ":" }
    }
}
