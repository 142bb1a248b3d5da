/// Every bound of this target.
enum Limits {
    /// Accounts whose settings and opened secrets stay in memory.
    static let cachedAccounts = 20_000
    /// Tokens that are known without asking the store.
    static let cachedTokens = 10_000
    /// How long a token is believed without asking, so that one revoked by another process ends soon.
    static let tokenCacheLifetime = Duration.seconds(1)
    /// Times an unconditional change is merged again because another one came between.
    static let updateAttempts = 5
    /// Characters of an account's or token's name.
    static let nameLength = 200
    /// Octets of an e-mail address (RFC 5321, 4.5.3.1.3, and what a UTF-8 one may add).
    static let addressOctets = 320
    /// Octets of a host name (RFC 1035, 2.3.4).
    static let hostOctets = 253
    /// Octets of a user name, and of a password.
    static let credentialOctets = 4096
    /// Days that messages may be kept on a POP3 server before they are deleted.
    static let retentionDays = 36_500
    /// How long a domain is asked what it publishes, and how long the servers that were found are probed.
    static let discoveryAsking = Duration.seconds(6)
    static let discoveryProbing = Duration.seconds(8)
    /// Servers that one source may name, and that are probed in all.
    static let discoveredServers = 16
    static let probedServers = 40
    /// A configuration file's octets, depth and elements.
    static let configurationOctets = 128 << 10
    static let configurationDepth = 16
    static let configurationElements = 2_000
    /// Octets of CA certificates in PEM.
    static let certificateOctets = 256 << 10
    /// The longest life of a token that expires at all.
    static let tokenLifetime = Duration.seconds(10 * 366 * 86_400)
}
