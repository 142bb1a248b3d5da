import Accounts
import Crypto
import HTTP
import HTTPServer
import Model
import Wire

/// The page, without a token: whoever has its link may connect one mailbox.
struct ConnectOperations: Sendable {
    let dependencies: APIDependencies

    static func all(_ dependencies: APIDependencies) -> [OpenOperation] {
        let page = ConnectOperations(dependencies: dependencies)
        return [
            OpenOperation("getConnectStyle", "/connect/style.css") { _ in
                HTTPResponse(.ok, type: "text/css; charset=utf-8", Array(dependencies.connectTheme.css.utf8))
            },
            OpenOperation("showConnectPage", "/connect/{link}") { try await page.show($0) },
            OpenOperation("submitConnectPage", "/connect/{link}", method: .post) { try await page.submit($0) },
            OpenOperation("completeAuthorization", "/oauth/callback") { try await page.complete($0) },
        ]
    }

    private var page: ConnectPage {
        ConnectPage(theme: dependencies.connectTheme, providers: dependencies.authorizations.providerOrigins)
    }

    private func show(_ request: Request) async throws -> HTTPResponse {
        try await orOver {
            let link = request.parameters["link"] ?? ""
            if link.contains(".") { return Self.redirect(to: try await dependencies.authorizations.reopened(link)) }
            let authorization = try await dependencies.authorizations.page(link)
            let (cookie, isNew) = cookie(of: request).map { ($0, false) } ?? (Self.newCookie(), true)
            var response = page.form(authorization, link: link, formToken: Self.formToken(cookie, link))
            if isNew { response.fields.append(.setCookie, cookieField(cookie)) }
            return response
        }
    }

    private func submit(_ request: Request) async throws -> HTTPResponse {
        let link = request.parameters["link"] ?? ""
        return try await orOver {
            let authorization = try await dependencies.authorizations.page(link)
            // Of one link only so many passwords are tried; what is no link counts nowhere.
            let visitor = Principal(
                id: "page:\(authorization.id)", name: "", scopes: [], accounts: [], rateLimit: Limits.pageSubmits)
            _ = try dependencies.rates.enter(visitor, nil)
            let body = try await request.body.collect(upTo: Limits.pageForm)
            guard MediaType(request.fields[.contentType] ?? "")?.essence == "application/x-www-form-urlencoded",
                let form = FormFields(body), let cookie = cookie(of: request),
                form["token"] == Self.formToken(cookie, link)
            else { throw AuthorizationError.over }
            do {
                if let provider = form["provider"] {
                    let url = try await dependencies.authorizations.begin(
                        link, cookie: cookie, email: authorization.email, provider: provider)
                    return Self.redirect(to: url)
                }
                return end(try await connect(link, form), request)
            } catch let fault as PageFault {
                return shownAgain(authorization, link, cookie, form, fault.text)
            }
        }
    }

    private func shownAgain(
        _ authorization: Authorization, _ link: String, _ cookie: Secret, _ form: FormFields, _ fault: String
    ) -> HTTPResponse {
        page.form(
            authorization, link: link, formToken: Self.formToken(cookie, link), entered: form, fault: fault)
    }

    private func connect(_ link: String, _ form: FormFields) async throws -> AuthorizationService.Ending {
        guard let email = form["email"], let password = form["password"] else {
            throw PageFault(text: "Address and password are needed.")
        }
        var servers: [MailProtocol: ServerEndpoint] = [:]
        for name in [MailProtocol.imap, .smtp] {
            guard let host = form["\(name.rawValue)Host"] else { continue }
            let security = form["\(name.rawValue)Security"].flatMap(ConnectionSecurity.init) ?? .tls
            guard security != .none else { throw PageFault(text: "The server must speak TLS.") }
            var port = name.usualPort(security)
            if let text = form["\(name.rawValue)Port"] {
                guard let given = UInt16(text), given > 0 else { throw PageFault(text: "\(text) is no port.") }
                port = given
            }
            servers[name] = ServerEndpoint(host: host, port: port, security: security)
        }
        do {
            if servers.isEmpty { servers = try await discovered(email) }
            guard !servers.isEmpty else {
                throw AuthorizationError.failed("Its mail servers were not found: name them.")
            }
            return try await dependencies.authorizations.connect(
                link, email: email, password: Secret(password), servers: servers)
        } catch AuthorizationError.over {
            throw AuthorizationError.over
        } catch {
            throw PageFault(text: AuthorizationService.text(of: error))
        }
    }

    /// The servers of an address, as far as they answered with a good certificate; without one for reading it is not found.
    private func discovered(_ email: String) async throws -> [MailProtocol: ServerEndpoint] {
        let found = try await dependencies.discovery.discover(email, deadline: .now + Limits.pageDiscovery)
        func endpoint(_ name: MailProtocol) -> ServerEndpoint? {
            found.proposal(name).flatMap { $0.isReachable && $0.endpoint.security != .none ? $0.endpoint : nil }
        }
        var servers: [MailProtocol: ServerEndpoint] = [:]
        guard let keeper = [MailProtocol.imap, .pop3].first(where: { endpoint($0) != nil }) else { return servers }
        for name in [keeper, .smtp] { servers[name] = endpoint(name) }
        return servers
    }

    private func complete(_ request: Request) async throws -> HTTPResponse {
        try await orOver {
            let items = request.target.queryItems
            func item(_ name: String) -> String? { items.first { $0.name == name }?.value }
            let answer = AuthorizationService.ProviderAnswer(
                state: item("state") ?? "", code: item("code").map { Secret($0) }, error: item("error"),
                issuer: item("iss"))
            return end(
                try await dependencies.authorizations.complete(answer, cookie: cookie(of: request)), request)
        }
    }

    private func end(_ ending: AuthorizationService.Ending, _ request: Request) -> HTTPResponse {
        let status: HTTPStatus = ending.url == nil ? .ok : 303
        dependencies.audit.note(
            AuditEntry(
                principal: "page", operation: "completeAuthorization", account: ending.authorization.account,
                status: status.code, address: request.peer.isEmpty ? nil : request.peer, requestID: request.id))
        if let url = ending.url { return Self.redirect(to: url) }
        if let fault = ending.authorization.fault {
            return page.end("The mailbox was not connected: \(fault).", status: .unprocessableContent)
        }
        return page.end("The mailbox is connected. You can close this page.")
    }

    /// A link that is over is a page too: people see it.
    private func orOver(_ body: () async throws -> HTTPResponse) async throws -> HTTPResponse {
        do {
            return try await body()
        } catch AuthorizationError.over {
            return page.end(
                "This link is used, too old, or was opened in another browser. Ask for a new one.", status: .gone)
        } catch AuthorizationError.failed(let text) {
            return page.end("The mailbox was not connected: \(text).", status: .unprocessableContent)
        }
    }

    private struct PageFault: Error { let text: String }

    // MARK: The cookie

    private var isSecure: Bool { dependencies.connectTheme.publicURL.hasPrefix("https://") }

    /// With the prefix that browsers accept from this very host and by https only (RFC 6265bis section 4.1.3.2).
    private var cookieName: String { isSecure ? "__Host-mailbridge" : "mailbridge" }

    private func cookieField(_ cookie: Secret) -> String {
        "\(cookieName)=\(cookie.revealed); Path=/; Max-Age=3600; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
    }

    private func cookie(of request: Request) -> Secret? {
        for pair in (request.fields[.cookie] ?? "").split(separator: ";") {
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == cookieName, parts[1].utf8.count == 43 { return Secret(String(parts[1])) }
        }
        return nil
    }

    private static func newCookie() -> Secret {
        Secret(Base64.encodeURLSafe((0..<32).map { _ in UInt8.random(in: 0...255) }))
    }

    /// Only the page itself knows it: another site's form cannot be sent in the person's name.
    private static func formToken(_ cookie: Secret, _ link: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(link.utf8), using: SymmetricKey(data: cookie.utf8))
        return Base64.encodeURLSafe(Array(code))
    }

    private static func redirect(to url: String) -> HTTPResponse {
        var response = HTTPResponse(303)
        response.fields.append(.location, url)
        response.fields.append(.cacheControl, "no-store")
        response.fields.append("Referrer-Policy", "no-referrer")
        return response
    }
}
