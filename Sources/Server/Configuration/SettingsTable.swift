import Logging
import Store
import Transport
import Wire

/// One setting: its names, its meaning, and how its text becomes a value.
package struct Setting: Sendable {
    /// The name in the environment and in the file.
    package let name: String
    package let placeholder: String
    package let defaultText: String
    package let explanation: String
    /// Whether `NAME_FILE` may name a file that holds the value, as container secrets do.
    package let isSecret: Bool
    /// What a valid text is; completes "… must be".
    let wanted: String
    /// Whether the file of `NAME_FILE` is the value as a whole; else its first line is.
    var isDocument = false
    let apply: @Sendable (String, inout Settings) -> Bool

    /// `MAILBRIDGE_DATA_DIR` is `data-dir` on the command line.
    package var flag: String {
        String(name.dropFirst("MAILBRIDGE_".count)).lowercased().replacing("_", with: "-")
    }
}

extension Setting {
    /// Every setting; README's table and `--help` are made from it.
    package static let all: [Setting] = general + identity

    private static let general: [Setting] = [
        text("LISTEN", "host:port", "127.0.0.1:8825", "address of the API; port 0 takes a free one", "host:port") {
            guard let address = ListenAddress($0) else { return false }
            $1.listen = address
            return true
        },
        text("DATA_DIR", "folder", "~/.local/share/mailbridge", "holds the SQLite file and the key", "a folder") {
            $1.dataDirectory = $0
            return !$0.isEmpty
        },
        secret(
            "DATABASE", "url", "sqlite:<data dir>/mailbridge.db",
            "where state is kept: `sqlite:<path>`, or `postgres://user@host/name` for any number of nodes",
            "sqlite:<path> or postgres://user@host/name"
        ) {
            guard let location = DatabaseLocation($0) else { return false }
            $1.database = location
            return true
        },
        number(
            "DATABASE_CONNECTIONS", "10", "connections to PostgreSQL, besides one that listens", 2...500,
            \.databaseConnections),
        text(
            "MIGRATE", "true or false", "true with SQLite",
            "whether a start brings the schema up to date; else `mailbridge migrate` does", "true or false"
        ) {
            guard let value = Bool($0) else { return false }
            $1.migrates = value
            return true
        },
        secret(
            "SECRET_KEY", "base64,…", "made on first start",
            "seals credentials and queued mail; further keys, after a comma or in a line of the file, open what they sealed",
            "32 octets in base64, or several of them", isDocument: true
        ) {
            let secret = Secret($0)
            guard (try? MasterKeys(base64: secret, source: "")) != nil else { return false }
            $1.secretKey = secret
            return true
        },
        secret("ADMIN_TOKEN", "token", "none", "a bearer token with every scope", "at least 16 characters") {
            $1.adminToken = Secret($0)
            return $0.utf8.count >= 16
        },
        text("CORS_ORIGINS", "origin,…", "none", "origins browsers may call from", "origins like https://app.example") {
            $1.corsOrigins = $0.split(separator: ",").map { String($0.trimmingPrefix(while: \.isWhitespace)) }
            return $1.corsOrigins.allSatisfy { origin in
                (origin.hasPrefix("https://") || origin.hasPrefix("http://")) && !origin.hasSuffix("/")
            }
        },
        text(
            "PUBLIC_URL", "url", "none", "what links to attachments begin with; they are relative without it",
            "a URL like https://mail.example, without a slash at its end"
        ) {
            $1.publicURL = $0
            return ($0.hasPrefix("https://") || $0.hasPrefix("http://")) && !$0.hasSuffix("/")
                && !$0.utf8.contains { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        },
        text("TLS_CERTIFICATE", "file", "none", "PEM chain; the API then speaks https", "a file") {
            $1.tlsCertificate = $0
            return !$0.isEmpty
        },
        text("TLS_KEY", "file", "none", "PEM private key of that chain", "a file") {
            $1.tlsKey = $0
            return !$0.isEmpty
        },
        text(
            "LOG_LEVEL", "level", "info", "least level logged", "trace, debug, info, notice, warning, error or critical"
        ) {
            guard let level = Logger.Level(rawValue: $0) else { return false }
            $1.logLevel = level
            return true
        },
        text("LOG_FORMAT", "format", "text", "how log lines look", "text or json") {
            guard let format = LogFormat(rawValue: $0) else { return false }
            $1.logFormat = format
            return true
        },
        number("MAX_BODY_BYTES", "33554432", "largest JSON request body, in octets", 1024...(1 << 30), \.maxBodyBytes),
        number(
            "MAX_MESSAGE_BYTES", "52428800",
            "largest message to import or to hand over finished, and largest form, in octets", 1024...(1 << 31),
            \.maxMessageBytes
        ),
        number("MAX_CONNECTIONS", "20000", "HTTP connections at once", 1...1_000_000, \.maxConnections),
        number("LOOPS", "one a core", "event loops", 1...256, \.loops),
        number("SESSIONS_PER_ACCOUNT", "3", "IMAP sessions an account may hold", 1...50, \.sessionsPerAccount),
        text("EVENT_RETENTION", "days", "7", "how long events are kept", "1 to 3650 days") {
            guard let days = Int($0), (1...3650).contains(days) else { return false }
            $1.eventRetention = .seconds(days * 24 * 3600)
            return true
        },
        text("SYNC", "on|off", "on", "whether this process watches accounts, or only answers requests", "on or off") {
            guard ["on", "off"].contains($0) else { return false }
            $1.syncs = $0 == "on"
            return true
        },
        text(
            "WEBHOOK_ALLOW_PRIVATE", "true or false", "false",
            "whether webhooks may call loopback and private addresses, and plain http", "true or false"
        ) {
            guard let value = Bool($0) else { return false }
            $1.webhookAllowPrivate = value
            return true
        },
        number("WEBHOOK_CONCURRENCY", "32", "deliveries to one webhook at once", 1...256, \.webhookConcurrency),
        text(
            "POLL_INTERVAL", "seconds", "60", "how often mailboxes are asked about that no server tells us of",
            "1 to 3600 seconds"
        ) {
            guard let seconds = Int($0), (1...3600).contains(seconds) else { return false }
            $1.pollInterval = .seconds(seconds)
            return true
        },
        text("POP3_POLL_INTERVAL", "seconds", "300", "how often POP3 servers are visited", "1 to 86400 seconds") {
            guard let seconds = Int($0), (1...86_400).contains(seconds) else { return false }
            $1.maildropInterval = .seconds(seconds)
            return true
        },
        text(
            "DISCOVERY_DIRECTORY", "url", "none",
            "a directory that discovery asks about domains, such as `https://autoconfig.thunderbird.net/v1.1/`",
            "an https:// address that ends in /"
        ) {
            $1.discoveryDirectory = $0
            return $0.hasPrefix("https://") && $0.hasSuffix("/")
        },
        text(
            "DISCOVERY_ALLOW_PRIVATE", "true or false", "false",
            "whether discovery may call loopback and private addresses", "true or false"
        ) {
            guard let value = Bool($0) else { return false }
            $1.discoveryAllowPrivate = value
            return true
        },
        text(
            "DNS_SERVER", "address:port", "the system's", "name server that discovery and DKIM ask",
            "an IPv4 address and a port"
        ) {
            let parts = $0.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let address = IPAddress(String(parts[0])), address.family == .v4,
                let port = UInt16(parts[1]), port > 0
            else { return false }
            $1.nameServer = NameServer(SocketAddress(address, port: port))
            return true
        },
        text("NOTIFY", "on|off", "on", "news of all mailboxes by IMAP NOTIFY, where a server has it", "on or off") {
            guard ["on", "off"].contains($0) else { return false }
            $1.usesNotify = $0 == "on"
            return true
        },
        text("DRAIN_TIMEOUT", "seconds", "30", "time for running requests after SIGTERM", "0 to 3600 seconds") {
            guard let seconds = Int($0), (0...3600).contains(seconds) else { return false }
            $1.drainTimeout = .seconds(seconds)
            return true
        },
    ]

    static func text(
        _ name: String, _ placeholder: String, _ defaultText: String, _ explanation: String, _ wanted: String,
        _ apply: @escaping @Sendable (String, inout Settings) -> Bool
    ) -> Setting {
        Setting(
            name: "MAILBRIDGE_" + name, placeholder: placeholder, defaultText: defaultText, explanation: explanation,
            isSecret: false, wanted: wanted, apply: apply)
    }

    /// A JSON text; what is wrong with it is said by `apply`, nil where nothing is.
    static func document(
        _ name: String, _ placeholder: String, _ defaultText: String, _ explanation: String, _ wanted: String,
        _ apply: @escaping @Sendable (String, inout Settings) -> String?
    ) -> Setting {
        Setting(
            name: "MAILBRIDGE_" + name, placeholder: placeholder, defaultText: defaultText, explanation: explanation,
            isSecret: true, wanted: wanted, isDocument: true,
            apply: { text, settings in
                settings.documentFault = apply(text, &settings)
                return settings.documentFault == nil
            })
    }

    private static func secret(
        _ name: String, _ placeholder: String, _ defaultText: String, _ explanation: String, _ wanted: String,
        isDocument: Bool = false, _ apply: @escaping @Sendable (String, inout Settings) -> Bool
    ) -> Setting {
        Setting(
            name: "MAILBRIDGE_" + name, placeholder: placeholder, defaultText: defaultText, explanation: explanation,
            isSecret: true, wanted: wanted, isDocument: isDocument, apply: apply)
    }

    static func number(
        _ name: String, _ defaultText: String, _ explanation: String, _ range: ClosedRange<Int>,
        _ path: any WritableKeyPath<Settings, Int> & Sendable
    ) -> Setting {
        text(name, "number", defaultText, explanation, "a number from \(range.lowerBound) to \(range.upperBound)") {
            guard let value = Int($0), range.contains(value) else { return false }
            $1[keyPath: path] = value
            return true
        }
    }
}
