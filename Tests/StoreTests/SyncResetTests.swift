import Model
import Store
import TestDatabases
import Testing

/// Another UIDVALIDITY: what was there is known again, and only what really changed is told.
@Suite struct SyncResetTests {
    private typealias S = SyncedStore

    /// The cursor of the mailbox once its UIDs mean other messages.
    private func reset(
        _ synced: SyncedStore, _ arrived: [ArrivedMessage] = [], generation: Int64 = 1, backfill: UInt32 = 0
    ) async throws -> MailboxChange {
        let record = try await synced.record("INBOX")
        var change = MailboxChange(
            record,
            cursor: MailboxCursor(
                uidValidity: 7 + UInt32(abs(generation)), uidNext: 90, backfill: backfill, generation: generation))
        change.arrived = arrived
        return change
    }

    @Test(arguments: DatabaseFixture.all)
    func `in one commit`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            try await synced.commit([try await synced.change("INBOX", [S.message(1, "e1"), S.message(2, "e2")])])
            var change = try await reset(synced, [S.message(50, "e1"), S.message(51, "new")])
            change.endsReset = true
            let events = try await synced.commit([change])
            #expect(Set(events.map(\.type)) == [.messageDeleted, .messageCreated] && events.count == 2)
            #expect(try await synced.uids("INBOX") == [50, 51])
            #expect(try await synced.places("e1") == [synced.place("INBOX", 50, validity: 8)])
            #expect(try await synced.places("e2").isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `in several commits nothing is told of what comes back`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            let messages = [S.message(1, "e1"), S.message(2, "e2"), S.message(3, "e3")]
            try await synced.commit([try await synced.change("INBOX", messages)])
            #expect(try await synced.commit([try await reset(synced, backfill: 90)]).isEmpty)
            // The old rows stand aside: they lead nowhere, and are no UIDs of the mailbox.
            #expect(try await synced.uids("INBOX").isEmpty)
            #expect(try await synced.places("e1").isEmpty)
            var newest = try await synced.change("INBOX", [S.message(81, "e3")])
            newest.cursor.backfill = 81
            #expect(try await synced.commit([newest]).isEmpty)
            #expect(try await synced.places("e3") == [synced.place("INBOX", 81, validity: 8)])
            var oldest = try await synced.change("INBOX", [S.message(80, "e2")])
            (oldest.cursor.backfill, oldest.endsReset) = (0, true)
            let events = try await synced.commit([oldest])
            #expect(events.map(\.type) == [.messageDeleted])
            #expect(try await synced.uids("INBOX") == [80, 81])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `twice before it was read again, the rows of both are told apart`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            try await synced.commit([try await synced.change("INBOX", [S.message(1, "e1"), S.message(2, "e2")])])
            try await synced.commit([try await reset(synced, backfill: 90)])
            var part = try await synced.change("INBOX", [S.message(1, "e2")])
            part.cursor.backfill = 1
            #expect(try await synced.commit([part]).isEmpty)
            var second = try await reset(synced, [S.message(9, "e1"), S.message(10, "e2")], generation: -2)
            second.endsReset = true
            #expect(try await synced.commit([second]).isEmpty)
            #expect(try await synced.uids("INBOX") == [9, 10])
            #expect(try await synced.places("e2") == [synced.place("INBOX", 10, validity: 9)])
        }
    }
}
