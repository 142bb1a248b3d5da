/// What was found out about the servers of an address.
package struct Discovery: Sendable, Equatable {
    package var email: String
    /// Best first.
    package var candidates: [DiscoveredServer]
    /// Where was looked, and what that brought, in the order in which it counts.
    package var sources: [DiscoverySource]

    package init(email: String, candidates: [DiscoveredServer], sources: [DiscoverySource]) {
        self.email = email
        self.candidates = candidates
        self.sources = sources
    }

    /// The one to propose: the best that answered, else the best that somebody published.
    package func proposal(_ mailProtocol: MailProtocol) -> DiscoveredServer? {
        let fitting = candidates.filter { $0.mailProtocol == mailProtocol }
        return fitting.first { $0.isReachable } ?? fitting.first { $0.origin != .guess }
    }
}

/// A server that may be the one.
package struct DiscoveredServer: Sendable, Equatable {
    /// Who says so, the most trustworthy first.
    package enum Origin: String, Sendable, CaseIterable, Comparable {
        /// A configuration file of the domain (draft-ietf-mailmaint-autoconfig).
        case autoconfig
        /// SRV records of the domain (RFC 6186, 8314).
        case srv
        /// A directory of providers' configuration files, such as Thunderbird's.
        case directory
        /// A configuration file of whoever receives the domain's mail.
        case mxAutoconfig = "mx-autoconfig"
        /// A name that such servers usually have.
        case guess

        package static func < (left: Origin, right: Origin) -> Bool { left.rank < right.rank }

        fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package var mailProtocol: MailProtocol
    package var endpoint: ServerEndpoint
    package var username: String
    package var origin: Origin
    /// Where it was found: a name of records, or an address of a file.
    package var evidence: String
    /// How little to believe it: by who says so, and whoever says it without TLS may be anybody on the way.
    package var doubt: Int {
        evidence.hasPrefix("http://") ? Origin.guess.rank * 2 - 1 : origin.rank * 2
    }
    /// Whether it greeted us under TLS with a certificate for its name.
    package var isReachable: Bool
    /// Why not, where it did not.
    package var fault: String?
    /// Ways to log in that the configuration names, such as `password-cleartext` or `OAuth2`.
    package var authentication: [String]

    package init(
        mailProtocol: MailProtocol, endpoint: ServerEndpoint, username: String, origin: Origin, evidence: String,
        isReachable: Bool = false, fault: String? = nil, authentication: [String] = []
    ) {
        self.mailProtocol = mailProtocol
        self.endpoint = endpoint
        self.username = username
        self.origin = origin
        self.evidence = evidence
        self.isReachable = isReachable
        self.fault = fault
        self.authentication = authentication
    }
}

/// A place where was looked.
package struct DiscoverySource: Sendable, Equatable {
    package var origin: DiscoveredServer.Origin
    /// A name of records, an address of a file.
    package var place: String
    /// Servers that it names; nil where it could not be asked in time, or does not exist.
    package var servers: Int?
    /// Why not.
    package var fault: String?

    package init(origin: DiscoveredServer.Origin, place: String, servers: Int?, fault: String? = nil) {
        self.origin = origin
        self.place = place
        self.servers = servers
        self.fault = fault
    }
}
