package import Model
package import Store

/// All lanes, and what is to be done about them now: values in, decisions out, without clock and sockets.
package struct LaneTable: Sendable {
    package private(set) var lanes: [WebhookID: Lane] = [:]
    /// Deliveries under way, of all lanes, those of removed ones too.
    package private(set) var underWay = 0
    /// Who goes first changes with each turn.
    private var order: [WebhookID] = []
    private let maximumWindow: Int
    private let maximumUnderWay: Int

    /// `window` bounds the deliveries under way to one endpoint.
    package init(window: Int = 32, underWay: Int = Limits.concurrentDeliveries) {
        maximumWindow = max(1, window)
        maximumUnderWay = max(1, underWay)
    }

    /// Adds or changes a webhook.
    package mutating func put(_ stored: StoredWebhook) {
        let id = stored.webhook.id
        if lanes[id] == nil {
            lanes[id] = Lane(stored, maximumWindow: maximumWindow)
            order.append(id)
        } else {
            lanes[id]?.reload(stored)
        }
    }

    /// Removes a webhook; its rows are gone, so nothing is given back.
    package mutating func remove(_ id: WebhookID) {
        lanes[id] = nil
        order.removeAll { $0 == id }
    }

    package func revision(of id: WebhookID) -> Int64? { lanes[id]?.stored.webhook.revision }

    /// Something may be due anywhere: another node's work, or a clock that was set.
    package mutating func expectAll(at now: Timestamp) {
        for id in order { lanes[id]?.expect(at: now) }
    }

    /// What to take from the store now.
    package mutating func looks(at now: Timestamp) -> [WebhookLook] {
        guard underWay < maximumUnderWay else { return [] }
        return order.compactMap { lanes[$0]?.look(at: now) }
    }

    package mutating func took(_ result: WebhookTurnResult, for looks: [WebhookLook], at now: Timestamp) {
        for look in looks {
            lanes[look.webhook]?.took(
                result.claimed[look.webhook] ?? [], nextDue: result.nextDue[look.webhook], at: now)
        }
    }

    /// The deliveries to begin now, those of lanes with little under way first where not all may.
    package mutating func begin(at now: Timestamp) -> [Beginning] {
        var begun: [Beginning] = []
        var candidates = order.filter { id in lanes[id].map { $0.readyCount > 0 && $0.room(at: now) > 0 } ?? false }
        if maximumUnderWay - underWay < candidates.count * maximumWindow {
            candidates.sort { (lanes[$0]?.underWay ?? 0) < (lanes[$1]?.underWay ?? 0) }
        }
        // One for each in turn, so that the bound of all is shared.
        while !candidates.isEmpty, underWay < maximumUnderWay {
            candidates = candidates.filter { id in
                guard underWay < maximumUnderWay, let next = lanes[id]?.begin(at: now), let lane = lanes[id] else {
                    return false
                }
                underWay += 1
                begun.append(Beginning(delivery: next.delivery, isProbe: next.isProbe, stored: lane.stored))
                return true
            }
        }
        if !order.isEmpty { order.append(order.removeFirst()) }
        return begun
    }

    /// Claimed deliveries to be given back to the store.
    package mutating func giveBack(at now: Timestamp, all: Bool = false) -> [WebhookSettlement] {
        order.flatMap { id in
            (lanes[id]?.giveBack(at: now, all: all) ?? []).map { delivery in
                lanes[id]?.expect(at: now)
                return WebhookSettlement(delivery.lease, .released(at: now))
            }
        }
    }

    /// An attempt is over.
    package mutating func ended(
        _ delivery: ClaimedDelivery, _ verdict: Verdict, wasProbe: Bool, at now: Timestamp, random: Double
    ) {
        underWay -= 1
        lanes[delivery.lease.webhook]?.ended(verdict, wasProbe: wasProbe, at: now, random: random)
    }

    package mutating func healthChanges(at now: Timestamp) -> [WebhookHealthChange] {
        order.compactMap { lanes[$0]?.healthChange(at: now) }
    }

    /// The places in the log from which lanes go on, with those lanes; each place is read once for all of them.
    ///
    /// Lanes that cannot keep up are left out; `canGoOn` tells when one of them is through.
    package mutating func places(behind newest: Int64) -> [(place: Int64, lanes: [WebhookID])] {
        var places: [Int64: [WebhookID]] = [:]
        for id in order {
            guard let lane = lanes[id], lane.isOpen, lane.looked < newest, lanes[id]?.wantsMore() == true else {
                continue
            }
            places[lane.looked, default: []].append(id)
        }
        return places.sorted { $0.key > $1.key }.map { ($0.key, $0.value) }
    }

    /// A lane that was left out for its backlog has worked it off.
    package var canGoOn: Bool { lanes.values.contains(where: \.canGoOn) }

    package mutating func assignment(_ id: WebhookID, of page: EventPage) -> WebhookAssignment? {
        lanes[id]?.assignment(of: page)
    }

    package mutating func assigned(
        _ assignments: [WebhookAssignment], except refused: Set<WebhookID>, at now: Timestamp
    ) {
        for assignment in assignments where !refused.contains(assignment.webhook) {
            lanes[assignment.webhook]?.assigned(assignment, at: now)
        }
    }

    package mutating func skip(_ id: WebhookID, to place: Int64) { lanes[id]?.skip(to: place) }

    package func unwritten() -> [WebhookAssignment] { order.compactMap { lanes[$0]?.unwritten() } }

    /// When the next turn is due, if nothing happens; nil where only news can bring one.
    package func nextTurn(after now: Timestamp) -> Timestamp? {
        guard underWay < maximumUnderWay else { return nil }
        return order.compactMap { lanes[$0]?.nextTurn(after: now) }.min()
    }
}

/// A delivery to attempt, with the settings that hold now.
package struct Beginning: Sendable {
    package let delivery: ClaimedDelivery
    package let isProbe: Bool
    package let stored: StoredWebhook
}
