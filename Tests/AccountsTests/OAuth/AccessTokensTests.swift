import Accounts
import MailClient
import Model
import Store
import Synchronization
import TestDatabases
import Testing
import Wire

@Suite struct AccessTokensTests {
    private let grant = OAuthGrant.refreshToken(provider: "acme", refreshToken: Secret("refresh-0"))
    private let holder = OAuthHolder(account: AccountID(rawValue: "a"), mailProtocol: nil)

    /// A stored account whose credentials are the grant, and as many nodes as wanted on the same store.
    private func withNodes(
        _ count: Int, on database: DatabaseFixture = .sqlite,
        _ body: (ScriptedProvider, AccountFixture, [AccessTokens]) async throws -> Void
    ) async throws {
        try await AccountFixture.with(database) { fixture in
            let provider = ScriptedProvider()
            _ = try await fixture.service.create(.sample(), verify: false, deadline: .soon)
            let nodes = (0..<count).map { number in
                AccessTokens(
                    store: fixture.store, client: provider.client(), node: "node-\(number)", now: { provider.now },
                    pause: { _ in try await Task.sleep(for: .milliseconds(2)) })  // Sound: a poll of the store
            }
            try await body(provider, fixture, nodes)
        }
    }

    private func token(
        _ node: AccessTokens, _ other: OAuthGrant? = nil, refused: Secret? = nil
    ) async throws -> Secret {
        try await node.token(holder, other ?? grant, refused: refused)
    }

    private func expectToken(
        _ text: String, _ node: AccessTokens, refused: Secret? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let given = try await token(node, refused: refused)
        #expect(given.revealed == text, sourceLocation: sourceLocation)
    }

    @Test(arguments: DatabaseFixture.all)
    func `three nodes with thirty askers renew once, and the refresh token is spent once`(
        _ database: DatabaseFixture
    ) async throws {
        try await withNodes(3, on: database) { provider, fixture, nodes in
            for round in 1...3 {
                let tokens = await withTaskGroup(of: Secret?.self) { group in
                    for number in 0..<30 {
                        group.addTask { [holder, grant] in try? await nodes[number % 3].token(holder, grant) }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(Set(tokens) == [Secret("access-\(round)")])
                provider.advance(.seconds(3600))
            }
            #expect(provider.state.withLock { $0.issued } == 3)
            let stored = try await fixture.store.oauthTokens.tokens(of: holder)
            #expect(stored?.refresh == Secret("refresh-3"))
        }
    }

    @Test func `a token is renewed ahead of its end, and not before`() async throws {
        try await withNodes(1) { provider, _, nodes in
            try await expectToken("access-1", nodes[0])
            provider.advance(.seconds(3299))
            try await expectToken("access-1", nodes[0])
            provider.advance(.seconds(2))
            try await expectToken("access-2", nodes[0])
            #expect(provider.state.withLock { $0.requests.map { $0["refresh_token"] } } == ["refresh-0", "refresh-1"])
        }
    }

    @Test func `a token that a mail server refused is not given again`() async throws {
        try await withNodes(2) { provider, _, nodes in
            let first = try await token(nodes[0])
            // The other node has it from the store.
            #expect(try await token(nodes[1]) == first)
            try await expectToken("access-2", nodes[1], refused: first)
            try await expectToken("access-2", nodes[0], refused: first)
            #expect(provider.state.withLock { $0.issued } == 2)
        }
    }

    @Test func `a grant that is gone is asked once, until there is another`() async throws {
        try await withNodes(1) { provider, _, nodes in
            let lost = OAuthGrant.refreshToken(provider: "acme", refreshToken: Secret("of-yesterday"))
            for _ in 0..<3 {
                await #expect(throws: AccessTokenSource.Fault.consentNeeded("invalid_grant: used already")) {
                    try await token(nodes[0], lost)
                }
            }
            #expect(provider.state.withLock { $0.requests.count } == 1)
            try await expectToken("access-1", nodes[0])
        }
    }

    @Test func `a provider that is away says nothing about the grant`() async throws {
        try await withNodes(1) { provider, _, nodes in
            provider.state.withLock { $0.fault = WebFault("asleep") }
            await #expect(throws: AccessTokenSource.Fault.self) { try await token(nodes[0]) }
            provider.state.withLock { $0.fault = nil }
            provider.state.withLock { $0.next = [WebAnswer(status: 503, body: Array("<html>".utf8))] }
            await #expect(
                throws: AccessTokenSource.Fault.unavailable("the authorization server is not available: status 503")
            ) { try await token(nodes[0]) }
            try await expectToken("access-1", nodes[0])
        }
    }

    @Test func `credentials that were replaced while tokens were asked for win`() async throws {
        try await withNodes(1) { provider, fixture, nodes in
            let id = holder.account
            provider.state.withLock { state in
                state.during = {
                    provider.state.withLock { $0.during = nil }
                    var patch = AccountPatch()
                    patch.credentials = CredentialsPatch(
                        authentication: .oauth2(.endpoint(url: "https://x.test/t", authorization: nil)))
                    let service = fixture.service(oauth: provider.client()) { _, _, _ in nil }
                    _ = try? await service.update(id, with: patch, ifRevision: nil, verify: false, deadline: .soon)
                }
            }
            await #expect(throws: AccessTokenSource.Fault.unavailable("the credentials changed")) {
                try await token(nodes[0])
            }
            let stored = try await fixture.store.oauthTokens.tokens(of: holder)
            #expect(stored == nil)
        }
    }

    @Test func `a node that died while it renewed is waited for, not for ever`() async throws {
        try await withNodes(1) { provider, fixture, nodes in
            let claim = try await fixture.store.oauthTokens.claim(
                holder, by: "dead", for: .seconds(40), now: provider.now)
            #expect(claim == .granted(epoch: provider.now.milliseconds + 1, tokens: nil))
            #expect(
                try await fixture.store.oauthTokens.claim(holder, by: "x", for: .seconds(40), now: provider.now)
                    == .taken)
            provider.advance(.seconds(41))
            try await expectToken("access-1", nodes[0])
            let late = OAuthTokens(access: Secret("late"), refresh: nil, expiresAt: provider.now, lifetime: .seconds(1))
            #expect(
                try await !fixture.store.oauthTokens.store(late, of: holder, epoch: provider.now.milliseconds - 40_999))
        }
    }

    @Test func `tokens go with the account`() async throws {
        try await withNodes(1) { _, fixture, nodes in
            _ = try await token(nodes[0])
            try await fixture.service.delete(holder.account, ifRevision: nil)
            await nodes[0].forget(holder.account)
            await #expect(throws: AccessTokenSource.Fault.unavailable("the account is gone")) {
                try await token(nodes[0])
            }
        }
    }
}
