import Accounts
import Model
import Store
import Synchronization
import TestDatabases
import Testing
import Wire

@Suite struct TokenServiceTests {
    private final class Clock: Sendable {
        private let time = Mutex<Int64>(1_000_000)
        var now: Timestamp { Timestamp(milliseconds: time.withLock { $0 }) }
        func advance(by milliseconds: Int64) { time.withLock { $0 += milliseconds } }
    }

    private static func with(
        _ database: DatabaseFixture = .sqlite, _ body: (TokenService, MailStore, Clock) async throws -> Void
    ) async throws {
        try await AccountFixture.with(database) { fixture in
            let clock = Clock()
            let service = TokenService(store: fixture.store, adminToken: Secret("the admin")) { clock.now }
            try await body(service, fixture.store, clock)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a token says who its bearer is, until it is revoked`(_ database: DatabaseFixture) async throws {
        try await Self.with(database) { service, _, clock in
            let bound: Set = [AccountID(rawValue: "a")]
            let (token, secret) = try await service.create(
                TokenDraft(name: "web", scopes: [.read, .send], accounts: bound, expiresIn: nil))
            #expect(secret.revealed.hasPrefix("mb_") && secret.revealed.utf8.count == 46)
            let expected = Principal(id: token.id.rawValue, name: "web", scopes: [.read, .send], accounts: bound)
            for _ in 0..<2 {
                let principal = try await service.principal(bearer: secret.revealed)
                #expect(principal == expected)
            }
            let listed = try await service.list(limit: 10, cursor: nil)
            var used = token
            used.lastUsedAt = clock.now
            #expect(listed.data == [used])
            try await service.revoke(token.id)
            let principal = try await service.principal(bearer: secret.revealed)
            #expect(principal == nil)
            await #expect(throws: AccountError.self) { try await service.revoke(token.id) }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `an expired token is refused, also while it is remembered`(_ database: DatabaseFixture) async throws {
        try await Self.with(database) { service, _, clock in
            let (token, secret) = try await service.create(
                TokenDraft(name: "short", scopes: [.read], accounts: nil, expiresIn: .milliseconds(500)))
            #expect(token.expiresAt == clock.now.advanced(by: .milliseconds(500)))
            clock.advance(by: 499)
            let before = try await service.principal(bearer: secret.revealed)
            clock.advance(by: 1)
            let after = try await service.principal(bearer: secret.revealed)
            #expect(before != nil && after == nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `one revoked by another process is believed for a second at most`(_ database: DatabaseFixture) async throws {
        try await Self.with(database) { service, store, clock in
            let (token, secret) = try await service.create(
                TokenDraft(name: "t", scopes: [.read], accounts: nil, expiresIn: nil))
            _ = try await service.principal(bearer: secret.revealed)
            _ = try await store.tokens.delete(token.id)
            clock.advance(by: 999)
            let remembered = try await service.principal(bearer: secret.revealed)
            clock.advance(by: 1)
            let asked = try await service.principal(bearer: secret.revealed)
            #expect(remembered != nil && asked == nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `the admin token of the settings may do everything`(_ database: DatabaseFixture) async throws {
        try await Self.with(database) { service, store, _ in
            let principal = try await service.principal(bearer: "the admin")
            #expect(principal == Principal(id: "admin", name: "admin", scopes: [.admin], accounts: nil))
            let none = TokenService(store: store, adminToken: Secret(""))
            let empty = try await none.principal(bearer: "")
            #expect(empty == nil)
        }
    }

    @Test(arguments: [
        "", "the admi", "the admin ", "mb_", "mb_" + String(repeating: "A", count: 43), "mb_\u{0}", "Bearer x",
    ])
    func `nobody is who presents anything else`(_ bearer: String) async throws {
        try await Self.with { service, _, _ in
            let principal = try await service.principal(bearer: bearer)
            #expect(principal == nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `points at what is wrong with a token`(_ database: DatabaseFixture) async throws {
        try await Self.with(database) { service, _, _ in
            let error = await #expect(throws: AccountError.self) {
                _ = try await service.create(TokenDraft(name: "", scopes: [], accounts: [], expiresIn: .zero))
            }
            #expect(pointers(error) == ["/accounts", "/expiresIn", "/name", "/scopes"])
            let listed = try await service.list(limit: 1, cursor: nil)
            #expect(listed.data.isEmpty)
        }
    }
}
