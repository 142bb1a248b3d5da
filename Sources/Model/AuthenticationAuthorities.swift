/// Whose `Authentication-Results` an account believes.
package struct AuthenticationAuthorities: Sendable, Equatable {
    /// Named in the account: believed as they are written, and then nobody else.
    package let named: [String]?
    /// The account's own server, lower case; nil where it has no name.
    package let host: String?
    /// That host, and the domain that it is in where that is certainly one owner's.
    private let network: [String]
    /// The domain in whose names a large provider speaks; what pretends to be of it, it removes.
    private let provider: String?

    private init(named: [String]?, host: String?) {
        self.named = named
        let network = host.map(Self.network) ?? []
        self.network = network
        self.host = network.isEmpty ? nil : host?.lowercased()
        provider = host.flatMap { Self.providers[$0.lowercased()] }
    }

    package static let none = AuthenticationAuthorities(named: nil, host: nil)

    /// Of an account: what it names, else what its server's name tells.
    package init(_ account: Account) {
        self.init(named: account.authservIDs, host: account.keeper.flatMap { account.servers[$0]?.endpoint.host })
    }

    /// Whether the word of such a server counts in a message that `hosts` have taken, each lower case.
    package func believes(_ authority: String, of hosts: Set<String>) -> Bool {
        let authority = authority.lowercased()
        if let named { return named.contains { $0.lowercased() == authority } }
        return hosts.contains(authority) || provider.map { Self.isWithin(authority, [$0]) } ?? false
    }

    /// Whether two that are believed are one: some providers have a name for each method.
    package func areOne(_ one: String, _ other: String) -> Bool {
        let names = [one.lowercased(), other.lowercased()]
        return names[0] == names[1]
            || provider.map { domain in names.allSatisfy { Self.isWithin($0, [domain]) } } ?? false
    }

    /// Whether a host is of the network of the account's own server.
    package func hasLearned(_ host: String) -> Bool { Self.isWithin(host.lowercased(), network) }

    /// Whether a host that took the message on its way is of those that we believe.
    package func owns(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || hasLearned(host) || Self.isWithin(host, (named ?? []).flatMap(Self.network))
    }

    private static func isWithin(_ host: String, _ domains: [String]) -> Bool {
        domains.contains { host == $0 || host.hasSuffix("." + $0) }
    }

    private static func network(of host: String) -> [String] {
        let host = host.lowercased()
        if let provider = providers[host] { return [provider] }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        // An address has no domain.
        guard let last = labels.last, !last.isEmpty, !last.allSatisfy(\.isNumber), !host.contains(":") else {
            return []
        }
        guard labels.count >= 3 else { return [host] }
        let parent = labels.dropFirst()
        // `co.uk` and its like are nobody's.
        let isShared = parent.count == 2 && last.count == 2 && (parent.first?.count ?? 0) <= 3
        return isShared ? [host] : [parent.joined(separator: ".")]
    }

    /// Providers whose servers that take mail are called otherwise than those that keep it.
    private static let providers: [String: String] = [
        "imap.gmail.com": "mx.google.com", "imap.googlemail.com": "mx.google.com",
        "pop.gmail.com": "mx.google.com", "imap.fastmail.com": "messagingengine.com",
        "imap.mail.yahoo.com": "yahoo.com", "imap.mail.me.com": "icloud.com",
    ]
}
