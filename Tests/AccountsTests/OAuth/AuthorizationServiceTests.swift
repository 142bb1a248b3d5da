import Accounts
import Crypto
import Model
import Store
import Synchronization
import TestDatabases
import Testing
import Wire

@Suite struct AuthorizationServiceTests {
    private let cookie = Secret("a-browser")
    private let returnURL = "https://app.test/done"

    private func with(
        _ database: DatabaseFixture = .sqlite,
        _ body: (ScriptedProvider, AccountFixture, AuthorizationService) async throws -> Void
    ) async throws {
        try await AccountFixture.with(database) { fixture in
            let provider = ScriptedProvider()
            var settings = ScriptedProvider.settings
            settings["acme"]?.issuer = "https://acme.test"
            settings["acme"]?.servers = [.imap: ServerEndpoint(host: "imap.acme.test", port: 993, security: .tls)]
            let client = provider.client(settings)
            let accounts = fixture.service(oauth: client) { _, login, _ in
                fixture.probed.withLock { $0.append(login) }
                return nil
            }
            let service = AuthorizationService(
                store: fixture.store, accounts: accounts, client: client,
                settings: AuthorizationService.Settings(
                    publicURL: "https://mail.test", returnURLs: [returnURL])
            ) { provider.now }
            try await body(provider, fixture, service)
        }
    }

    private func begin(_ service: AuthorizationService, _ draft: AuthorizationDraft) async throws -> [String: String] {
        let url = try #require(try await service.create(draft).url)
        let link = String(try #require(url.split(separator: "/").last))
        let target = try await service.begin(link, cookie: cookie, email: nil, provider: "acme")
        var fields: [String: String] = [:]
        for pair in try #require(target.split(separator: "?").last).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            fields[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        return fields
    }

    private func answer(_ state: String?, issuer: String? = nil) -> AuthorizationService.ProviderAnswer {
        AuthorizationService.ProviderAnswer(state: state ?? "", code: Secret("code"), error: nil, issuer: issuer)
    }

    @Test func `the code is traded with the verifier whose challenge was shown`() async throws {
        try await with { provider, fixture, service in
            let asked = try await begin(
                service, AuthorizationDraft(email: "ann@acme.test", returnURL: returnURL + "?tenant=7"))
            #expect(asked["code_challenge_method"] == "S256" && asked["login_hint"] == "ann%40acme.test")
            let ending = try await service.complete(
                answer(asked["state"], issuer: "https://acme.test"), cookie: cookie)
            #expect(ending.authorization.status == .completed)
            #expect(ending.url?.hasPrefix("https://app.test/done?tenant=7&result=") == true)
            let verifier = try #require(provider.state.withLock { $0.requests.first?["code_verifier"] })
            #expect(Base64.encodeURLSafe(Array(SHA256.hash(data: Array(verifier.utf8)))) == asked["code_challenge"])
            // The tokens that the probe was made with are stored with the account, the replaced refresh token too.
            let id = try #require(ending.authorization.account)
            let stored = try await fixture.store.oauthTokens.tokens(of: OAuthHolder(account: id, mailProtocol: nil))
            #expect(stored?.refresh == Secret(provider.state.withLock { $0.refresh }))
        }
    }

    @Test func `an answer of another server, of another browser, or a second time is none`() async throws {
        try await with { _, fixture, service in
            var asked = try await begin(service, AuthorizationDraft(email: "ann@acme.test"))
            let mixed = try await service.complete(
                answer(asked["state"], issuer: "https://evil.test"), cookie: cookie)
            #expect(mixed.authorization.status == .failed)
            asked = try await begin(service, AuthorizationDraft(email: "ann@acme.test"))
            for other in [Secret("another"), nil] {
                await #expect(throws: AuthorizationError.over) {
                    try await service.complete(answer(asked["state"]), cookie: other)
                }
            }
            await #expect(throws: AuthorizationError.over) {
                try await service.complete(answer(asked["state"]), cookie: cookie)
            }
            #expect(try await fixture.store.accounts.list(after: nil, limit: 10, visible: nil).data.isEmpty)
        }
    }

    @Test func `a consent is renewed by the mailbox's owner only`() async throws {
        try await with { provider, fixture, service in
            let made = try await service.complete(
                answer(try await begin(service, AuthorizationDraft(email: "ann@acme.test"))["state"]), cookie: cookie)
            let id = try #require(made.authorization.account)
            func renew(as email: String) async throws -> Authorization {
                let claims = Base64.encodeURLSafe(Array(#"{"email":"\#(email)"}"#.utf8))
                let asked = try await begin(service, AuthorizationDraft(account: id))
                let refresh = provider.state.withLock { $0.refresh }
                provider.state.withLock {
                    $0.next = [
                        ScriptedProvider.json(
                            "{\"access_token\":\"x\",\"refresh_token\":\"\(refresh)\",\"id_token\":\"e30.\(claims).\"}")
                    ]
                }
                return try await service.complete(answer(asked["state"]), cookie: cookie).authorization
            }
            let eve = try await renew(as: "eve@acme.test")
            #expect(eve.status == .failed && eve.fault?.contains("not of eve@acme.test") == true)
            #expect(try await renew(as: "Ann@acme.test").status == .completed)
            #expect(try await fixture.store.accounts.account(id)?.revision == 2)
        }
    }

    @Test func `a device is asked about as often as the provider allows`() async throws {
        try await with { provider, _, service in
            provider.state.withLock {
                $0.next = [
                    ScriptedProvider.json(
                        #"{"device_code":"d","user_code":"ABCD","verification_uri":"https://acme.test/d","interval":5,"expires_in":300}"#
                    ), ScriptedProvider.json(#"{"error":"authorization_pending"}"#, status: 400),
                    ScriptedProvider.json(#"{"error":"slow_down"}"#, status: 400),
                ]
            }
            let made = try await service.create(
                AuthorizationDraft(email: "ann@acme.test", provider: "acme", usesDevice: true))
            #expect(made.url == nil && made.authorization.device?.userCode == "ABCD")
            let id = made.authorization.id
            func status(after seconds: Int) async throws -> Authorization.Status {
                provider.advance(.seconds(seconds))
                return try await service.authorization(id).status
            }
            func asked() -> Int { provider.state.withLock { $0.requests.filter { $0["device_code"] != nil }.count } }
            #expect(try await status(after: 4) == .pending && asked() == 0)
            #expect(try await status(after: 2) == .pending && asked() == 1)
            #expect(try await status(after: 6) == .pending && asked() == 2)
            #expect(try await status(after: 6) == .pending && asked() == 2, "slow_down adds five seconds")
            #expect(try await status(after: 5) == .completed && asked() == 3)
            provider.advance(.seconds(3601))
            await #expect(throws: AuthorizationError.notFound) { try await service.authorization(id) }
        }
    }

    /// Both would spend the code, and the second be told that it is used.
    @Test(arguments: DatabaseFixture.all)
    func `two who ask about a device at once ask the provider once`(_ database: DatabaseFixture) async throws {
        try await with(database) { provider, _, service in
            provider.state.withLock {
                $0.next = [
                    ScriptedProvider.json(
                        #"{"device_code":"d","user_code":"ABCD","verification_uri":"https://acme.test/d","interval":5,"expires_in":300}"#
                    )
                ]
            }
            let id = try await service.create(
                AuthorizationDraft(email: "ann@acme.test", provider: "acme", usesDevice: true)
            ).authorization.id
            provider.advance(.seconds(6))
            // While the first is under way, time passes and others ask.
            provider.state.withLock {
                $0.during = {
                    provider.state.withLock { $0.during = nil }
                    provider.advance(.seconds(20))
                    for _ in 0..<3 {
                        let seen = try? await service.authorization(id)
                        #expect(seen?.status == .pending)
                    }
                }
            }
            #expect(try await service.authorization(id).status == .completed)
            #expect(try await service.authorization(id).status == .completed)
            #expect(provider.state.withLock { $0.requests.filter { $0["device_code"] != nil }.count } == 1)
        }
    }

    @Test func `the password form connects the address of its link and no other`() async throws {
        try await with { _, fixture, service in
            func link(_ draft: AuthorizationDraft) async throws -> String {
                String(try #require(try await service.create(draft).url?.split(separator: "/").last))
            }
            let servers: [MailProtocol: ServerEndpoint] = [
                .imap: ServerEndpoint(host: "imap.example.org", port: 993, security: .tls)
            ]
            let asked = try await link(AuthorizationDraft(email: "ann@example.org"))
            let error = await #expect(throws: AuthorizationError.self) {
                try await service.connect(asked, email: "eve@example.org", password: Secret("p"), servers: servers)
            }
            #expect(error == .failed("ann@example.org is to be connected, not eve@example.org"))
            #expect(fixture.probed.withLock { $0.isEmpty })
            // A link that leads to a provider takes no passwords.
            let provided = try await link(AuthorizationDraft(email: "ann@acme.test"))
            await #expect(throws: AuthorizationError.over) {
                try await service.connect(provided, email: "ann@acme.test", password: Secret("p"), servers: servers)
            }
            let ending = try await service.connect(
                asked, email: "Ann@Example.org", password: Secret("p"), servers: servers)
            #expect(ending.authorization.status == .completed)
        }
    }

    /// Otherwise whoever may make accounts has the provider's tokens sent to a server of his own.
    @Test func `what a provider gives is shown at its own hosts only`() async throws {
        try await with { provider, fixture, service in
            let client = service.client
            let accounts = fixture.service(oauth: client) { _, login, _ in
                fixture.probed.withLock { $0.append(login) }
                return nil
            }
            func create(_ host: String, _ grant: OAuthGrant) async throws {
                var draft = AccountDraft.sample(nil)
                draft.servers = [.imap: ServerEndpoint(host: host, port: 993, security: .tls)]
                draft.credentials = Credentials(username: "ann@acme.test", authentication: .oauth2(grant))
                _ = try await accounts.create(draft, verify: true, deadline: .soon)
            }
            for host in ["imap.evil.test", "acme.test.evil.test", "imap.badacme.test"] {
                for grant in [
                    OAuthGrant.clientCredentials(provider: "acme"),
                    .refreshToken(provider: "acme", refreshToken: Secret("refresh-0")),
                ] {
                    let error = await #expect(throws: AccountError.self) { try await create(host, grant) }
                    #expect(pointers(error) == ["/imap/host"])
                }
            }
            #expect(provider.state.withLock { $0.requests.isEmpty } && fixture.probed.withLock { $0.isEmpty })
            try await create("pop.acme.test", .refreshToken(provider: "acme", refreshToken: Secret("refresh-0")))
        }
    }

    /// A provider that replaces refresh tokens takes each once: what a trial spends is lost.
    @Test func `a trial spends no refresh token`() async throws {
        try await with { provider, fixture, service in
            let accounts = fixture.service(oauth: service.client) { _, _, _ in nil
            }
            var draft = AccountDraft.sample()
            draft.servers = [.imap: ServerEndpoint(host: "imap.acme.test", port: 993, security: .tls)]
            draft.credentials = Credentials(
                username: "ann@acme.test",
                authentication: .oauth2(.refreshToken(provider: "acme", refreshToken: Secret("refresh-0"))))
            let trial = draft
            let error = await #expect(throws: AccountError.self) {
                _ = try await accounts.verify(trial, deadline: .soon)
            }
            #expect(pointers(error) == ["/credentials/oauth2/refreshToken"])
            #expect(provider.state.withLock { $0.requests.isEmpty })
            _ = try await accounts.create(draft, verify: true, deadline: .soon)
        }
    }

    @Test(arguments: [
        "https://app.test/done/", "https://app.test/done2", "https://app.test.evil/done", "http://app.test/done",
        "https://app.test/done#x", "https://app.test/done\\@evil", "javascript:alert(1)", "//evil.test",
    ]) func `leads nowhere that the settings do not list`(url: String) async throws {
        try await with { _, _, service in
            await #expect(throws: AuthorizationError.self) {
                try await service.create(AuthorizationDraft(returnURL: url))
            }
        }
    }

    @Test func `a link ends after an hour, a result is given once`() async throws {
        try await with { provider, _, service in
            let url = try #require(try await service.create(AuthorizationDraft()).url)
            let link = String(try #require(url.split(separator: "/").last))
            #expect(try await service.page(link).status == .pending)
            provider.advance(.seconds(3601))
            await #expect(throws: AuthorizationError.over) { try await service.page(link) }
            let asked = try await begin(service, AuthorizationDraft(email: "ann@acme.test", returnURL: returnURL))
            let ending = try await service.complete(answer(asked["state"]), cookie: cookie)
            let result = String(try #require(ending.url?.firstMatch(of: /result=([^&]+)/)?.1))
            #expect(try await service.redeem(result).account == ending.authorization.account)
            await #expect(throws: AuthorizationError.over) { try await service.redeem(result) }
        }
    }
}
