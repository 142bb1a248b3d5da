import Database
import Events
import Model
import Store
import Synchronization
import TestDatabases
import Testing
import Wire

// The first to need PostgreSQL waits for it to be set up.
@Suite(.timeLimit(.minutes(3))) struct EventServiceTests {
    /// A clock that stands where it is put.
    private final class Clock: Sendable {
        let time = Mutex(Timestamp(milliseconds: 1_000_000))

        func advance(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
    }

    private static func withService(
        _ fixture: DatabaseFixture = .sqlite, hasAdminToken: Bool = true,
        _ body: (EventService, MailStore, any SQLDatabase, Clock) async throws -> Void
    ) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(database, masterKey: try .example)
            let clock = Clock()
            let service = EventService(store: store, hasAdminToken: hasAdminToken) { clock.time.withLock { $0 } }
            try await body(service, store, database, clock)
        }
    }

    private static func append(
        _ count: Int, _ type: EventType = .messageCreated, of account: String = "a", to store: MailStore,
        _ database: any SQLDatabase
    ) async throws {
        let draft = EventDraft(type, of: AccountID(rawValue: account), data: Array("{}".utf8))
        let drafts = Array(repeating: draft, count: count)
        let events = try await database.write { sql in
            try store.events.append(drafts, at: Timestamp(milliseconds: 1), in: sql)
        }
        store.events.committed(events)
    }

    @Test(arguments: DatabaseFixture.all)
    func `a page goes on until it is full, over all that the filter does not want`(_ database: DatabaseFixture)
        async throws
    {
        try await Self.withService(database) { service, store, database, _ in
            try await Self.append(12_000, to: store, database)
            try await Self.append(3, .accountUpdated, to: store, database)
            let page = try await service.page(after: 0, filter: EventFilter(types: [.accountUpdated]), limit: 2)
            #expect(page.events.map(\.sequence) == [12_001, 12_002])
            #expect(page.next == 12_002 && !page.isLast)
            let rest = try await service.page(after: 12_002, filter: EventFilter(types: [.accountUpdated]), limit: 2)
            #expect(rest.events.map(\.sequence) == [12_003])
            #expect(rest.isLast)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a commit ends the wait of whoever read before it`(_ database: DatabaseFixture) async throws {
        try await Self.withService(database) { service, store, database, _ in
            let rings = service.rings
            #expect(try await service.page(after: 0, filter: .all, limit: 1).events.isEmpty)
            async let waiting: Void = service.wait(after: rings, until: .now + .seconds(3600))
            try await Self.append(1, to: store, database)
            await waiting
            #expect(try await service.page(after: 0, filter: .all, limit: 1).events.count == 1)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `closing ends every wait`(_ database: DatabaseFixture) async throws {
        try await Self.withService(database) { service, _, _, _ in
            let rings = service.rings
            async let waiting: Void = service.wait(after: rings, until: .now + .seconds(3600))
            service.close()
            await waiting
            #expect(service.isClosing)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `polling rings for what another process has written`(_ database: DatabaseFixture) async throws {
        try await Self.withService(database) { service, store, database, _ in
            let rings = service.rings
            let poll = Task { await service.poll() }
            // Written past this process's own bell, again and again until the poll has seen a difference.
            while service.rings == rings {
                let draft = EventDraft(.mailboxReset, of: nil, data: Array("{}".utf8))
                _ = try await database.write { sql in
                    try store.events.append([draft], at: Timestamp(milliseconds: 1), in: sql)
                }
                await service.wait(after: rings, until: .now + .milliseconds(50))
            }
            poll.cancel()
            await poll.value
        }
    }

    private static func token(_ accounts: Set<AccountID>? = nil, expiresAt: Timestamp? = nil) -> Token {
        Token(
            id: TokenID(rawValue: "tok_1"), name: "web", scopes: [.events, .read], accounts: accounts,
            createdAt: Timestamp(milliseconds: 1), expiresAt: expiresAt)
    }

    private static func principal(_ token: Token) -> Principal {
        Principal(id: token.id.rawValue, name: token.name, scopes: token.scopes, accounts: token.accounts)
    }

    @Test(arguments: DatabaseFixture.all)
    func `a ticket stands for its token, for a minute, and only for events`(_ database: DatabaseFixture) async throws {
        try await Self.withService(database) { service, store, _, clock in
            let accounts: Set = [AccountID(rawValue: "a"), AccountID(rawValue: "b")]
            let token = Self.token(accounts)
            try await store.tokens.insert(token, secret: Secret("x"))
            let whole = try await service.makeTicket(for: Self.principal(token), accounts: nil)
            let narrow = try await service.makeTicket(
                for: Self.principal(token), accounts: [AccountID(rawValue: "a")])
            let holder = try #require(try await service.principal(ticket: whole.secret.revealed))
            #expect(holder == Principal(id: "tok_1", name: "web", scopes: [.events], accounts: accounts))
            // Again within its minute: a browser that reconnects.
            #expect(try await service.principal(ticket: whole.secret.revealed) == holder)
            #expect(
                try await service.principal(ticket: narrow.secret.revealed)?.accounts == [AccountID(rawValue: "a")])
            #expect(try await service.principal(ticket: "mbt_" + String(repeating: "A", count: 43)) == nil)
            #expect(try await service.principal(ticket: "x") == nil)
            clock.advance(by: .seconds(59))
            #expect(try await service.principal(ticket: whole.secret.revealed) != nil)
            clock.advance(by: .seconds(1))
            #expect(try await service.principal(ticket: whole.secret.revealed) == nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a ticket and a reader end with the token`(_ database: DatabaseFixture) async throws {
        try await Self.withService(database) { service, store, _, clock in
            let token = Self.token(expiresAt: Timestamp(milliseconds: 1_010_000))
            try await store.tokens.insert(token, secret: Secret("x"))
            let principal = Self.principal(token)
            let ticket = try await service.makeTicket(for: principal, accounts: nil).secret.revealed
            #expect(try await service.isActive(principal))
            clock.advance(by: .seconds(10))
            #expect(try await !service.isActive(principal))
            #expect(try await service.principal(ticket: ticket) == nil)
        }
        try await Self.withService(database) { service, store, _, _ in
            try await store.tokens.insert(Self.token(), secret: Secret("x"))
            let principal = Self.principal(Self.token())
            let ticket = try await service.makeTicket(for: principal, accounts: nil).secret.revealed
            _ = try await store.tokens.delete(Self.token().id)
            #expect(try await !service.isActive(principal))
            #expect(try await service.principal(ticket: ticket) == nil)
        }
    }

    @Test(arguments: [true, false]) func `the token of the settings makes tickets too`(isSet: Bool) async throws {
        try await Self.withService(hasAdminToken: isSet) { service, _, _, _ in
            let admin = Principal(id: Principal.settingsID, name: "admin", scopes: [.admin], accounts: nil)
            let made = try await service.makeTicket(for: admin, accounts: [AccountID(rawValue: "a")])
            let holder = try await service.principal(ticket: made.secret.revealed)
            let wanted = Principal(
                id: Principal.settingsID, name: "admin", scopes: [.events], accounts: [AccountID(rawValue: "a")])
            #expect(holder == (isSet ? wanted : nil))
            #expect(try await service.isActive(admin) == isSet)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `the sweep removes tickets that are over, and no others`(_ database: DatabaseFixture) async throws {
        try await Self.withService(database) { service, store, database, clock in
            let admin = Principal(id: Principal.settingsID, name: "admin", scopes: [.admin], accounts: nil)
            _ = try await service.makeTicket(for: admin, accounts: nil)
            clock.advance(by: .seconds(30))
            let young = try await service.makeTicket(for: admin, accounts: nil).secret.revealed
            clock.advance(by: .seconds(40))
            try await store.sweep(now: clock.time.withLock { $0 })
            let left = try await database.read { sql in try sql.rows("SELECT digest FROM stream_tickets").count }
            #expect(left == 1)
            #expect(try await service.principal(ticket: young) != nil)
        }
    }
}
