import Accounts
import MailClient
import Model
import Store
import TestDatabases
import Testing
import Wire

/// The link in the event that says that a consent is gone.
@Suite struct ConsentLinkTests {
    private static let a = AccountID(rawValue: "a")

    private func with(
        _ database: DatabaseFixture = .sqlite, _ authentication: Authentication, email: String = "ann@acme.test",
        isOwn: Bool = false,
        _ body: (ScriptedProvider, AccountFixture, AuthorizationService) async throws -> Void
    ) async throws {
        try await AccountFixture.with(database) { fixture in
            let provider = ScriptedProvider()
            let client = provider.client()
            let accounts = fixture.service(oauth: client) { _, _, _ in nil }
            var draft = AccountDraft.sample()
            draft.email = email
            draft.credentials = Credentials(
                username: email, authentication: isOwn ? .password(Secret("p")) : authentication)
            if isOwn { draft.ownCredentials = [.imap: Credentials(username: email, authentication: authentication)] }
            _ = try await accounts.create(draft, verify: false, deadline: .soon)
            fixture.store.consentLinks.use(publicURL: "https://mail.test")
            let service = AuthorizationService(
                store: fixture.store, accounts: accounts, client: client,
                settings: AuthorizationService.Settings(publicURL: "https://mail.test", returnURLs: [])
            ) { provider.now }
            try await body(provider, fixture, service)
        }
    }

    private func lose(_ fixture: AccountFixture, at time: Timestamp) async throws -> String? {
        let fault = AccountFault(mailProtocol: .imap, code: "authentication-failed", text: "no", at: time)
        let isSet = try await fixture.store.accounts.setState(
            Self.a, .authenticationFailed, lastError: fault, ifRevision: 1, now: time)
        #expect(isSet)
        let events = try await fixture.store.events.page(after: 0, limit: 100).events
        let lost = try #require(events.last { $0.type == .accountAuthenticationFailed })
        return String(decoding: lost.data, as: UTF8.self).firstMatch(of: /"consentUrl":"([^"]+)"/).map { String($0.1) }
    }

    private static let consent = Authentication.oauth2(
        .refreshToken(provider: "acme", refreshToken: Secret("refresh-0")))

    @Test(arguments: DatabaseFixture.all)
    func `leads to a page for this account, as long as it needs it`(_ database: DatabaseFixture) async throws {
        try await with(database, Self.consent) { provider, fixture, service in
            let url = try #require(try await lose(fixture, at: provider.now))
            #expect(url.hasPrefix("https://mail.test/connect/again."))
            let link = String(url.dropFirst("https://mail.test/connect/".count))
            let page = try await service.reopened(link)
            let opened = try await service.page(String(try #require(page.split(separator: "/").last)))
            #expect(opened.account == Self.a && opened.email == "ann@acme.test" && opened.provider == "acme")
            // Changed by an octet it is none, nor the bare name of an account.
            for other in [link + "A", String(link.dropLast(2)), "again.AAAA.YQ", "again..", "a"] {
                await #expect(throws: AuthorizationError.over) { try await service.reopened(other) }
            }
            provider.advance(.seconds(8 * 86_400))
            await #expect(throws: AuthorizationError.over) { try await service.reopened(link) }
        }
        try await with(database, Self.consent) { provider, fixture, service in
            let url = try #require(try await lose(fixture, at: provider.now))
            let link = String(url.dropFirst("https://mail.test/connect/".count))
            _ = try await fixture.store.accounts.setState(
                Self.a, .connected, lastError: nil, ifRevision: 1, now: provider.now)
            await #expect(throws: AuthorizationError.over) { try await service.reopened(link) }
        }
    }

    @Test func `a consent that one protocol has for itself is renewed there, whatever the address is`() async throws {
        try await with(.sqlite, Self.consent, email: "ann@corp.test", isOwn: true) { provider, fixture, service in
            let url = try #require(try await lose(fixture, at: provider.now))
            let page = try await service.reopened(String(url.dropFirst("https://mail.test/connect/".count)))
            let link = String(try #require(page.split(separator: "/").last))
            #expect(try await service.page(link).provider == "acme")
            let cookie = Secret("cookie")
            let target = try await service.begin(link, cookie: cookie, email: nil, provider: "acme")
            let state = try #require(target.firstMatch(of: /state=([^&]+)/)).1
            let ending = try await service.complete(
                AuthorizationService.ProviderAnswer(
                    state: String(state), code: Secret("code"), error: nil, issuer: nil), cookie: cookie)
            #expect(ending.authorization.status == .completed, "\(ending.authorization)")
            let held = try #require(try await fixture.store.accounts.opened(Self.a)).1
            #expect(held.shared?.authentication == .password(Secret("p")))
            guard case .oauth2(.refreshToken("acme", let refresh)) = held.own[.imap]?.authentication else {
                Issue.record("imap has no consent of its own any more")
                return
            }
            #expect(refresh != Secret("refresh-0"))
        }
    }

    @Test(arguments: [
        Authentication.password(Secret("p")), .oauth2(.clientCredentials(provider: "acme")),
        .oauth2(.endpoint(url: "https://tokens.test", authorization: nil)),
    ]) func `is not there where no person consented`(authentication: Authentication) async throws {
        try await with(.sqlite, authentication) { provider, fixture, _ in
            let told = try await lose(fixture, at: provider.now)
            #expect(told == nil)
        }
    }
}
