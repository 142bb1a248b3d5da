import Model
import Store
import TestDatabases
import Testing

/// Where messages are, for whoever asks without a lease.
@Suite struct MailboxIndexTests {
    private typealias S = SyncedStore
    private let inbox = MailboxID(path: "INBOX")
    private let work = MailboxID(path: "Work")

    @Test(arguments: DatabaseFixture.all)
    func `mailboxes get an id once, and another where it is taken`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            let index = synced.store.index
            let new = ListedMailbox(path: "New", proposedID: MailboxID(path: "New"))
            let ids = try await index.identify([new], of: S.account)
            #expect(ids["INBOX"] == inbox && ids["New"] == new.proposedID && ids.count == 3)
            #expect(try await index.identify([new], of: S.account) == ids)
            // Renamed, it keeps its id; the mailbox that has its path next gets one of its own.
            try await index.noteRenamed([("New", "Newer")], of: S.account)
            let later = try await index.identify([new], of: S.account)
            #expect(later["Newer"] == new.proposedID && later["New"] != nil && later["New"] != new.proposedID)
            #expect(try await index.directory(of: AccountID(rawValue: "b")).ids.isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `what a list reads leads back to where it was read`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            let index = synced.store.index
            let seen = [S.seen(1, "e1"), S.seen(2, "e1"), S.seen(3, "e3")]
            let first = try await index.adopt(seen, in: inbox, uidValidity: 7, of: S.account)
            #expect([1, 2, 3].map { first[$0]?.email.rawValue } == ["e1", "e1-2", "e3"])
            #expect(first[3]?.mailboxes == [inbox] && first[3]?.thread == ThreadID(rawValue: "Te3"))
            #expect(try await index.adopt(seen, in: inbox, uidValidity: 7, of: S.account) == first)
            #expect(try await synced.places("e1-2") == [synced.place("INBOX", 2)])
            _ = try await index.adopt([S.seen(9, "e3")], in: work, uidValidity: 7, of: S.account)
            let both = try await index.adopt([S.seen(3, "e3")], in: inbox, uidValidity: 7, of: S.account)
            #expect(both[3]?.mailboxes == [inbox, work].sorted())
            let known = try await index.emails(of: [1, 9], in: inbox, uidValidity: 7, of: S.account)
            #expect(known == [1: EmailID(rawValue: "e1")])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `under a UIDVALIDITY that the sync has not seen, messages have the ids they say themselves`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await S.with(fixture) { synced in
            let index = synced.store.index
            _ = try await index.adopt([S.seen(1, "e1")], in: inbox, uidValidity: 7, of: S.account)
            let other = try await index.adopt([S.seen(1, "x")], in: inbox, uidValidity: 8, of: S.account)
            #expect(other[1]?.email == EmailID(rawValue: "x") && other[1]?.mailboxes == [inbox])
            #expect(try await synced.places("x").isEmpty)
            #expect(try await index.emails(of: [1], in: inbox, uidValidity: 8, of: S.account).isEmpty)
            #expect(try await index.threads(in: inbox, uidValidity: 8, of: S.account, limit: 9).isEmpty)
            // An unknown mailbox, and an unknown account.
            let nowhere = try await index.adopt(
                [S.seen(1, "y")], in: MailboxID(rawValue: "?"), uidValidity: 7, of: S.account)
            #expect(nowhere[1]?.email == EmailID(rawValue: "y"))
            #expect(try await synced.places("y").isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a message of another account with the same id is not ours`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            try await synced.store.addAccount("b")
            let other = AccountID(rawValue: "b")
            let listed = ListedMailbox(path: "INBOX", proposedID: inbox)
            _ = try await synced.store.index.identify([listed], of: other)
            _ = try await synced.store.index.adopt([S.seen(4, "e1")], in: inbox, uidValidity: 3, of: other)
            #expect(try await synced.places("e1").isEmpty)
            let events = try await synced.commit([try await synced.change("INBOX", [S.message(1, "e1")])])
            #expect(events.map(\.type) == [.messageCreated])
            #expect(try await synced.places("e1") == [synced.place("INBOX", 1)])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `what we move ourselves is found at its new place at once, and told by the sync once`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await S.with(fixture) { synced in
            let index = synced.store.index
            try await synced.commit([try await synced.change("INBOX", [S.message(1, "e1"), S.message(2, "e2")])])
            try await index.noteCopied(
                [(source: 1, destination: 30)], from: inbox, to: work, uidValidity: 7, of: S.account)
            #expect(try await synced.places("e1") == [synced.place("INBOX", 1), synced.place("Work", 30)])
            try await index.noteLeaving([1], inbox, of: S.account)
            #expect(try await synced.places("e1") == [synced.place("Work", 30)])
            #expect(try await index.threads(in: inbox, uidValidity: 7, of: S.account, limit: 9).map(\.uid) == [2])
            let events = try await synced.commit([
                try await synced.change("INBOX", vanished: 1...1),
                try await synced.change("Work", [S.message(30, "e1")]),
            ])
            #expect(events.map(\.type) == [.messageMoved])
            #expect(try await synced.places("e1") == [synced.place("Work", 30)])
            // A destination that means something else by now is not believed.
            try await index.noteCopied(
                [(source: 2, destination: 31)], from: inbox, to: work, uidValidity: 8, of: S.account)
            #expect(try await synced.places("e2") == [synced.place("INBOX", 2)])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `conversations are joined by what messages name`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            let messages = [
                S.message(1, "e1", references: [100]), S.message(2, "e2", references: [200, 100]),
                S.message(3, "e3", references: [300]),
            ]
            try await synced.commit([try await synced.change("INBOX", messages)])
            // A later one that names what only the second had named.
            try await synced.commit([try await synced.change("Work", [S.message(1, "e4", references: [400, 200])])])
            let thread = ThreadID(rawValue: "Te1")
            let found = try await synced.store.index.places(ofThread: thread, in: S.account, limit: 9)
            #expect(Set(found.map(\.email.rawValue)) == ["e1", "e2", "e4"])
            let newest = try await synced.store.index.threads(in: inbox, uidValidity: 7, of: S.account, limit: 2)
            #expect(newest.map(\.uid) == [3, 2] && newest.map(\.thread) == [ThreadID(rawValue: "Te3"), thread])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a renamed mailbox keeps its id and takes the place of a placeholder`(_ fixture: DatabaseFixture) async throws
    {
        try await S.with(fixture) { synced in
            let index = synced.store.index
            try await synced.commit([try await synced.change("Work", [S.message(1, "e1")])])
            let taken = ListedMailbox(path: "Job", proposedID: MailboxID(path: "Job"))
            _ = try await index.identify([taken], of: S.account)
            try await index.noteRenamed([("Work", "Job")], of: S.account)
            #expect(try await index.directory(of: S.account).ids == ["INBOX": inbox, "Job": work])
            #expect(try await synced.places("e1") == [synced.place("Work", 1)])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `is complete when all that was there has been read`(_ fixture: DatabaseFixture) async throws {
        try await S.with(fixture) { synced in
            let index = synced.store.index
            #expect(try await index.isComplete(inbox, of: S.account))
            #expect(try await index.isComplete(S.account))
            var begun = try await synced.change("INBOX")
            (begun.cursor.uidNext, begun.cursor.backfill) = (9, 9)
            try await synced.commit([begun])
            #expect(try await !index.isComplete(inbox, of: S.account))
            #expect(try await !index.isComplete(S.account))
            #expect(try await index.isComplete(work, of: S.account))
            var done = try await synced.change("INBOX")
            done.cursor.backfill = 1
            try await synced.commit([done])
            #expect(try await index.isComplete(inbox, of: S.account))
            #expect(try await index.isComplete(S.account))
            // Nobody has looked into this one yet.
            let new = ListedMailbox(path: "New", proposedID: MailboxID(path: "New"))
            _ = try await index.identify([new], of: S.account)
            #expect(try await !index.isComplete(new.proposedID, of: S.account))
            try await synced.store.addAccount("b")
            #expect(try await !index.isComplete(AccountID(rawValue: "b")))
        }
    }
}
