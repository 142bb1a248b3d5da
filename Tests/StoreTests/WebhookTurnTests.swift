import Database
import Model
import Store
import TestDatabases
import Testing

@Suite struct WebhookTurnTests {
    private let id = WebhookID(rawValue: "whk_1")
    private let fault = WebhookFault(code: "status", text: "the endpoint answered 500: with a colon")

    /// A store with one webhook and ten events, of the accounts a and b in turns.
    private func withQueue(
        _ fixture: DatabaseFixture, isOrdered: Bool = false, _ body: (MailStore) async throws -> Void
    ) async throws {
        try await fixture.withDatabase { database in
            let store = try await MailStore.open(database, masterKey: try .example)
            try await store.webhooks.insert(.sample("whk_1", isOrdered: isOrdered))
            let drafts = (0..<10).map { number in
                EventDraft(
                    .accountUpdated, of: AccountID(rawValue: number % 2 == 0 ? "a" : "b"), data: Array("{}".utf8))
            }
            _ = try await database.write { sql in try store.events.append(drafts, at: .at(1000), in: sql) }
            try await body(store)
        }
    }

    private func assignment(
        _ sequences: ClosedRange<Int64>, from: Int64 = 0, revision: Int64 = 1, isOrdered: Bool = false
    ) -> WebhookAssignment {
        WebhookAssignment(
            webhook: id, revision: revision, from: from, to: sequences.upperBound,
            matches: sequences.map { .init(sequence: $0, account: AccountID(rawValue: $0 % 2 == 1 ? "a" : "b")) },
            isOrdered: isOrdered)
    }

    private func take(
        _ store: MailStore, _ assignments: [WebhookAssignment] = [], _ settlements: [WebhookSettlement] = [],
        limit: Int = 0, by owner: String = "n", at time: Int64 = 2000
    ) async throws -> WebhookTurnResult {
        var turn = WebhookTurn()
        turn.assignments = assignments
        turn.settlements = settlements
        turn.looks = [WebhookLook(webhook: id, limit: limit)]
        return try await store.deliveries.take(turn, by: owner, until: .at(time + 100), now: .at(time))
    }

    private func states(_ store: MailStore) async throws -> [WebhookDeliveryState] {
        try await store.deliveries.list(of: id, state: nil, before: nil, limit: 50).data.reversed().map(\.state)
    }

    @Test(arguments: DatabaseFixture.all)
    func `assigns and takes in one go, each delivery once`(_ fixture: DatabaseFixture) async throws {
        try await withQueue(fixture) { store in
            let first = try await take(store, [assignment(1...10)], limit: 4)
            #expect(first.claimed[id]?.map(\.sequence) == [1, 2, 3, 4])
            #expect(first.nextDue[id] == .at(2000))
            let second = try await take(store, limit: 50, by: "other")
            #expect(second.claimed[id]?.map(\.sequence) == [5, 6, 7, 8, 9, 10])
            #expect(second.nextDue[id] == nil)
            #expect(try await take(store, limit: 50).claimed.isEmpty)
            #expect(try await store.webhooks.webhook(id)?.webhook.position == 10)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `refuses events that were compared with other settings, or that another node was first with`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await withQueue(fixture) { store in
            let changed = try await take(store, [assignment(1...3, revision: 2)])
            #expect(changed.refused == [id])
            #expect(try await take(store, [assignment(4...5, from: 3)]).refused == [id])
            #expect(try await take(store, [assignment(1...5)]).refused.isEmpty)
            #expect(try await take(store, [assignment(1...5)]).refused == [id])
            #expect(try await states(store).count == 5)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `writes down what attempts came to`(_ fixture: DatabaseFixture) async throws {
        try await withQueue(fixture) { store in
            let claimed = try #require(try await take(store, [assignment(1...4)], limit: 4).claimed[id])
            let outcomes: [WebhookSettlement.Outcome] = [
                .delivered(status: 204), .retry(at: .at(9000), status: 500, fault: fault),
                .failed(status: nil, fault: fault), .released(at: .at(2500)),
            ]
            let result = try await take(
                store, [], zip(claimed, outcomes).map { WebhookSettlement($0.lease, $1) }, at: 2100)
            #expect(result.lost == 0 && result.nextDue[id] == .at(2500))
            let page = try await store.deliveries.list(of: id, state: nil, before: nil, limit: 3)
            #expect(page.data.map(\.sequence) == [4, 3, 2] && page.nextCursor == "dlv_2")
            #expect(page.data[0].attempts == 0 && page.data[0].nextAttemptAt == .at(2500))
            #expect(page.data[1].state == .failed && page.data[1].lastError == fault && page.data[1].attempts == 1)
            #expect(page.data[2].lastStatus == 500 && page.data[2].nextAttemptAt == .at(9000))
            #expect(page.data[2].lastAttemptAt == .at(2100))
            let rest = try await store.deliveries.list(of: id, state: .delivered, before: nil, limit: 3)
            #expect(rest.data.map(\.sequence) == [1] && rest.data[0].lastStatus == 204)
            #expect(try await store.deliveries.list(of: id, state: nil, before: 2, limit: 3).data.count == 1)
            // A lease that is over changes nothing.
            #expect(
                try await take(store, [], [WebhookSettlement(claimed[1].lease, .delivered(status: 200))]).lost == 1)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `frees claims that were outlived, and fences off their owner`(_ fixture: DatabaseFixture) async throws {
        try await withQueue(fixture) { store in
            let claimed = try #require(try await take(store, [assignment(1...3)], limit: 2).claimed[id])
            #expect(try await store.deliveries.recover(expiredBy: .at(2099)) == 0)
            #expect(try await store.deliveries.recover(expiredBy: .at(2100)) == 2)
            let again = try #require(try await take(store, limit: 9, by: "n").claimed[id])
            #expect(again.map(\.sequence) == [1, 2, 3])
            #expect(
                try await take(store, [], [WebhookSettlement(claimed[0].lease, .delivered(status: 200))]).lost == 1)
            #expect(try await states(store) == [.pending, .pending, .pending])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `keeps events of one account behind each other`(_ fixture: DatabaseFixture) async throws {
        try await withQueue(fixture, isOrdered: true) { store in
            let first = try await take(store, [assignment(1...6, isOrdered: true)], limit: 9)
            #expect(first.claimed[id]?.map(\.sequence) == [1, 2])
            #expect(try await states(store) == [.pending, .pending, .waiting, .waiting, .waiting, .waiting])
            let leases = try #require(first.claimed[id]).map(\.lease)
            let second = try await take(
                store, [], [WebhookSettlement(leases[0], .delivered(status: 200))], limit: 9)
            #expect(second.claimed[id]?.map(\.sequence) == [3])
            let third = try await take(
                store, [],
                [WebhookSettlement(leases[1], .retry(at: .at(9000), status: 500, fault: fault))], limit: 9)
            #expect(third.claimed[id] == nil && third.nextDue[id] == .at(9000))
            // Order is given up: all are due.
            var stored = try #require(try await store.webhooks.webhook(id))
            stored.webhook.settings.isOrdered = false
            stored.webhook.revision = 2
            #expect(try await store.webhooks.update(stored, ifRevision: 1, resetsHealth: false, now: .at(2000)))
            #expect(try await take(store, limit: 9).claimed[id]?.map(\.sequence) == [4, 5, 6])
        }
    }

    /// The event came before the webhook was ordered.
    @Test(arguments: DatabaseFixture.all)
    func `an event that is sent again takes its place in an order that began later`(
        _ fixture: DatabaseFixture
    ) async throws {
        try await withQueue(fixture) { store in
            let old = try #require(try await take(store, [assignment(1...2)], limit: 9).claimed[id]).map(\.lease)
            _ = try await take(store, [], old.map { WebhookSettlement($0, .delivered(status: 200)) })
            var stored = try #require(try await store.webhooks.webhook(id))
            stored.webhook.settings.isOrdered = true
            stored.webhook.revision = 2
            #expect(try await store.webhooks.update(stored, ifRevision: 1, resetsHealth: false, now: .at(2000)))
            let next = try await take(store, [assignment(3...4, from: 2, revision: 2, isOrdered: true)], limit: 9)
            #expect(next.claimed[id]?.map(\.sequence) == [3, 4])
            let again = try await store.deliveries.redeliver(.init(sequence: 1), of: id, now: .at(3000))
            #expect(again?.state == .waiting)
            let lease = try #require(next.claimed[id]?.first { $0.sequence == 3 }?.lease)
            let last = try await take(
                store, [], [WebhookSettlement(lease, .delivered(status: 200))], limit: 9, at: 4000)
            #expect(last.claimed[id]?.map(\.sequence) == [1])
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `sends again what is finished, and leaves alone what is on its way`(_ fixture: DatabaseFixture) async throws {
        try await withQueue(fixture) { store in
            let claimed = try #require(try await take(store, [assignment(1...3)], limit: 2).claimed[id])
            _ = try await take(store, [], [WebhookSettlement(claimed[0].lease, .delivered(status: 200))])
            #expect(try await store.webhooks.rewind(id, to: 0))
            #expect(try await !store.webhooks.rewind(id, to: 5))
            let replayed = try await take(store, [assignment(1...5, revision: 2)], limit: 9)
            #expect(replayed.claimed[id]?.map(\.sequence) == [1, 3, 4, 5])
            #expect(try await store.deliveries.redeliver(.init(sequence: 99), of: id) == nil)
            let lease = try #require(replayed.claimed[id]?[0].lease)
            _ = try await take(store, [], [WebhookSettlement(lease, .failed(status: 410, fault: fault))])
            let again = try #require(try await store.deliveries.redeliver(.init(sequence: 1), of: id, now: .at(3000)))
            #expect(again.state == .pending && again.attempts == 0 && again.nextAttemptAt == .at(3000))
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `notes how the endpoint fares, and switches off what is gone`(_ fixture: DatabaseFixture) async throws {
        try await withQueue(fixture) { store in
            let health = WebhookHealth(
                failures: 5, pauses: 1, openUntil: .at(5), lastStatus: 410, lastError: fault, lastSuccessAt: .at(1),
                lastFailureAt: .at(2))
            var turn = WebhookTurn()
            turn.health = [WebhookHealthChange(webhook: id, health: health, disables: true)]
            _ = try await store.deliveries.take(turn, by: "n", until: .at(1), now: .at(9))
            var stored = try #require(try await store.webhooks.webhook(id))
            #expect(stored.webhook.health == health && stored.webhook.state == .switchedOff(.gone))
            #expect(stored.webhook.revision == 2 && stored.webhook.updatedAt == .at(9))
            #expect(try await take(store, [assignment(1...3, revision: 2)]).refused == [id])
            stored.webhook.state = .enabled
            stored.webhook.revision = 3
            #expect(try await store.webhooks.update(stored, ifRevision: 2, resetsHealth: true))
            let reset = try #require(try await store.webhooks.webhook(id)?.webhook.health)
            #expect(reset.failures == 0 && reset.openUntil == nil && reset.lastStatus == 410)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `forgets deliveries with their events, and all with the webhook`(_ fixture: DatabaseFixture) async throws {
        try await withQueue(fixture) { store in
            _ = try await take(store, [assignment(1...10)])
            try await store.sweep(now: .at(1000))
            #expect(try await states(store).count == 10)
            try await store.sweep(now: Timestamp.at(1000).advanced(by: .seconds(8 * 24 * 3600)))
            #expect(try await states(store).isEmpty)
            #expect(try await take(store, limit: 9).claimed.isEmpty)
            #expect(try await store.webhooks.delete(id, ifRevision: nil))
        }
    }
}
