import Logging
import Model
import Store

/// What the dispatcher does in one turn after another; the state between them.
struct DispatchTurns {
    private let dispatcher: WebhookDispatcher
    private let store: MailStore
    private var lanes: LaneTable
    private var cache = EventCache()
    /// What could not be written down yet.
    private var unsettled: [WebhookSettlement] = []
    private var heardOfLog: UInt64 = 0
    private var isBehind = true
    private var pollAt = ContinuousClock.now
    private var recoverAt = ContinuousClock.now + Limits.recoveryInterval

    init(_ dispatcher: WebhookDispatcher) {
        self.dispatcher = dispatcher
        store = dispatcher.store
        lanes = LaneTable(window: dispatcher.window)
    }

    /// Attempts are under way, or their results are not written down.
    var isBusy: Bool { lanes.underWay > 0 || !unsettled.isEmpty }

    func event(of beginning: Beginning) -> Event? { cache[beginning.delivery.sequence] }

    /// One turn: the attempts that begin now, and when the next turn is due if nobody rings.
    mutating func take() async -> (begun: [Beginning], next: ContinuousClock.Instant) {
        if dispatcher.isSuspended { return ([], await rest()) }
        do {
            try await refresh()
            let now = Timestamp.now()
            settleCompletions(now)
            var turn = WebhookTurn()
            turn.settlements = unsettled + lanes.giveBack(at: now)
            unsettled = turn.settlements
            turn.health = lanes.healthChanges(at: now)
            turn.assignments = try await assignments()
            turn.looks = lanes.looks(at: now)
            try await write(turn)
        } catch {
            dispatcher.logger.error("webhooks: the store did not answer", metadata: ["error": "\(error)"])
            return ([], .now + Limits.storeBackOff)
        }
        let now = Timestamp.now()
        let begun = lanes.begin(at: now)
        dispatcher.counts.underWay(lanes.underWay)
        if isBehind { return (begun, .now) }
        guard let next = lanes.nextTurn(after: now) else { return (begun, pollAt) }
        return (begun, min(pollAt, .now + .milliseconds(max(1, next.milliseconds - now.milliseconds))))
    }

    /// Writes down what attempts came to, and gives back what has not begun; says when the next turn is due.
    private mutating func rest() async -> ContinuousClock.Instant {
        settleCompletions(.now())
        var turn = WebhookTurn()
        turn.settlements = unsettled + lanes.giveBack(at: .now(), all: true)
        unsettled = turn.settlements
        dispatcher.counts.underWay(lanes.underWay)
        do {
            try await write(turn)
            return .now + Limits.pollInterval
        } catch {
            dispatcher.logger.error("webhooks: the store did not answer", metadata: ["error": "\(error)"])
            return .now + Limits.storeBackOff
        }
    }

    /// Writes down what attempts came to, and nothing else: during a stop.
    mutating func settle() async {
        settleCompletions(.now())
        var turn = WebhookTurn()
        turn.settlements = unsettled
        turn.health = lanes.healthChanges(at: .now())
        do {
            try await write(turn)
        } catch {
            // The claims are freed at the next start, and the attempts made again.
            dispatcher.logger.error("webhooks: results were not written", metadata: ["error": "\(error)"])
            unsettled = []
        }
    }

    /// Returns what was taken and not begun, and notes the places in the log: at a stop.
    mutating func giveBackReady() async {
        unsettled += lanes.giveBack(at: .now(), all: true)
        var turn = WebhookTurn()
        turn.settlements = unsettled
        turn.assignments = lanes.unwritten()
        do {
            try await write(turn)
        } catch {
            dispatcher.logger.error("webhooks: claims were not given back", metadata: ["error": "\(error)"])
            unsettled = []
        }
    }

    private mutating func write(_ turn: WebhookTurn) async throws {
        guard !turn.isEmpty else { return }
        let result = try await store.deliveries.take(
            turn, by: dispatcher.owner, until: Timestamp.now().advanced(by: Limits.lease))
        let now = Timestamp.now()
        unsettled = []
        lanes.assigned(turn.assignments, except: result.refused, at: now)
        lanes.took(result, for: turn.looks, at: now)
        if turn.health.contains(where: \.disables) { dispatcher.webhooksChanged() }
        for id in result.refused {
            // Changed in the meantime, or another node was there first: what holds is in the store.
            if let stored = try await store.webhooks.webhook(id) { lanes.put(stored) } else { lanes.remove(id) }
        }
        // What was just assigned and is taken next lies in the cache; what comes from further back is read at once.
        let missing = result.claimed.values.joined().map(\.sequence).filter { cache[$0] == nil }
        guard !missing.isEmpty else { return }
        for event in try await store.events.events(at: Array(Set(missing))) { cache.add(event) }
    }

    private mutating func settleCompletions(_ now: Timestamp) {
        for completion in dispatcher.takeCompletions() {
            let delivery = completion.beginning.delivery
            let verdict = Verdict(
                of: completion.outcome, attempts: delivery.attempts, createdAt: delivery.createdAt, now: now,
                random: .random(in: 0...1))
            lanes.ended(
                delivery, verdict, wasProbe: completion.beginning.isProbe, at: now, random: .random(in: 0...1))
            unsettled.append(WebhookSettlement(delivery.lease, verdict.outcome))
            dispatcher.counts.add(verdict.outcome)
            log(completion, verdict)
        }
    }

    /// Takes over what changed in the store: when we are told, and every few seconds for what other nodes did.
    private mutating func refresh() async throws {
        let isDue = pollAt <= .now
        guard dispatcher.takeChanges() || isDue else { return }
        do {
            let revisions = try await store.webhooks.revisions()
            for id in lanes.lanes.keys where revisions[id] == nil { lanes.remove(id) }
            for (id, revision) in revisions where lanes.revision(of: id) != revision {
                if let stored = try await store.webhooks.webhook(id) { lanes.put(stored) }
            }
            if dispatcher.takeDeaths() || recoverAt <= .now {
                recoverAt = .now + Limits.recoveryInterval
                _ = try await store.deliveries.recover(expiredBy: .now())
                _ = try await store.deliveries.recoverDead(besides: dispatcher.owner)
            }
        } catch {
            dispatcher.webhooksChanged()
            throw error
        }
        lanes.expectAll(at: .now())
        isBehind = true
        pollAt = .now + Limits.pollInterval
    }

    /// What the log brought since the last look, for as many lanes as one transaction may hold.
    private mutating func assignments() async throws -> [WebhookAssignment] {
        let rings = store.events.signal.rings
        guard isBehind || rings != heardOfLog || lanes.canGoOn else { return [] }
        heardOfLog = rings
        isBehind = false
        let ends = try await store.events.ends()
        var found: [WebhookAssignment] = []
        var count = 0
        for (number, entry) in lanes.places(behind: ends.newest).enumerated() {
            guard number < Limits.looksPerTurn, count < Limits.assignmentsPerTurn else {
                isBehind = true
                break
            }
            guard let page = try await page(after: entry.place, for: entry.lanes) else { continue }
            if !page.isLast { isBehind = true }
            for id in entry.lanes {
                guard count < Limits.assignmentsPerTurn else {
                    isBehind = true
                    break
                }
                guard let assignment = lanes.assignment(id, of: page) else { continue }
                count += 1 + assignment.matches.count
                found.append(assignment)
            }
            if count > 0 { for event in page.events { cache.add(event) } }
        }
        return found
    }

    private mutating func page(after place: Int64, for ids: [WebhookID]) async throws -> EventPage? {
        do {
            return try await store.events.page(after: place, limit: Limits.eventsPerLook)
        } catch EventLogError.expired(let oldest) {
            dispatcher.logger.warning(
                "events were removed before these webhooks could get them",
                metadata: ["webhooks": "\(ids.map(\.rawValue).sorted())", "oldest": "\(oldest)"])
            for id in ids { lanes.skip(id, to: oldest - 1) }
            isBehind = true
            return nil
        }
    }

    /// Says what failed; an URL may hold a secret, so the webhook's id stands for it.
    private func log(_ completion: WebhookDispatcher.Completion, _ verdict: Verdict) {
        let fault: WebhookFault
        let level: Logger.Level
        switch verdict.outcome {
        case .retry(_, _, let found): (fault, level) = (found, .info)
        case .failed(_, let found): (fault, level) = (found, .warning)
        case .delivered, .released: return
        }
        dispatcher.logger.log(
            level: level, level == .warning ? "a webhook delivery failed for good" : "a webhook delivery failed",
            metadata: [
                "webhook": "\(completion.beginning.delivery.lease.webhook)",
                "event": "\(completion.beginning.delivery.sequence)",
                "attempt": "\(completion.beginning.delivery.attempts + 1)", "error": "\(fault.code)",
            ])
    }
}
