import Database
import Model
import Representation
import Store
import TestDatabases
import Testing

/// Every change of an account or a submission is told in its own transaction.
@Suite struct DomainEventTests {
    private static let a = AccountID(rawValue: "a")

    private static func told(_ store: MailStore) async throws -> [Event] {
        try await store.events.page(after: 0, limit: 500).events
    }

    private static func member(_ name: String, of event: Event) throws -> JSONValue? {
        try JSONParser.parse(event.data)[name]
    }

    @Test(arguments: DatabaseFixture.all)
    func `an account's life`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            #expect(try await store.accounts.insert(.sample("a"), credentials: .sample))
            #expect(try await !store.accounts.insert(.sample("a"), credentials: .sample))
            var changed = Account.sample("a")
            changed.name = "New"
            changed.revision = 2
            #expect(try await store.accounts.update(changed, credentials: nil, ifRevision: 1))
            #expect(try await !store.accounts.update(changed, credentials: nil, ifRevision: 1))
            let fault = AccountFault(mailProtocol: .imap, code: "authentication-failed", text: "no", at: .at(7))
            let states: [AccountState] = [
                .syncing, .connected, .authenticationFailed, .authenticationFailed, .unreachable,
            ]
            for state in states {
                #expect(try await store.accounts.setState(Self.a, state, lastError: fault, ifRevision: 2, now: .at(9)))
            }
            #expect(try await !store.accounts.setState(Self.a, .connected, lastError: nil, ifRevision: 1))
            #expect(try await !store.accounts.delete(Self.a, ifRevision: 1))
            #expect(try await store.accounts.delete(Self.a, ifRevision: 2, now: .at(10)))
            #expect(try await !store.accounts.delete(Self.a, ifRevision: nil))

            let events = try await Self.told(store)
            #expect(
                events.map(\.type) == [
                    .accountCreated, .accountConnected, .accountUpdated, .accountAuthenticationFailed,
                    .accountUnreachable, .accountDeleted,
                ])
            #expect(events.allSatisfy { $0.accountID == Self.a })
            #expect(events[0].data == JSONWriter.bytes(of: Account.sample("a")))
            #expect(try Self.member("name", of: events[2]) == .string("New"))
            #expect(try Self.member("state", of: events[3]) == .string("authentication-failed"))
            #expect(try Self.member("lastError", of: events[3])?["text"] == .string("no"))
            #expect(events[3].timestamp == .at(9))
            #expect(try Self.member("state", of: events[5]) == .string("unreachable"))
            #expect(!events.contains { String(decoding: $0.data, as: UTF8.self).contains("grüße") })
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a disabled account becomes connected again`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            var account = Account.sample("a")
            account.state = .disabled
            _ = try await store.accounts.insert(account, credentials: .sample)
            account.state = .connected
            account.revision = 2
            #expect(try await store.accounts.update(account, credentials: nil, ifRevision: 1))
            #expect(
                try await Self.told(store).map(\.type) == [.accountCreated, .accountUpdated, .accountConnected])
            let counts = try await store.accounts.countByState()
            #expect(counts[.connected] == 1 && counts[.disabled] == 0)
        }
    }

    @Test(arguments: [
        (SubmissionState.sent, [EventType.submissionSent]), (.failed, [.submissionFailed]),
        (.partiallySent, [.submissionSent, .submissionFailed]), (.unknown, [.submissionUnknown]),
    ])
    func `how a submission ended`(state: SubmissionState, types: [EventType]) async throws {
        for fixture in DatabaseFixture.all {
            try await fixture.withStore { store in
                try await store.addAccount("a")
                let before = try await Self.told(store).count
                try await store.submissions.insert(.sample("s"), content: [1])
                let rings = store.events.signal.rings
                let claimed = try await store.submissions.claim(by: "n", limit: 1, until: .at(99), now: .at(2000))
                try await store.submissions.finish(claimed[0], as: state, now: .at(3000))
                let events = try await Self.told(store).dropFirst(before)
                #expect(events.map(\.type) == types)
                #expect(store.events.signal.rings > rings)
                for event in events {
                    #expect(event.timestamp == .at(3000) && event.accountID == Self.a)
                    #expect(try Self.member("state", of: event) == .string(state.rawValue))
                    #expect(try Self.member("id", of: event) == .string("s"))
                }
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a submission that is put off, and one that nobody knows about`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let before = try await Self.told(store).count
            try await store.submissions.insert(.sample("s"), content: [1])
            var claimed = try await store.submissions.claim(by: "n", limit: 1, until: .at(99), now: .at(2000))
            try await store.submissions.reschedule(claimed[0], at: .at(2500), isDeferred: false)
            claimed = try await store.submissions.claim(by: "n", limit: 1, until: .at(99), now: .at(3000))
            claimed[0].submission.recipients[0].state = .deferred
            try await store.submissions.reschedule(claimed[0], at: .at(9000))
            #expect(try await store.submissions.countOpen()[.queued] == 1)
            claimed = try await store.submissions.claim(by: "n", limit: 1, until: .at(99), now: .at(9000))
            try await store.submissions.markInDoubt(claimed[0])
            _ = try await store.submissions.recover(expiredBy: .distantFuture, now: .at(9500))
            let events = try await Self.told(store).dropFirst(before)
            #expect(events.map(\.type) == [.submissionDeferred, .submissionUnknown])
            #expect(try Self.member("nextAttemptAt", of: events.first!) == .string(Timestamp.at(9000).description))
            #expect(try Self.member("state", of: events.last!) == .string("unknown"))
            #expect(try await store.submissions.countOpen() == [.scheduled: 0, .queued: 0, .sending: 0, .unknown: 1])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a lost lease tells nothing`(_ fixture: DatabaseFixture) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let before = try await store.events.ends().newest
            try await store.submissions.insert(.sample("s"), content: [1])
            let claimed = try await store.submissions.claim(by: "n", limit: 1, until: .at(99), now: .at(2000))
            _ = try await store.submissions.recover(expiredBy: .distantFuture)
            await #expect(throws: StoreError.self) { try await store.submissions.finish(claimed[0], as: .sent) }
            #expect(try await store.events.ends().newest == before)
        }
    }
}
