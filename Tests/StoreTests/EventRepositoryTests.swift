import Database
import Model
import Store
import TestDatabases
import Testing

@Suite struct EventRepositoryTests {
    private static func draft(_ type: EventType = .messageCreated, of account: String? = "a", _ text: String = "{}")
        -> EventDraft
    {
        EventDraft(type, of: account.map(AccountID.init(rawValue:)), data: Array(text.utf8))
    }

    private static func append(
        _ drafts: [EventDraft], at time: Int64 = 1000, to store: MailStore, in database: any SQLDatabase
    ) async throws -> [Event] {
        let events = try await database.write { sql in try store.events.append(drafts, at: .at(time), in: sql) }
        store.events.committed(events)
        return try await store.placed(events)
    }

    private static func withLog(
        _ fixture: DatabaseFixture, _ body: (MailStore, any SQLDatabase) async throws -> Void
    ) async throws {
        try await fixture.withDatabase { database in
            try await body(try await MailStore.open(database, masterKey: try .example), database)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `numbers events without a gap and gives them back as they were`(_ fixture: DatabaseFixture) async throws {
        try await Self.withLog(fixture) { store, database in
            let first = try await Self.append([Self.draft()], to: store, in: database)
            let more = try await Self.append(
                [Self.draft(.accountDeleted, of: nil, #"{"ä":1}"#), Self.draft(.submissionSent, of: "b")],
                to: store, in: database)
            #expect((first + more).map(\.sequence) == [1, 2, 3])
            #expect(first[0].id.rawValue.hasPrefix("evt_"))
            let page = try await store.events.page(after: 0, limit: 10)
            #expect(page.events == first + more)
            #expect(page.next == 3)
            #expect(page.isLast)
            #expect(page.ends == EventLogEnds(oldest: 1, newest: 3))
            #expect(try await store.events.event(more[1].id) == more[1])
            #expect(store.events.counts.byType == [.messageCreated: 1, .accountDeleted: 1, .submissionSent: 1])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a transaction that fails takes no number`(_ fixture: DatabaseFixture) async throws {
        try await Self.withLog(fixture) { store, database in
            await #expect(throws: CancellationError.self) {
                try await database.write { sql in
                    _ = try store.events.append([Self.draft(), Self.draft()], at: .at(1), in: sql)
                    throw CancellationError()
                }
            }
            let events = try await Self.append([Self.draft()], to: store, in: database)
            #expect(events.map(\.sequence) == [1])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `many writers leave one order without a hole`(_ fixture: DatabaseFixture) async throws {
        try await Self.withLog(fixture) { store, database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<50 {
                    group.addTask {
                        let drafts = (0...(writer % 4)).map { _ in Self.draft() }
                        _ = try await Self.append(drafts, to: store, in: database)
                    }
                }
                try await group.waitForAll()
            }
            let page = try await store.events.page(after: 0, limit: 500)
            #expect(page.events.map(\.sequence) == Array(1...page.ends.newest))
            #expect(page.ends.newest == 123)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `pages and filters, and goes on behind what the filter did not want`(_ fixture: DatabaseFixture) async throws {
        try await Self.withLog(fixture) { store, database in
            let drafts = (0..<12).map { Self.draft($0 % 3 == 0 ? .accountUpdated : .messageCreated, of: "\($0 % 2)") }
            let events = try await Self.append(drafts, to: store, in: database)
            let one = EventFilter(accounts: [AccountID(rawValue: "1")])
            let both = EventFilter(types: [.accountUpdated], accounts: [AccountID(rawValue: "1")])
            for filter in [EventFilter.all, one, both, EventFilter(types: [.mailboxReset]), EventFilter(accounts: [])] {
                var found: [Event] = []
                var after: Int64 = 0
                while true {
                    let page = try await store.events.page(after: after, filter: filter, limit: 2)
                    #expect(page.events.count <= 2)
                    found += page.events
                    after = page.next
                    if page.isLast { break }
                }
                #expect(found == events.filter(filter.matches))
                #expect(after == 12)
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `forgets the oldest, and says so to who would miss some`(_ fixture: DatabaseFixture) async throws {
        try await Self.withLog(fixture) { store, database in
            // The clock went back once: what follows an event that is kept is kept too.
            for time: Int64 in [10, 20, 30, 15, 40] {
                _ = try await Self.append([Self.draft()], at: time, to: store, in: database)
            }
            try await store.events.removeExpired(before: .at(25))
            #expect(try await store.events.ends() == EventLogEnds(oldest: 3, newest: 5))
            #expect(try await store.events.page(after: 2, limit: 9).events.map(\.sequence) == [3, 4, 5])
            await #expect(throws: EventLogError.expired(oldest: 3)) {
                try await store.events.page(after: 1, limit: 9)
            }
            await #expect(throws: EventLogError.ahead(newest: 5)) { try await store.events.page(after: 6, limit: 9) }

            try await store.events.removeExpired(before: .distantFuture)
            #expect(try await store.events.ends() == EventLogEnds(oldest: 6, newest: 5))
            #expect(try await store.events.page(after: 5, limit: 9).isLast)
            await #expect(throws: EventLogError.expired(oldest: 6)) {
                try await store.events.page(after: 4, limit: 9)
            }
            #expect(try await Self.append([Self.draft()], to: store, in: database).map(\.sequence) == [6])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `the sweep keeps events for the time that is set`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(
                database, masterKey: try .example, eventRetention: .seconds(86400))
            for second: Int64 in 1...25 {
                let drafts = Array(repeating: Self.draft(), count: 200)
                _ = try await Self.append(drafts, at: second * 1000, to: store, in: database)
            }
            // More than one removal takes.
            try await store.sweep(now: .at(24_000 + 86_400_000))
            #expect(try await store.events.ends() == EventLogEnds(oldest: 4601, newest: 5000))
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `data is sealed, and opens only in its own row`(_ fixture: DatabaseFixture) async throws {
        try await Self.withLog(fixture) { store, database in
            _ = try await Self.append(
                [Self.draft(.messageCreated, of: "a", #"{"subject":"plain words"}"#), Self.draft()],
                to: store, in: database)
            let payload = try await database.read { sql in
                try sql.first("SELECT payload FROM events WHERE sequence = 1")?.blob("payload") ?? []
            }
            #expect(!payload.isEmpty)
            #expect(!String(decoding: payload, as: UTF8.self).contains("plain words"))
            try await database.execute("UPDATE events SET payload = \(payload) WHERE sequence = 2")
            await #expect(throws: StoreError.self) { try await store.events.page(after: 1, limit: 1) }
        }
    }
}
