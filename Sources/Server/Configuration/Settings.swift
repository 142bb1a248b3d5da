package import Accounts
package import Logging
package import Transport
package import Wire

/// Everything an operator can set, with the values that hold when nothing is said.
package struct Settings: Sendable {
    /// Where the API listens; port 0 takes a free one.
    package var listen = ListenAddress(host: "127.0.0.1", port: 8825)
    package var dataDirectory: String
    /// nil: `mailbridge.db` in the data directory.
    package var database: DatabaseLocation?
    /// To PostgreSQL, besides the one that listens.
    package var databaseConnections = 10
    /// Whether the start brings an older schema up to date; nil: with SQLite, and with an empty database.
    package var migrates: Bool?
    /// 32 octets in base64; nil: kept in, or made in, the data directory.
    package var secretKey: Secret?
    /// A token with every scope that need not be created first.
    package var adminToken: Secret?
    /// Exact origins that browsers may call from.
    package var corsOrigins: [String] = []
    /// What links begin with that we make; empty: they are relative.
    package var publicURL = ""
    /// Paths of PEM files; both or none.
    package var tlsCertificate: String?
    package var tlsKey: String?
    package var logLevel = Logger.Level.info
    package var logFormat = LogFormat.text
    /// Octets of a JSON request body.
    package var maxBodyBytes = 32 << 20
    /// Octets of a message that is imported.
    package var maxMessageBytes = 50 << 20
    package var maxConnections = 20_000
    /// Event loops; 0 means one a core.
    package var loops = 0
    /// Worker sessions an account may hold at its IMAP server.
    package var sessionsPerAccount = 3
    /// How long the event log is kept.
    package var eventRetention = Duration.seconds(7 * 24 * 3600)
    /// Whether this process keeps accounts in step; one that does not only answers requests.
    package var syncs = true
    /// Whether webhooks may lead to loopback and private addresses, and speak plain http.
    package var webhookAllowPrivate = false
    /// Deliveries to one webhook at the same time.
    package var webhookConcurrency = 32
    /// How often mailboxes are asked about that no server tells us of; also how long a dead connection may go unnoticed.
    package var pollInterval = Duration.seconds(60)
    /// Who is asked for names by discovery, and whether it may call loopback and private addresses.
    package var nameServer = NameServer.system
    package var discoveryAllowPrivate = false
    /// The address of a directory of providers' configuration files, to which a domain is added.
    package var discoveryDirectory: String?
    /// How often POP3 servers are visited.
    package var maildropInterval = Duration.seconds(300)
    /// Whether servers that have NOTIFY (RFC 5465) are asked for news of all mailboxes.
    package var usesNotify = true
    /// Authorization servers that accounts get access tokens from, by name.
    package var oauthProviders: [String: OAuthProvider] = [:]
    /// Where the page that connects mailboxes may lead in the end.
    package var returnURLs: [String] = []
    /// How that page looks: its title, and the path of a style sheet.
    package var connectTitle: String?
    package var connectStyle: String?
    /// How long the audit log is kept.
    package var auditRetention = Duration.seconds(365 * 24 * 3600)
    /// Identity providers whose signed tokens are taken as bearer tokens.
    package var jwtIssuers: [JWTIssuer] = []
    /// Requests a minute of a token, and to an account; at the same time to an account; 0 means no limit.
    package var rateLimit = 6_000
    package var accountRateLimit = 12_000
    package var accountConcurrency = 256
    /// Whether mail servers may be at loopback and private addresses; link-local ones and clouds' metadata never are.
    package var mailAllowPrivate = true
    package var connectAllowPrivate = false
    /// Whether identity servers may be at loopback and private addresses, and speak plain http.
    package var oauthAllowPrivate = false
    /// How long running requests may take after SIGTERM.
    package var drainTimeout = Duration.seconds(30)

    /// What was wrong with the JSON of a setting that was read last.
    var documentFault: String?

    package init(dataDirectory: String) { self.dataDirectory = dataDirectory }
}

/// A host and a port to listen on.
package struct ListenAddress: Sendable, Equatable {
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `[v6]:port` or `:port` (all addresses).
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.contains("[") else { return nil }
        self.init(host: host.isEmpty ? "::" : host, port: port)
    }
}

/// Which database keeps the state.
package enum DatabaseLocation: Sendable, Equatable {
    case sqlite(path: String)
    /// An URL, or libpq's keywords; it may hold a password.
    case postgresql(String)

    /// Reads `sqlite:<path>`, `postgres://…`, `postgresql://…`, or `postgres:` with keywords behind it (`host=… dbname=…`).
    package init?(_ text: String) {
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            self = .postgresql(text)
        } else if text.hasPrefix("postgres:"), text.contains("=") {
            self = .postgresql(String(text.dropFirst(9)))
        } else if text.hasPrefix("sqlite:"), text.utf8.count > 7 {
            self = .sqlite(path: String(text.dropFirst(7)))
        } else {
            return nil
        }
    }
}

/// How log lines look.
package enum LogFormat: String, Sendable, CaseIterable {
    case text
    case json
}

/// A setting that stops the start, and where it was found.
package enum SettingsError: Error, Equatable, CustomStringConvertible {
    case unknown(name: String, source: String)
    case invalid(name: String, source: String, wanted: String)
    case unreadableFile(path: String)
    case malformedLine(path: String, line: Int)
    case incomplete(String)

    package var description: String {
        switch self {
        case .unknown(let name, let source):
            "unknown setting \(name) in \(source); `mailbridge serve --help` lists them"
        case .invalid(let name, let source, let wanted): "\(name) (\(source)) must be \(wanted)"
        case .unreadableFile(let path): "cannot read the file \(path)"
        case .malformedLine(let path, let line): "\(path), line \(line): expected NAME=value"
        case .incomplete(let text): text
        }
    }
}
