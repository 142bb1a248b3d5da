import Database
import Model
import Store
import Sync
import TestDatabases
import Testing
import Wire

@Suite struct `What a POP3 server calls its messages` {
    private let account = SyncedStore.account

    private func entries(_ list: [(String?, Int)]) -> [MaildropEntry] {
        list.enumerated().map { MaildropEntry(number: $0 + 1, size: $1.1, uniqueID: $1.0) }
    }

    private func enrol(
        _ store: MailStore, _ list: (String?, Int)..., prints: [Int: String] = [:]
    ) async throws -> Enrolment {
        try await store.maildrops.enrol(entries(list), of: account, now: .at(2000)) { numbers in
            prints.filter { numbers.contains($0.key) }
        }
    }

    @Test(arguments: DatabaseFixture.all) func `gets UIDs in the order of the maildrop, and keeps them`(
        fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let first = try await enrol(store, ("a", 10), ("b", 20), ("c", 30))
            #expect(first.messages.map(\.uid) == [1, 2, 3])
            // Numbers shift, ids do not.
            let second = try await enrol(store, ("b", 20), ("c", 30), ("d", 40), prints: [3: "D"])
            #expect(second.messages.map(\.uid) == [2, 3, 4])
            #expect(second.missing == [1])
            #expect(second.messages.map(\.number) == [1, 2, 3])
            try await store.maildrops.note(fingerprints: [2: "B"], in: second.mailbox.number)
            #expect(try await enrol(store, ("b", 20)).messages[0].fingerprint == "B")
        }
    }

    @Test(arguments: DatabaseFixture.all) func `goes round in a circle, and each message is followed`(
        fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let first = try await enrol(store, ("1", 10), ("2", 20), ("3", 30))
            try await store.maildrops.note(fingerprints: [1: "A", 2: "B", 3: "C"], in: first.mailbox.number)
            let turned = try await enrol(store, ("1", 30), ("2", 10), ("3", 20), prints: [1: "C", 2: "A", 3: "B"])
            #expect(turned.messages.map(\.uid) == [3, 1, 2])
            #expect(turned.missing.isEmpty)
            // Of such ids the last is looked into each time: it tells of all before it.
            let again = try await enrol(store, ("1", 30), ("2", 10), ("3", 20), prints: [3: "B"])
            #expect(again.messages.map(\.uid) == [3, 1, 2])
            // One goes, and its number is another's.
            let shifted = try await enrol(store, ("1", 10), ("2", 20), prints: [1: "A", 2: "B"])
            #expect(shifted.messages.map(\.uid) == [1, 2])
        }
    }

    @Test(arguments: DatabaseFixture.all) func `is never reused for a UID, also where the message was never stored`(
        fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let first = try await enrol(store, ("a", 10), ("b", 20))
            #expect(first.messages.map(\.uid) == [1, 2])
            let usurped = try await enrol(store, ("a", 11), ("b", 20), prints: [1: "X"])
            #expect(usurped.messages.map(\.uid) == [3, 2])
        }
    }

    /// A message that vanished between the list and the look into it.
    @Test(arguments: DatabaseFixture.all) func `is left out where its header cannot be had`(fixture: DatabaseFixture)
        async throws
    {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let found = try await enrol(store, (nil, 10), (nil, 20), prints: [2: "B"])
            #expect(found.messages.map(\.number) == [2] && found.isPartial)
        }
    }

    @Test(arguments: DatabaseFixture.all) func `is done without where a header was waited for long enough`(
        fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            let given = try await store.maildrops.enrol(
                entries([(nil, 10), (nil, 20)]), of: account, now: .at(2000), isGivenUp: { $0.number == 1 },
                fingerprint: { numbers in [2: "B"].filter { numbers.contains($0.key) } })
            #expect(given.messages.map(\.uid) == [1, 2] && !given.isPartial)
            // Nobody waits again for what has its number.
            let again = try await enrol(store, (nil, 10), (nil, 20), prints: [2: "B"])
            #expect(again.messages.map(\.uid) == [1, 2] && !again.isPartial)
            #expect(again.messages[0].fingerprint == nil)
            // What can be read may be another of that size: it is told of anew.
            let healed = try await enrol(store, (nil, 10), (nil, 20), prints: [1: "A", 2: "B"])
            #expect(healed.messages.map(\.uid) == [3, 2] && healed.missing == [1])
            #expect(try await enrol(store, (nil, 10), prints: [1: "A"]).messages.map(\.fingerprint) == ["A"])
        }
    }

    @Test(arguments: DatabaseFixture.all) func `is not given to one more of a size of which one was numbered unread`(
        fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            func enrol(_ list: (String?, Int)..., isGivenUp: Bool) async throws -> Enrolment {
                try await store.maildrops.enrol(
                    entries(list), of: account, now: .at(2000), isGivenUp: { _ in isGivenUp }, fingerprint: { _ in [:] }
                )
            }
            #expect(try await enrol((nil, 10), isGivenUp: true).messages.map(\.uid) == [1])
            // Which of them is the new one nobody knows: both are waited for.
            let open = try await enrol((nil, 10), (nil, 10), isGivenUp: false)
            #expect(open.messages.isEmpty && open.isPartial && open.missing == [1])
            #expect(try await enrol((nil, 10), (nil, 10), isGivenUp: true).messages.map(\.uid) == [1, 2])
            let both = try await enrol((nil, 10), (nil, 10), isGivenUp: false)
            #expect(both.messages.map(\.uid) == [1, 2] && !both.isPartial)
        }
    }

    @Test(arguments: DatabaseFixture.all) func `and size are all that tells one from others that was never read`(
        fixture: DatabaseFixture
    ) async throws {
        try await fixture.withStore { store in
            try await store.addAccount("a")
            var named = try await enrol(store, ("a", 10), ("2", 20)).messages
            #expect(named.map(\.name) == ["a", "uid 2"])
            #expect(named.map { $0.sameness(nil) } == [.same, .unknown], "a number may be another's by now")
            #expect(named.map { $0.sameness("A") } == [.same, .unknown])
            named[0].fingerprint = "A"
            #expect([nil, "A", "B"].map { named[0].sameness($0) } == [.unknown, .same, .other])
        }
    }

    // MARK: With a sync

    private func arrived(_ uid: UInt32, _ email: String) -> ArrivedMessage { SyncedStore.message(uid, email) }

    private func commit(
        _ synced: SyncedStore, _ arrived: [ArrivedMessage], vanished: [UInt32] = []
    ) async throws -> [Event] {
        let mailbox = try await synced.store.maildrops.mailbox(of: account)
        var change = MailboxChange(mailbox, cursor: mailbox.cursor)
        change.arrived = arrived
        change.vanished = vanished.map { $0...$0 }
        change.cursor.uidNext = max(mailbox.cursor.uidNext, (arrived.map(\.uid).max() ?? 0) + 1)
        var whole = MaildropChange(change)
        for message in arrived { whole.fingerprints[message.uid] = "F\(message.uid)" }
        let outcome = try await synced.store.maildrops.commit(whole, synced.lease, at: .at(9000)) { transitions in
            EventPlan.events(for: transitions, of: account)
        }
        return try await synced.store.placed(outcome.events)
    }

    @Test(arguments: DatabaseFixture.all)
    func `rows, events and ids go in one transaction, and ids leave with the message`(fixture: DatabaseFixture)
        async throws
    {
        try await SyncedStore.with(fixture) { synced in
            _ = try await enrol(synced.store, ("a", 10), ("b", 20))
            #expect(
                try await commit(synced, [arrived(1, "A"), arrived(2, "B")]).map(\.type) == [
                    .messageCreated, .messageCreated,
                ])
            #expect(try await enrol(synced.store, ("a", 10), ("b", 20)).messages.map(\.fingerprint) == ["F1", "F2"])
            #expect(try await commit(synced, [], vanished: [1]).map(\.type) == [.messageDeleted])
            let left = try await enrol(synced.store, ("b", 20))
            #expect(left.messages.map(\.uid) == [2] && left.missing.isEmpty)
        }
    }

    @Test(arguments: DatabaseFixture.all) func `keywords are told in the transaction that changes them, and once`(
        fixture: DatabaseFixture
    ) async throws {
        try await SyncedStore.with(fixture) { synced in
            _ = try await enrol(synced.store, ("a", 10), ("b", 20))
            _ = try await commit(synced, [arrived(1, "A")])
            func set(_ changes: [String: Bool], _ emails: [String]) async throws -> [EmailID: [String]] {
                try await synced.store.maildrops.setKeywords(
                    changes, on: emails.map(EmailID.init(rawValue:)), of: account
                ) { EventPlan.events(for: $0, of: account) }
            }
            let email = EmailID(rawValue: "A")
            #expect(try await set(["$seen": true, "b": true], ["A", "nobody"]) == [email: ["$seen", "b"]])
            #expect(try await set(["$seen": true], ["A"]) == [email: ["$seen", "b"]])
            #expect(try await set(["$seen": false], ["A"]) == [email: ["b"]])
            #expect(try await synced.told().map(\.type) == [.messageCreated, .messageUpdated, .messageUpdated])
            let number = try await synced.store.maildrops.mailbox(of: account).number
            #expect(try await synced.store.maildrops.keywords(in: number) == [1: ["b"]])
        }
    }

    @Test(arguments: DatabaseFixture.all) func `acknowledgements are what all webhooks say that may want the event`(
        fixture: DatabaseFixture
    ) async throws {
        try await SyncedStore.with(fixture) { synced in
            let store = synced.store
            _ = try await enrol(store, ("a", 10))
            func make(_ id: String, position: Int64, _ settings: WebhookSettings) async throws {
                try await store.webhooks.insert(
                    StoredWebhook(
                        webhook: Webhook(
                            id: WebhookID(rawValue: id), settings: settings, position: position, createdAt: .at(1),
                            updatedAt: .at(1), revision: 1), secrets: WebhookSecrets(current: Secret("whsec_x"))))
            }
            func state() async throws -> Acknowledgement? {
                let number = try await store.maildrops.mailbox(of: account).number
                return try await store.maildrops.retained(in: number, of: account, uids: [1]).first?.acknowledgement
            }
            let place = try #require(try await commit(synced, [arrived(1, "A")]).first?.sequence)
            #expect(try await state() == .unwanted)
            // Those that do not want it, whatever their place in the log.
            try await make("other", position: 0, WebhookSettings(url: "https://a", types: ["submission.*"]))
            try await make(
                "foreign", position: 0, WebhookSettings(url: "https://a", accounts: [AccountID(rawValue: "z")]))
            #expect(try await state() == .unwanted)
            // One that has not come so far.
            try await make("slow", position: place - 1, WebhookSettings(url: "https://a", types: ["message.*"]))
            #expect(try await state() == .pending)
            var turn = WebhookTurn()
            turn.assignments = [
                WebhookAssignment(
                    webhook: WebhookID(rawValue: "slow"), revision: 1, from: place - 1, to: place,
                    matches: [.init(sequence: place, account: account)], isOrdered: false)
            ]
            turn.looks = [WebhookLook(webhook: WebhookID(rawValue: "slow"), limit: 1)]
            let claimed = try await store.deliveries.take(turn, by: "o", until: .at(90_000), now: .at(9_000))
            #expect(try await state() == .pending)
            let lease = try #require(claimed.claimed.values.first?.first?.lease)
            var end = WebhookTurn()
            end.settlements = [WebhookSettlement(lease, .delivered(status: 200))]
            _ = try await store.deliveries.take(end, by: "o", until: .at(90_000), now: .at(9_100))
            #expect(try await state() == .complete)
            // It was taken: what becomes of the webhook later does not change that.
            _ = try await store.webhooks.delete(WebhookID(rawValue: "slow"), ifRevision: nil)
            #expect(try await state() == .complete)
        }
    }
}
