/// Every bound of this target.
enum Limits {
    /// Mailboxes that an account's sync may be narrowed to.
    static let syncedMailboxes = 1_000
    /// DKIM keys of an account: two kinds, each with one that follows it.
    static let signingKeys = 4
    /// Octets of a key's selector, which may be several labels of a DNS name.
    static let selectorOctets = 63
    /// Servers whose word on senders an account believes.
    static let authservIDs = 10
    /// An issuer's keys are read anew after this; tried at most every so often; and believed while they cannot be.
    static let keysFresh = Duration.seconds(600)
    static let keysPause = Duration.seconds(30)
    static let keysTrusted = Duration.seconds(86_400)
    /// Seconds by which another's clock may differ.
    static let clockLeeway = 30
    /// A token's last use is stored this often.
    static let useInterval = Duration.seconds(60)
    /// Requests a minute that a token may be limited to.
    static let rateLimit = 1...1_000_000
    /// Entries of the audit log that wait to be written.
    static let auditBacklog = 10_000
    /// How long a link to connect a mailbox is good.
    static let authorizationLifetime = Duration.seconds(3600)
    /// How long asking about a device and connecting its mailbox may take.
    static let devicePoll = Duration.seconds(90)
    /// How long a page waits for mail servers.
    static let connectPatience = Duration.seconds(30)
    /// Tokens that were not renewed for so long are, so many at a time: Microsoft ends refresh tokens after 90 days.
    static let idleTokens = Duration.seconds(7 * 86_400)
    static let idleTokensAtOnce = 100
    /// Octets of a URL.
    static let urlOctets = 2_048
    /// The longest life of an access token that is believed.
    static let tokenSeconds = 86_400
    /// How long before its expiry a token is renewed, at most.
    static let renewalLead = Duration.seconds(300)
    /// How long a node may take to renew a token, and what others wait for that: together longer than it.
    static let renewalTime = Duration.seconds(90)
    static let renewalPause = Duration.milliseconds(250)
    static let renewalWaits = 400
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
