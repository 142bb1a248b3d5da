import HTTP
import MailServers
import Model
import Representation
import Store
import TestDatabases
import Testing
import Webhooks

@Suite(.timeLimit(.minutes(2))) struct `Webhook dispatcher` {
    @Test(arguments: DatabaseFixture.all)
    func `delivers each event once, signed, and notes it`(_ database: DatabaseFixture) async throws {
        try await DispatcherFixture.with(database) { fixture in
            try await fixture.store.webhooks.insert(.sample())
            // Before the start, more than one look at the log brings, and while it runs.
            var events = try await fixture.append(count: 1200)
            try await fixture.running(fixture.dispatcher()) { _ in
                events += try await fixture.append(.mailboxCreated, count: 50)
                await fixture.receiver.until(1250)
                try await fixture.until("whk_1", .delivered, count: 500)
            }
            let requests = fixture.receiver.requests
            #expect(requests.count == 1250)
            #expect(Set(requests.map(\.id)) == Set(events.map(\.id.rawValue)))
            let request = try #require(requests.first { $0.sequence == 7 })
            #expect(request.body == JSONWriter.bytes(of: events[6]))
            let fields = Dictionary(uniqueKeysWithValues: request.fields.map { ($0.name, $0.value) })
            let seconds = try #require(Int64(fields["webhook-timestamp"] ?? ""))
            let expected = WebhookSignature.fields(
                id: events[6].id, at: Timestamp(milliseconds: seconds * 1000), body: request.body,
                secrets: [StoredWebhook.sample().secrets.current])
            #expect(fields["webhook-signature"] == expected[2].value)
            #expect(fields["Content-Type"] == "application/json" && fields["User-Agent"] == "test")
            let stored = try #require(try await fixture.store.webhooks.webhook(WebhookID(rawValue: "whk_1")))
            #expect(stored.webhook.position == 1250 && stored.webhook.health.lastSuccessAt != nil)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `sends only what a webhook wants`(_ database: DatabaseFixture) async throws {
        try await DispatcherFixture.with(database) { fixture in
            try await fixture.store.webhooks.insert(.sample("whk_1", types: ["mailbox.*"]))
            try await fixture.store.webhooks.insert(
                .sample("whk_2", url: "https://b.example/", accounts: [AccountID(rawValue: "b")]))
            try await fixture.running(fixture.dispatcher()) { _ in
                try await fixture.append(.accountUpdated, of: "a", count: 20)
                let wanted = try await fixture.append(.mailboxCreated, of: "a")
                let other = try await fixture.append(.accountUpdated, of: "b")
                await fixture.receiver.until(2)
                let requests = fixture.receiver.requests
                #expect(requests.first { $0.url.host == "a.example" }?.id == wanted[0].id.rawValue)
                #expect(requests.first { $0.url.host == "b.example" }?.id == other[0].id.rawValue)
            }
            #expect(fixture.receiver.requests.count == 2)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `an endpoint that hangs delays no other`(_ database: DatabaseFixture) async throws {
        try await DispatcherFixture.with(database) { fixture in
            fixture.receiver.answer { request, _ in
                request.url.host == "hung.example" ? nil : .answered(status: 204, retryAfter: nil)
            }
            for number in 0..<10 {
                try await fixture.store.webhooks.insert(
                    .sample("whk_hung\(number)", url: "https://hung.example/\(number)"))
            }
            try await fixture.store.webhooks.insert(.sample("whk_fine"))
            try await fixture.running(fixture.dispatcher()) { _ in
                _ = try await fixture.append(count: 400)
                try await fixture.until("whk_fine", .delivered, count: 400)
            }
            // What the stop interrupted has not been attempted, and is nobody's.
            let hung = try await fixture.store.deliveries.list(
                of: WebhookID(rawValue: "whk_hung3"), state: nil, before: nil, limit: 500)
            #expect(hung.data.count == 400)
            #expect(hung.data.allSatisfy { $0.state == .pending && $0.attempts == 0 })
            #expect(try await fixture.store.deliveries.recover(expiredBy: .distantFuture) == 0)
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a failure is tried again under the same id, and again when somebody asks`(_ database: DatabaseFixture)
        async throws
    {
        try await DispatcherFixture.with(database) { fixture in
            fixture.receiver.answer { _, number in .answered(status: number < 3 ? 500 : 200, retryAfter: nil) }
            try await fixture.store.webhooks.insert(.sample())
            let id = WebhookID(rawValue: "whk_1")
            try await fixture.running(fixture.dispatcher()) { dispatcher in
                let event = try await fixture.append()[0]
                let delivery = WebhookDeliveryID(sequence: event.sequence)
                // Seconds lie between the first two, minutes after them: what is seen then stays until somebody asks.
                let shown = try await eventually("the second failure is noted") {
                    try await fixture.store.deliveries.delivery(delivery, of: id)
                } until: {
                    $0?.attempts == 2
                }
                #expect(shown?.state == .pending && shown?.lastStatus == 500 && shown?.lastError?.code == "status")
                #expect(try #require(shown?.nextAttemptAt) > .now())
                _ = try await fixture.store.deliveries.redeliver(delivery, of: id)
                dispatcher.webhooksChanged()
                try await fixture.until("whk_1", .delivered, count: 1)
                _ = try await fixture.store.deliveries.redeliver(delivery, of: id)
                dispatcher.webhooksChanged()
                await fixture.receiver.until(4)
                #expect(Set(fixture.receiver.requests.map(\.id)) == [event.id.rawValue])
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `410 disables the webhook, and enabling it goes on where it was`(_ database: DatabaseFixture) async throws {
        try await DispatcherFixture.with(database) { fixture in
            fixture.receiver.answer { _, number in .answered(status: number == 1 ? 410 : 200, retryAfter: nil) }
            try await fixture.store.webhooks.insert(.sample())
            let id = WebhookID(rawValue: "whk_1")
            try await fixture.running(fixture.dispatcher()) { dispatcher in
                _ = try await fixture.append()
                try await fixture.until("whk_1", .failed, count: 1)
                var stored = try #require(try await fixture.store.webhooks.webhook(id))
                #expect(stored.webhook.state == .switchedOff(.gone) && stored.webhook.revision == 2)
                let missed = try await fixture.append(count: 3)
                stored.webhook.state = .enabled
                stored.webhook.revision = 3
                #expect(try await fixture.store.webhooks.update(stored, ifRevision: 2, resetsHealth: true))
                dispatcher.webhooksChanged()
                try await fixture.until("whk_1", .delivered, count: 3)
                #expect(Set(fixture.receiver.requests.dropFirst().map(\.sequence)) == Set(missed.map(\.sequence)))
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `what a dead process had claimed is delivered`(_ database: DatabaseFixture) async throws {
        try await DispatcherFixture.with(database) { fixture in
            try await fixture.store.webhooks.insert(.sample())
            let events = try await fixture.append(count: 5)
            var turn = WebhookTurn()
            turn.assignments = [
                WebhookAssignment(
                    webhook: WebhookID(rawValue: "whk_1"), revision: 1, from: 0, to: 5,
                    matches: events.map { .init(sequence: $0.sequence, account: $0.accountID) }, isOrdered: false)
            ]
            turn.looks = [WebhookLook(webhook: WebhookID(rawValue: "whk_1"), limit: 3)]
            let now = Timestamp.now()
            let claimed = try await fixture.store.deliveries.take(
                turn, by: "dead", until: now.advanced(by: .seconds(600)), now: now)
            #expect(claimed.claimed.values.first?.count == 3)
            try await fixture.running(fixture.dispatcher()) { _ in
                try await fixture.until("whk_1", .delivered, count: 5)
            }
            #expect(Set(fixture.receiver.requests.map(\.id)) == Set(events.map(\.id.rawValue)))
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `while it is suspended nothing begins, and what has not begun is free`(_ database: DatabaseFixture)
        async throws
    {
        try await DispatcherFixture.with(database) { fixture in
            try await fixture.store.webhooks.insert(.sample())
            try await fixture.running(fixture.dispatcher()) { dispatcher in
                // What is claimed by then is more than what is under way.
                fixture.receiver.answer { _, number in
                    if number == 4 { dispatcher.suspend() }
                    return .answered(status: 200, retryAfter: nil)
                }
                _ = try await fixture.append(count: 100)
                await fixture.receiver.until(4)
                while try await fixture.claimed() > 0 { await Task.yield() }
                let states = try await fixture.states("whk_1")
                #expect(states.count { $0 == .delivered } == fixture.receiver.requests.count)
                #expect(states.contains(.pending))
                _ = try await fixture.append(count: 5)
                dispatcher.resume()
                try await fixture.until("whk_1", .delivered, count: 105)
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `keeps the order within an account where that is wanted`(_ database: DatabaseFixture) async throws {
        try await DispatcherFixture.with(database) { fixture in
            try await fixture.store.webhooks.insert(.sample(isOrdered: true))
            let accounts = ["a", "b", "c"]
            for number in 0..<60 { _ = try await fixture.append(of: accounts[number % 3]) }
            try await fixture.running(fixture.dispatcher()) { _ in
                try await fixture.until("whk_1", .delivered, count: 60)
            }
            let requests = fixture.receiver.requests
            #expect(requests.count == 60)
            for account in accounts {
                let order = requests.filter { $0.json["accountId"] == .string(account) }.map(\.sequence)
                #expect(order == order.sorted() && order.count == 20)
            }
        }
    }

    @Test(arguments: DatabaseFixture.all)
    func `a failing event holds up its own account only`(_ database: DatabaseFixture) async throws {
        try await DispatcherFixture.with(database) { fixture in
            fixture.receiver.answer { request, _ in
                .answered(status: request.sequence == 1 ? 500 : 200, retryAfter: nil)
            }
            try await fixture.store.webhooks.insert(.sample(isOrdered: true))
            _ = try await fixture.append(of: "a", count: 3)
            _ = try await fixture.append(of: "b", count: 3)
            try await fixture.running(fixture.dispatcher()) { _ in
                try await fixture.until("whk_1", .delivered, count: 3)
            }
            #expect(
                try await fixture.states("whk_1") == [.delivered, .delivered, .delivered, .waiting, .waiting, .pending])
        }
    }
}
