import Foundation
import MailServers
import Testing

/// Mailboxes that only a token opens: Dovecot, an OpenID provider, and Mailbridge between them.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct OAuthTests {
    private static let returnURL = "https://app.example/connected"

    private struct World {
        let provider: IdentityProvider
        let bridge: Bridge
        let user: MailUser
        let folder: TemporaryFolder
        var base: String
    }

    /// A Dovecot that takes nothing but OAUTHBEARER, whose tokens live for so many seconds.
    private func start(tokenSeconds: Int, returnPath: String? = nil) async throws -> World {
        let user = MailUser("user1@example.test")
        let folder = try TemporaryFolder("oauth")
        let provider = try await IdentityProvider.start(tokenSeconds: tokenSeconds, users: [user])
        var options = DovecotServer.Options()
        options.mechanisms = ["oauthbearer"]
        options.configuration = try provider.dovecotConfiguration(in: folder)
        let host = try await MailHost.start(users: [user], dovecot: options)
        let port = try LoopbackPort.pick(1)[0]
        let base = "http://localhost:\(port)"
        let bridge = try await Bridge.start(
            host: host,
            settings: [
                "MAILBRIDGE_LISTEN": "127.0.0.1:\(port)", "MAILBRIDGE_PUBLIC_URL": base,
                "MAILBRIDGE_OAUTH_PROVIDERS": provider.setting(host), "MAILBRIDGE_OAUTH_ALLOW_PRIVATE": "true",
                "MAILBRIDGE_RETURN_URLS": returnPath.map { base + $0 } ?? Self.returnURL,
                "MAILBRIDGE_LOG_LEVEL": "trace",
            ])
        return World(provider: provider, bridge: bridge, user: user, folder: folder, base: base)
    }

    /// A browser with one cookie.
    private struct Browser {
        let api: APIClient
        var cookie: String?

        mutating func open(_ path: String) async throws -> TestHTTPResponse {
            let answer = try await api.get(path, headers: headers)
            if let set = answer["Set-Cookie"] { cookie = String(set.prefix { $0 != ";" }) }
            return answer
        }

        func submit(_ path: String, _ form: String) async throws -> TestHTTPResponse {
            try await api.send(
                "POST", path, headers: headers + [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array(form.utf8))
        }

        private var headers: [(String, String)] { cookie.map { [("Cookie", $0)] } ?? [] }
    }

    private func connect(_ world: World, _ draft: JSONValue) async throws -> JSONValue {
        let made = try await world.bridge.api.post("/v1/oauth/authorizations", draft).expecting(201)
        let url = try #require(made["url"].string)
        let path = String(url.dropFirst(world.base.count))
        var browser = Browser(api: world.bridge.api.with(token: nil))
        let page = try await browser.open(path)
        #expect(
            page.status == 200
                && page["Content-Security-Policy"]?.hasPrefix("default-src 'none'; style-src 'self'") == true)
        let token = try #require(page.text.firstMatch(of: /name="token" value="([^"]+)"/)?.1)
        let sent = try await browser.submit(path, "token=\(token)&provider=acme")
        #expect(sent.status == 303)
        let back = try await world.provider.consent(try #require(sent["Location"]), as: world.user)
        #expect(back.hasPrefix(world.base + "/oauth/callback?"))
        let callback = String(back.dropFirst(world.base.count))
        // In another browser the provider's answer is worth nothing; and afterwards neither in this one.
        let ended = try await browser.open(callback)
        #expect(ended.status == 303, "\(ended.text)")
        #expect(try await browser.open(callback).status == 410)
        #expect(try await browser.open(path).status == 410)
        let location = try #require(ended["Location"])
        #expect(location.hasPrefix(Self.returnURL + "?result="))
        let result = try #require(location.firstMatch(of: /result=([^&]+)/)?.1)
        let redeemed = try await world.bridge.api.post("/v1/oauth/results", ["result": .string(String(result))])
            .expecting(200)
        try await world.bridge.api.post("/v1/oauth/results", ["result": .string(String(result))])
            .problem(404, "authorization-not-found")
        return redeemed
    }

    @Test func `consent by the page, and ten expiries without a missed message`() async throws {
        let world = try await start(tokenSeconds: 3)
        let done = try await connect(
            world, ["email": .string(world.user.email), "returnUrl": .string(Self.returnURL)])
        #expect(done["status"].string == "completed", "\(done)")
        var account = MailAccount(
            id: try #require(done["accountId"].string), api: world.bridge.api, host: world.bridge.host)
        account.user = world.user
        try await account.isRead()
        let events = MailEvents(api: account.api, account: account.id)
        func renewals() -> Int { world.provider.log.components(separatedBy: "POST /oauth2/token").count - 1 }
        for number in 0..<10 {
            // The watch may have renewed it meanwhile: then nobody needs another one in this round.
            var before: Int
            repeat {
                before = renewals()
                // Sound: a token lives for three seconds, and the next round is to begin with one that is over.
                try await ContinuousClock().sleep(for: .seconds(3))
            } while renewals() > before
            try await world.bridge.host.dovecot.deliver(world.user, TestMail.plain("round \(number)"))
            try await world.bridge.host.dovecot.doveadm("kick", world.user.email)
            try await account.api.get("\(account.path)/mailboxes").expecting(200)
            try await eventually("another token in round \(number)", within: .seconds(90)) { renewals() > before }
        }
        let created = try await events.count(10, within: .seconds(150))
        let subjects = created.filter { $0["type"].string == "message.created" }.compactMap {
            $0["data"]["subject"].string
        }
        #expect(Set(subjects) == Set((0..<10).map { "round \($0)" }) && subjects.count == 10)
        let all = try await account.api.get("/v1/events?account=\(account.id)&limit=500").expecting(200)["data"].array
        #expect(!all.contains { $0["type"].string == "account.authentication_failed" })
        #expect(try await account.api.get(account.path).expecting(200)["state"].string == "connected")
        // For the code, for the account, and ten that were over.
        #expect(renewals() >= 12)
        // Nothing of what opens doors is in the log or the metrics.
        let metrics = try await account.api.get("/metrics").text
        for secret in ["client-s3cret", "refresh_token=", "Bearer ey", "code_verifier", MailbridgeProcess.adminToken] {
            #expect(!world.bridge.process.output.contains(secret) && !metrics.contains(secret), "\(secret)")
        }
    }

    @Test func `nobody finishes what another browser began, and no page leads elsewhere`() async throws {
        let world = try await start(tokenSeconds: 600)
        try await world.bridge.api.post(
            "/v1/oauth/authorizations", ["email": "a@example.test", "returnUrl": "https://app.example.evil/connected"]
        ).problem(422, "invalid-request")
        try await world.bridge.api.post(
            "/v1/oauth/authorizations", ["email": "a@example.test", "returnUrl": "https://app.example/connected/../x"]
        ).problem(422, "invalid-request")
        let draft: JSONValue = [
            "email": .string(world.user.email), "returnUrl": .string(Self.returnURL + "?tenant=7"), "provider": "acme",
        ]
        let made = try await world.bridge.api.post("/v1/oauth/authorizations", draft).expecting(201)
        let path = String(try #require(made["url"].string).dropFirst(world.base.count))
        var (attacker, victim) = (
            Browser(api: world.bridge.api.with(token: nil)), Browser(api: world.bridge.api.with(token: nil))
        )
        let page = try await attacker.open(path)
        let token = try #require(page.text.firstMatch(of: /name="token" value="([^"]+)"/)?.1)
        // A form of another site, and one with another browser's token.
        #expect(try await victim.submit(path, "provider=acme").status == 410)
        _ = try await victim.open(path)
        #expect(try await victim.submit(path, "token=\(token)&provider=acme").status == 410)
        let sent = try await attacker.submit(path, "token=\(token)&provider=acme")
        let back = try await world.provider.consent(try #require(sent["Location"]), as: world.user)
        let callback = String(back.dropFirst(world.base.count))
        #expect(try await victim.open(callback).status == 410)
        #expect(try await attacker.open(callback).status == 410, "an answer that was tried is used")
        #expect(try await victim.open("/oauth/callback?state=x&code=y").status == 410)
        #expect(try await world.bridge.api.get("/v1/accounts").expecting(200)["data"].array.isEmpty)
    }

    private static let browser = try? Command.locate("chromium-headless-shell")
    private static let mustRun = browser != nil || ProcessInfo.processInfo.environment["CI"] != nil

    @Test(.enabled(if: mustRun, "chromium-headless-shell is not installed: make deps"))
    func `a person with a real browser gets through, and nothing on the way is forbidden`() async throws {
        let program = try #require(Self.browser)
        let world = try await start(tokenSeconds: 600, returnPath: "/healthz")
        let made = try await world.bridge.api.post(
            "/v1/oauth/authorizations",
            ["email": .string(world.user.email), "returnUrl": .string(world.base + "/healthz")]
        ).expecting(201)
        let url = try #require(made["url"].string)
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "browser.py")
            .path(percentEncoded: false)
        let clicks = ["button[value=acme]", "button[value=\"\(world.user.email)\"]"]
        let output = try await onThread {
            try Command.check([Python.interpreter(), script, program, url] + clicks)
        }
        let steps = output.split(separator: "\n").map(String.init)
        #expect(steps.count == 3, "\(output)")
        #expect(steps[0] == "\(url) Connect your mailbox")
        #expect(steps[1].hasPrefix(world.provider.issuer + "/oauth2/authorize?"))
        #expect(steps[2].hasPrefix(world.base + "/healthz?result="))
        let accounts = try await world.bridge.api.get("/v1/accounts").expecting(200)["data"].array
        #expect(accounts.map(\.["state"].string) == ["connected"])
    }
}
