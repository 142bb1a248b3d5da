import Model
import Store
import Testing
import Webhooks

@Suite struct `Lanes` {
    private func claimed(_ webhook: String, _ sequences: ClosedRange<Int64>) -> [ClaimedDelivery] {
        sequences.map { .sample(webhook, $0) }
    }

    /// A table with one lane that has these deliveries ready.
    private func table(ready: Int64 = 100, window: Int = 32, _ ids: [String] = ["a"]) -> LaneTable {
        var table = LaneTable(window: window)
        for id in ids { table.put(.sample(id)) }
        let looks = table.looks(at: .at(0))
        #expect(Set(looks.map(\.webhook.rawValue)) == Set(ids))
        var result = WebhookTurnResult()
        for id in ids { result.claimed[WebhookID(rawValue: id)] = claimed(id, 1...ready) }
        table.took(result, for: looks, at: .at(0))
        return table
    }

    private func end(
        _ table: inout LaneTable, _ beginning: Beginning, _ outcome: AttemptOutcome, at time: Double = 0
    ) {
        let verdict = Verdict(of: outcome, attempts: 0, createdAt: .at(0), now: .at(time), random: 0.5)
        table.ended(beginning.delivery, verdict, wasProbe: beginning.isProbe, at: .at(time), random: 0.5)
    }

    // The macro #expect calls nothing that changes its subject.
    private func begin(_ table: inout LaneTable, _ time: Timestamp) -> [Beginning] { table.begin(at: time) }

    private func giveBack(_ table: inout LaneTable, _ time: Timestamp) -> [WebhookSettlement] {
        table.giveBack(at: time)
    }

    private func looking(_ table: inout LaneTable, _ time: Timestamp) -> [WebhookLook] { table.looks(at: time) }

    private func health(_ table: inout LaneTable, _ time: Timestamp) -> [WebhookHealthChange] {
        table.healthChanges(at: time)
    }

    private func placesCount(_ table: inout LaneTable, behind newest: Int64) -> Int {
        table.places(behind: newest).count
    }

    private let ok = AttemptOutcome.answered(status: 200, retryAfter: nil)

    @Test func `begin small and grow with success up to the setting`() {
        var table = table()
        var under: [Beginning] = table.begin(at: .at(0))
        #expect(under.count == 8)
        var most = 8
        for _ in 0..<80 where !under.isEmpty {
            end(&table, under.removeFirst(), ok)
            under += table.begin(at: .at(0))
            most = max(most, under.count)
        }
        #expect(most == 32)
        #expect(table.lanes[WebhookID(rawValue: "a")]?.window == 32)
    }

    @Test func `one that hangs delays no other`() {
        var table = table(["hung", "fine"])
        let begun = table.begin(at: .at(0))
        #expect(begun.count { $0.delivery.lease.webhook.rawValue == "hung" } == 8)
        var fine = begun.filter { $0.delivery.lease.webhook.rawValue == "fine" }
        var delivered = 0
        while !fine.isEmpty {
            end(&table, fine.removeFirst(), ok)
            delivered += 1
            let next = table.begin(at: .at(0))
            #expect(next.allSatisfy { $0.delivery.lease.webhook.rawValue == "fine" })
            fine += next
        }
        #expect(delivered == 100)
    }

    @Test func `failures open the circuit, give back what is ready, and one probe closes it`() {
        var table = table()
        for beginning in table.begin(at: .at(0)) { end(&table, beginning, .unanswered(fault), at: 1) }
        #expect(table.underWay == 0)
        #expect(begin(&table, .at(2)).isEmpty)
        let givenBack = table.giveBack(at: .at(2))
        #expect(givenBack.count == 92 && givenBack.allSatisfy { $0.outcome == .released(at: .at(2)) })
        #expect(looking(&table, .at(2)).isEmpty)
        #expect(table.nextTurn(after: .at(2)) == .at(6))
        let change = table.healthChanges(at: .at(2))
        #expect(change.count == 1 && change[0].health.failures == 8 && change[0].health.openUntil == .at(6))
        #expect(change[0].health.lastError == fault && !change[0].disables)

        let looks = table.looks(at: .at(6))
        #expect(looks.map(\.limit) == [1])
        var result = WebhookTurnResult()
        result.claimed[WebhookID(rawValue: "a")] = claimed("a", 1...1)
        table.took(result, for: looks, at: .at(6))
        let probe = table.begin(at: .at(6))
        #expect(probe.count == 1 && probe[0].isProbe)
        #expect(begin(&table, .at(6)).isEmpty)
        end(&table, probe[0], ok, at: 6)
        #expect(health(&table, .at(6)).map(\.health.failures) == [0])
        table.expectAll(at: .at(6))
        // Small again, and growing.
        #expect(looking(&table, .at(6)).map(\.limit) == [2])
    }

    @Test func `wait as long as the endpoint asks`() {
        var table = table()
        let begun = table.begin(at: .at(0))
        end(&table, begun[0], .answered(status: 429, retryAfter: "60"), at: 0)
        #expect(begin(&table, .at(59)).isEmpty)
        #expect(giveBack(&table, .at(59)).count == 92)
        for beginning in begun.dropFirst() { end(&table, beginning, ok, at: 1) }
        #expect(looking(&table, .at(59)).isEmpty)
        #expect(looking(&table, .at(60)).count == 1)
    }

    @Test func `410 closes the lane`() {
        var table = table()
        let begun = table.begin(at: .at(0))
        end(&table, begun[0], .answered(status: 410, retryAfter: nil))
        #expect(begin(&table, .at(0)).isEmpty)
        #expect(health(&table, .at(0)).map(\.disables) == [true])
        #expect(placesCount(&table, behind: 10) == 0 && looking(&table, .at(9999)).isEmpty)
        for beginning in begun.dropFirst() { end(&table, beginning, ok) }
        #expect(giveBack(&table, .at(0)).count == 92)
        // Enabled again, it goes on.
        var stored = StoredWebhook.sample("a")
        stored.webhook.revision = 3
        table.put(stored)
        #expect(looking(&table, .at(1)).count == 1)
    }

    @Test func `the bound of all is shared`() {
        var table = LaneTable(window: 32, underWay: 10)
        let ids = ["a", "b", "c", "d", "e"]
        for id in ids { table.put(.sample(id)) }
        let looks = table.looks(at: .at(0))
        var result = WebhookTurnResult()
        for id in ids { result.claimed[WebhookID(rawValue: id)] = claimed(id, 1...20) }
        table.took(result, for: looks, at: .at(0))
        let begun = table.begin(at: .at(0))
        #expect(begun.count == 10)
        for id in ids { #expect(begun.count { $0.delivery.lease.webhook.rawValue == id } == 2, "\(id)") }
        #expect(looking(&table, .at(0)).isEmpty)
    }

    @Test func `an endpoint that cannot keep up leaves its events in the log`() throws {
        var table = LaneTable()
        table.put(.sample("a"))
        let ends = EventLogEnds(oldest: 1, newest: 5000)
        let page = EventPage(events: (1...1010).map { .sample(Int64($0)) }, next: 1010, ends: ends)
        let first = table.assignment(WebhookID(rawValue: "a"), of: page)
        table.assigned([try #require(first)], except: [], at: .at(0))
        #expect(placesCount(&table, behind: 5000) == 0)
        let looks = table.looks(at: .at(0))
        var result = WebhookTurnResult()
        result.claimed[WebhookID(rawValue: "a")] = claimed("a", 1...50)
        table.took(result, for: looks, at: .at(0))
        let begun = table.begin(at: .at(0))
        #expect(begun.count == 8 && !table.canGoOn)
        for beginning in begun { end(&table, beginning, ok) }
        #expect(begin(&table, .at(0)).count > 2 && table.canGoOn)
        #expect(placesCount(&table, behind: 5000) == 1 && !table.canGoOn)
    }

    @Test func `claims that wait too long are given back`() {
        var table = table()
        _ = table.begin(at: .at(0))
        #expect(giveBack(&table, .at(59)).isEmpty)
        #expect(giveBack(&table, .at(60)).count == 92)
    }

    @Test func `the log is looked at once for all at the same place, and places without a match are not written`()
        throws
    {
        var table = LaneTable()
        table.put(.sample("a", position: 5))
        table.put(.sample("b", types: ["submission.*"], position: 5))
        table.put(.sample("c", position: 9))
        let places = table.places(behind: 9)
        #expect(places.count == 1 && places[0].place == 5)
        #expect(Set(places[0].lanes.map(\.rawValue)) == ["a", "b"])
        let ends = EventLogEnds(oldest: 1, newest: 9)
        let page = EventPage(events: [.sample(6), .sample(9)], next: 9, ends: ends)
        let first = table.assignment(WebhookID(rawValue: "a"), of: page)
        let a = try #require(first)
        #expect(a.from == 5 && a.to == 9 && a.matches.map(\.sequence) == [6, 9])
        let none = table.assignment(WebhookID(rawValue: "b"), of: page)
        #expect(none == nil)
        // Refused: looked at again. Written: done.
        table.assigned([a], except: [a.webhook], at: .at(0))
        #expect(placesCount(&table, behind: 9) == 1)
        table.assigned([a], except: [], at: .at(0))
        #expect(placesCount(&table, behind: 9) == 0)
        #expect(table.unwritten().map(\.webhook.rawValue) == ["b"])
        let far = EventPage(events: [], next: 1005, ends: EventLogEnds(oldest: 1, newest: 1005))
        let moved = table.assignment(WebhookID(rawValue: "b"), of: far)
        #expect(moved?.matches.isEmpty == true)
    }
}

extension ClaimedDelivery {
    fileprivate static func sample(_ webhook: String, _ sequence: Int64) -> ClaimedDelivery {
        ClaimedDelivery(
            lease: WebhookLease(webhook: WebhookID(rawValue: webhook), sequence: sequence, owner: "n", epoch: 1),
            accountID: nil, attempts: 0, createdAt: .at(0))
    }
}
