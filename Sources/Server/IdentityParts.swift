import API
import Accounts
import FoundationEssentials
import HTTP
import HTTPClient
import Store
import Transport
import Wire

/// OAuth with what it stands on: an HTTP client of its own.
struct IdentityParts {
    let client: HTTPClient
    let oauth: OAuthClient
    let accessTokens: AccessTokens
    let tokens: TokenService
    let audit: AuditService
    let rates: RateLimits
    let theme: ConnectTheme

    init(_ settings: Settings, store: MailStore, loops: EventLoopGroup) throws(StartFault) {
        let send = Self.sender(settings, loops: loops)
        client = send.client
        oauth = OAuthClient(
            providers: ProviderDirectory(settings.oauthProviders, send: send.send), send: send.send)
        accessTokens = AccessTokens(store: store, client: oauth)
        let signed =
            settings.jwtIssuers.isEmpty
            ? nil
            : JWTVerifier(
                settings.jwtIssuers, clients: Set(settings.oauthProviders.values.map(\.clientID)), send: send.send)
        tokens = TokenService(store: store, adminToken: settings.adminToken, signed: signed)
        audit = AuditService(store: store)
        var limits = RateLimits.Settings()
        limits.token = settings.rateLimit
        limits.account = settings.accountRateLimit
        limits.concurrency = settings.accountConcurrency
        rates = RateLimits(limits)
        var theme = ConnectTheme(publicURL: settings.publicURL)
        if let title = settings.connectTitle { theme.title = title }
        if let path = settings.connectStyle {
            guard let css = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw StartFault("cannot read the file \(path)")
            }
            theme.css = css
        }
        self.theme = theme
    }

    /// What connects mailboxes, once there is who makes accounts.
    func authorizations(
        _ settings: Settings, store: MailStore, accounts: AccountService, visitors: AccountService
    ) -> AuthorizationService {
        store.consentLinks.use(publicURL: settings.publicURL)
        return AuthorizationService(
            store: store, accounts: accounts, visitors: visitors, client: oauth,
            settings: AuthorizationService.Settings(
                publicURL: settings.publicURL, returnURLs: settings.returnURLs))
    }

    private static func sender(
        _ settings: Settings, loops: EventLoopGroup
    ) -> (client: HTTPClient, send: WebSender) {
        var limits = HTTPClientLimits()
        // Key sets and metadata are larger than what a webhook says.
        limits.keptBody = 256 * 1024
        let client = HTTPClient(
            loops: loops, addresses: AddressPolicy(allowsLocal: settings.oauthAllowPrivate), limits: limits)
        let allowsPlain = settings.oauthAllowPrivate
        let send: WebSender = { request throws(WebFault) in
            let url: HTTPURL
            do throws(HTTPURL.Fault) {
                url = try HTTPURL(request.url)
            } catch {
                throw WebFault("the URL \(error.detail)")
            }
            guard url.isSecure || allowsPlain else { throw WebFault("\(url.origin) is not https") }
            var fields = HTTPFields()
            fields[.accept] = "application/json"
            if let authorization = request.authorization { fields[.authorization] = authorization.revealed }
            var body: [UInt8] = []
            if let form = request.form {
                fields[.contentType] = "application/x-www-form-urlencoded"
                body = Array(FormField.encode(form).utf8)
            }
            let answer: HTTPClientAnswer
            do throws(HTTPClientError) {
                answer = try await client.send(
                    HTTPClientRequest(request.form == nil ? .get : .post, url, fields: fields, body: body),
                    deadline: .after(.seconds(20)))
            } catch {
                throw WebFault("\(url.origin): \(error)")
            }
            guard answer.isComplete else { throw WebFault("\(url.origin) answered too much, or not all") }
            return WebAnswer(status: answer.status.code, body: answer.body)
        }
        return (client, send)
    }
}
