import Database
import Model
import Representation
import Store
import TestDatabases
import Testing

/// Rows, events and cursor: all or nothing, and what the events say.
@Suite struct SyncCommitTests {
    private typealias S = SyncedStore

    private func member(_ name: String, of event: Event) throws -> JSONValue? { try JSONParser.parse(event.data)[name] }

    @Test(arguments: DatabaseFixture.all)
    func `rows, events and cursor are stored together`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            let rings = synced.store.events.signal.rings
            let messages = [S.message(1, "e1", keywords: ["$seen"]), S.message(2, "e2")]
            var change = try await synced.change("INBOX", messages)
            change.cursor.modificationSequence = .max
            change.cursor.total = 2
            let events = try await synced.commit([change])
            #expect(events.map(\.type) == [.messageCreated, .messageCreated])
            #expect(try events.map { try member("id", of: $0) } == [.string("e1"), .string("e2")])
            #expect(try await synced.told() == events)
            #expect(synced.store.events.signal.rings > rings)
            #expect(try await synced.uids("INBOX") == [1, 2])
            let record = try await synced.record("INBOX")
            #expect(record.cursor == change.cursor && record.checkedAt == .at(9000))
        }
    }

    @Test(arguments: DatabaseFixture.all, ["INTO events", "UPDATE mailboxes", "INTO messages"])
    func `a transaction that fails midway leaves nothing`(_ fixture: DatabaseFixture, refused: String) async throws {
        try await fixture.withDatabase { inner in
            let database = MeddlingDatabase(inner)
            let synced = try await S(try await MailStore.open(database, masterKey: try .example))
            let before = try await synced.record("INBOX")
            let change = try await synced.change("INBOX", [S.message(1, "e1", references: [5])])
            let end = try await synced.store.events.ends().newest
            database.refuse(refused)
            await #expect(throws: DatabaseError.self) { try await synced.commit([change]) }
            #expect(try await synced.record("INBOX") == before)
            #expect(try await synced.uids("INBOX").isEmpty)
            #expect(try await synced.store.events.ends().newest == end)
            database.refuse(nil)
            #expect(try await synced.commit([change]).map(\.sequence) == [end + 1])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a lost lease writes nothing`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            let change = try await synced.change("INBOX", [S.message(1, "e1")])
            try await synced.store.leases.release([synced.lease])
            try await synced.store.beat("other", for: .seconds(15), now: .at(2000))
            let other = try #require(try await synced.store.leases.claim("other", limit: 9, now: .at(2000)).first)
            let lost = StoreError.accountLeaseLost(S.account)
            await #expect(throws: lost) { try await synced.commit([change]) }
            await #expect(throws: lost) { try await synced.store.sync.noteFirstSync(synced.lease) }
            await #expect(throws: lost) {
                _ = try await synced.store.sync.commit(ListingChange(), synced.lease) { _ in [] }
            }
            #expect(try await synced.told().isEmpty)
            #expect(try await synced.uids("INBOX").isEmpty)
            #expect(try await synced.commit([change], under: other).count == 1)
        }
    }

    @Test(arguments: DatabaseFixture.all, [true, false])
    func `a move is one event, in whichever order it was seen`(
        _ fixture: DatabaseFixture, isReversed: Bool
    ) async throws {
        try await S.with(fixture) { synced in
            try await synced.commit([try await synced.change("INBOX", [S.message(1, "e1", keywords: ["$seen"])])])
            let changes = [
                try await synced.change("INBOX", vanished: 1...1),
                try await synced.change("Work", [S.message(5, "e1", keywords: ["$seen"])]),
            ]
            let events = try await synced.commit(isReversed ? changes.reversed() : changes)
            #expect(events.map(\.type) == [.messageMoved])
            #expect(try member("id", of: events[0]) == .string("e1"))
            let inbox = MailboxID(path: "INBOX").rawValue
            #expect(try member("previousMailboxIds", of: events[0]) == .array([.string(inbox)]))
            #expect(try await synced.places("e1") == [synced.place("Work", 5)])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a copy is an update, and so is its end`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            try await synced.commit([try await synced.change("INBOX", [S.message(1, "e1")])])
            let copied = try await synced.commit([try await synced.change("Work", [S.message(1, "e1")])])
            #expect(copied.map(\.type) == [.messageUpdated])
            #expect(try member("changed", of: copied[0]) == .array([.string("mailboxIds")]))
            #expect(try await synced.places("e1").count == 2)
            let ended = try await synced.commit([try await synced.change("INBOX", vanished: 1...1)])
            #expect(ended.map(\.type) == [.messageUpdated])
            let deleted = try await synced.commit([try await synced.change("Work", vanished: 1...9)])
            #expect(deleted.map(\.type) == [.messageDeleted])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `keywords are told once, and only where they differ`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            try await synced.commit([try await synced.change("INBOX", [S.message(1, "e1"), S.message(2, "e2")])])
            var change = try await synced.change("INBOX")
            change.keywords = [(1, ["$flagged"]), (2, []), (7, ["$seen"])]
            let events = try await synced.commit([change])
            #expect(events.map(\.type) == [.messageUpdated])
            #expect(
                try member("keywords", of: events[0]) == .object([JSONMember(name: "$flagged", value: .bool(true))]))
            #expect(try await synced.commit([change]).isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `twins in one mailbox have different ids, the same message in another has the same`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await S.with(fixture) { synced in
            try await synced.commit([try await synced.change("INBOX", [S.message(2, "e1"), S.message(1, "e1")])])
            #expect(try await synced.places("e1") == [synced.place("INBOX", 1)])
            #expect(try await synced.places("e1-2") == [synced.place("INBOX", 2)])
            let third = try await synced.commit([try await synced.change("INBOX", [S.message(3, "e1")])])
            #expect(try third.map { try member("id", of: $0) } == [.string("e1-3")])
            try await synced.commit([try await synced.change("Work", [S.message(8, "e1")])])
            #expect(try await synced.places("e1") == [synced.place("INBOX", 1), synced.place("Work", 8)])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a deleted mailbox takes with it what lay in it alone`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            try await synced.commit([
                try await synced.change("INBOX", [S.message(1, "e1")]),
                try await synced.change("Work", [S.message(1, "e1"), S.message(2, "e2")]),
            ])
            let events = try await synced.commit([], deleted: [try await synced.record("Work")])
            #expect(Set(events.map(\.type)) == [.messageUpdated, .messageDeleted] && events.count == 2)
            #expect(try await synced.store.sync.mailboxes(of: S.account).map(\.path) == ["INBOX"])
            #expect(try await synced.places("e2").isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a backfill announces nothing`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            var first = try await synced.change("INBOX")
            (first.cursor.uidNext, first.cursor.backfill) = (9, 9)
            #expect(try await synced.commit([first]).isEmpty)
            #expect(try await !synced.store.index.isComplete(MailboxID(path: "INBOX"), of: S.account))
            var batch = try await synced.change(
                "INBOX", [S.message(8, "e8", isNews: false), S.message(4, "e4", isNews: false)])
            batch.isBackfill = true
            batch.cursor.backfill = 4
            #expect(try await synced.commit([batch]).isEmpty)
            #expect(try await synced.uids("INBOX") == [4, 8])
            #expect(try await synced.record("INBOX").cursor.backfill == 4)
            // It lies in a second mailbox, too, which is no news either.
            var other = try await synced.change("Work", [S.message(3, "e4", isNews: false)])
            other.isBackfill = true
            #expect(try await synced.commit([other]).isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `what came between the account and its first look is announced once, though a list showed it`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await S.with(fixture) { synced in
            var first = try await synced.change("INBOX")
            (first.cursor.uidNext, first.cursor.backfill) = (9, 9)
            try await synced.commit([first])
            _ = try await synced.store.index.adopt(
                [S.seen(7, "e7"), S.seen(8, "e8")], in: MailboxID(path: "INBOX"), uidValidity: 7, of: S.account)
            var batch = try await synced.change(
                "INBOX", [S.message(8, "e8"), S.message(7, "e7", isNews: false), S.message(6, "e6")])
            (batch.isBackfill, batch.cursor.backfill) = (true, 6)
            let events = try await synced.commit([batch])
            #expect(events.map(\.type) == [.messageCreated, .messageCreated])
            #expect(try events.map { try member("id", of: $0) } == [.string("e6"), .string("e8")])
            // It was moved before the other mailbox was read.
            var work = try await synced.change("Work", [S.message(5, "e8")])
            work.isBackfill = true
            let moved = try await synced.commit([work, try await synced.change("INBOX", vanished: 8...8)])
            #expect(moved.map(\.type) == [.messageMoved])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a row that a list made is announced once`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            let inbox = MailboxID(path: "INBOX")
            let adopted = try await synced.store.index.adopt(
                [S.seen(1, "e1")], in: inbox, uidValidity: 7, of: S.account)
            #expect(adopted[1]?.email == EmailID(rawValue: "e1"))
            #expect(try await synced.told().isEmpty)
            let change = try await synced.change("INBOX", [S.message(1, "e1", keywords: ["$seen"])])
            let events = try await synced.commit([change])
            #expect(events.map(\.type) == [.messageCreated])
            let again = try await synced.change("INBOX", [S.message(1, "e1", keywords: ["$seen"])])
            #expect(try await synced.commit([again]).isEmpty)
            #expect(try await synced.uids("INBOX") == [1])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a row that a list made of what went unannounced is told of by nobody`(_ fixture: DatabaseFixture) async throws
    {
        try await S.with(fixture) { synced in
            _ = try await synced.store.index.adopt(
                [S.seen(3, "e3")], in: MailboxID(path: "INBOX"), uidValidity: 7, of: S.account)
            #expect(try await synced.commit([try await synced.change("INBOX", vanished: 1...5)]).isEmpty)
            #expect(try await synced.uids("INBOX").isEmpty)
        }
    }
}
