import Accounts
import Wire

extension Setting {
    /// Who may use what: providers of tokens, limits, and where connections may lead.
    static let identity: [Setting] = [
        document(
            "OAUTH_PROVIDERS", "json", "none", "OAuth clients for mailboxes; see \"Gmail and Microsoft 365\"",
            "a JSON object like {\"google\": {\"clientId\": \"…\", \"clientSecret\": \"…\"}}"
        ) { text, settings in
            do throws(OAuthProviderSettings.Fault) {
                settings.oauthProviders = try OAuthProviderSettings.read(text)
                return nil
            } catch {
                return error.text
            }
        },
        document(
            "JWT_ISSUERS", "json", "none", "identity providers whose signed tokens are bearer tokens here",
            "a JSON object like {\"issuer\": \"https://id.example\", \"audience\": \"mailbridge\"}, or a list of them"
        ) { text, settings in
            do throws(OAuthProviderSettings.Fault) {
                settings.jwtIssuers = try JWTSettings.read(text)
                return nil
            } catch {
                return error.text
            }
        },
        text(
            "RETURN_URLS", "url,…", "none", "where the page that connects mailboxes may lead in the end, exactly",
            "URLs like https://app.example/connected"
        ) {
            $1.returnURLs = $0.split(separator: ",").map { String($0.trimmingPrefix(while: \.isWhitespace)) }
            return $1.returnURLs.allSatisfy { url in
                (url.hasPrefix("https://") || url.hasPrefix("http://")) && !url.contains("?") && !url.contains("#")
            }
        },
        text("CONNECT_TITLE", "text", "Connect your mailbox", "title of that page", "a text") {
            $1.connectTitle = $0
            return !$0.isEmpty
        },
        text("CONNECT_STYLE", "file", "built in", "style sheet of that page", "a file") {
            $1.connectStyle = $0
            return !$0.isEmpty
        },
        number("RATE_LIMIT", "6000", "requests a minute of a token; 0: no limit", 0...1_000_000, \.rateLimit),
        number(
            "ACCOUNT_RATE_LIMIT", "12000", "requests a minute to an account; 0: no limit", 0...1_000_000,
            \.accountRateLimit),
        number(
            "ACCOUNT_CONCURRENCY", "256", "requests to an account at the same time; 0: no limit", 0...100_000,
            \.accountConcurrency),
        text("AUDIT_RETENTION", "days", "365", "how long the audit log is kept", "1 to 36500 days") {
            guard let days = Int($0), (1...36_500).contains(days) else { return false }
            $1.auditRetention = .seconds(days * 24 * 3600)
            return true
        },
        flag(
            "MAIL_ALLOW_PRIVATE", "true", "whether mail servers may be at loopback and private addresses",
            \.mailAllowPrivate),
        flag(
            "CONNECT_ALLOW_PRIVATE", "false",
            "whether visitors of the page that connects mailboxes may name servers at such addresses",
            \.connectAllowPrivate),
        flag(
            "OAUTH_ALLOW_PRIVATE", "false",
            "whether identity servers may be at loopback and private addresses, and plain http", \.oauthAllowPrivate),
    ]

    private static func flag(
        _ name: String, _ defaultText: String, _ explanation: String,
        _ path: any WritableKeyPath<Settings, Bool> & Sendable
    ) -> Setting {
        text(name, "true or false", defaultText, explanation, "true or false") {
            guard let value = Bool($0) else { return false }
            $1[keyPath: path] = value
            return true
        }
    }
}
