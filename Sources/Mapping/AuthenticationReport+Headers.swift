package import MIME
package import Model

extension AuthenticationReport {
    /// What servers that the account believes say of the sender.
    ///
    /// Anybody can write such fields (RFC 8601, 7.1), so one counts only if it bears the name of a server that is believed, and stands
    /// above the first `Received` of somebody else: a server puts its fields on top, and removes from what comes in those that pretend
    /// to be its own (section 5). Once one was found, those below the next `Received` are older ones, and do not count.
    package init?(reading headers: Headers, believing authorities: AuthenticationAuthorities) {
        var walk = TraceWalk(authorities)
        walk: for field in headers.fields {
            switch field.name.lowercased() {
            case "received": guard walk.pass(ReceivedTrace(field.rawValue)) else { break walk }
            case "authentication-results": walk.meet(field)
            // Here begins what the sender wrote.
            case "from", "to", "subject", "date", "message-id": break walk
            default: continue
            }
        }
        let found = walk.found
        guard let first = found.first else { return nil }
        self.init(
            authority: first.authservID, isLearned: authorities.named == nil,
            results: found.flatMap(\.statements).map { statement in
                AuthenticationResult(
                    method: statement.method, result: statement.result, reason: statement.reason,
                    properties: statement.properties.map { ("\($0.type).\($0.name)", $0.value) })
            })
    }
}

/// The way down a header, from the last server to the first.
private struct TraceWalk {
    private let authorities: AuthenticationAuthorities
    /// Since the last `Received`, or since the top.
    private var met: [AuthenticationResults] = []
    /// Hosts of the account's network that took the message, as far as nobody else can have written that.
    ///
    /// A server removes what pretends to be its own, not what pretends to be its neighbour's: so it is the host's name that counts, not
    /// that of its network.
    private var hosts: Set<String> = []
    /// Whether a stranger cannot have written what comes next: above the first `Received`, and below those by LMTP.
    private var isWithin = true
    private var traces = 0

    init(_ authorities: AuthenticationAuthorities) { self.authorities = authorities }

    mutating func meet(_ field: HeaderField) {
        guard met.count < Limits.authenticationResults, let results = AuthenticationResults(parsing: field.rawValue)
        else { return }
        met.append(results)
    }

    /// Whether it goes on below this.
    mutating func pass(_ trace: ReceivedTrace?) -> Bool {
        traces += 1
        guard traces <= Limits.traces, let trace, isOwn(trace) else { return false }
        // The server may have put its results above its trace too.
        if isWithin, authorities.hasLearned(trace.host) { hosts.insert(trace.host) }
        guard found.isEmpty else { return false }
        isWithin = isWithin && trace.isLocal
        // What stands above a trace by LMTP may be of the server that handed it on, whose own trace is the next.
        if !isWithin { met = [] }
        return true
    }

    /// Those of the first server that is believed.
    var found: [AuthenticationResults] {
        var hosts = hosts
        if isWithin, let host = authorities.host { hosts.insert(host) }
        let believed = met.filter { authorities.believes($0.authservID, of: hosts) }
        guard let first = believed.first else { return [] }
        return believed.filter { authorities.areOne($0.authservID, first.authservID) }
    }

    /// Whether a server of ours took the message there; one within a provider's network gives an address instead of names.
    private func isOwn(_ trace: ReceivedTrace) -> Bool {
        authorities.owns(trace.host)
            || !trace.saysFrom && trace.host.contains(":") && trace.host.allSatisfy { $0.isHexDigit || $0 == ":" }
    }
}
