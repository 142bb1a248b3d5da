import DequeModule
package import Model
package import Store

/// One endpoint's deliveries: how many may be under way, which are ready, when to look for more.
///
/// Lanes share nothing but the bound of all, so an endpoint that hangs fills its own window and delays no other. The window grows
/// with success and shrinks with failure.
package struct Lane: Sendable {
    package private(set) var stored: StoredWebhook
    package private(set) var matcher: EventMatcher
    /// The place in the log that the store knows, and the one up to which events were looked at.
    package private(set) var written: Int64
    package private(set) var looked: Int64
    package private(set) var window: Int
    package private(set) var underWay = 0
    /// Deliveries that were assigned since the start and not begun.
    package private(set) var backlog = 0
    /// The log was not looked at because of the backlog.
    private var isHeld = false
    package private(set) var breaker: CircuitBreaker
    private var health: WebhookHealth
    private var successNotedAt: Timestamp?
    private var healthIsNews = false
    private var isGone = false
    private let maximumWindow: Int
    private var ready: Deque<(delivery: ClaimedDelivery, since: Timestamp)> = []
    private var pausedUntil: Timestamp?
    /// When the store may have something for this lane; nil where nothing is known to be due.
    private var lookAt: Timestamp?

    init(_ stored: StoredWebhook, maximumWindow: Int) {
        self.stored = stored
        self.maximumWindow = maximumWindow
        matcher = EventMatcher(stored.webhook.settings)
        written = stored.webhook.position
        looked = written
        window = min(Limits.firstWindow, maximumWindow)
        health = stored.webhook.health
        breaker = CircuitBreaker(health)
        lookAt = Timestamp(milliseconds: 0)
    }

    package var id: WebhookID { stored.webhook.id }
    package var readyCount: Int { ready.count }
    var isOpen: Bool { stored.webhook.state.isEnabled && !isGone }

    /// Takes other settings over; what is under way stays.
    mutating func reload(_ stored: StoredWebhook) {
        self.stored = stored
        matcher = EventMatcher(stored.webhook.settings)
        written = stored.webhook.position
        looked = written
        health = stored.webhook.health
        breaker = CircuitBreaker(health)
        isGone = false
        pausedUntil = nil
        lookAt = Timestamp(milliseconds: 0)
    }

    /// Whether to look at the log for more: an endpoint that cannot keep up leaves its events there, where they cost nothing.
    mutating func wantsMore() -> Bool {
        isHeld = backlog >= Limits.backlog
        return !isHeld
    }

    /// It was held, and need not be any more.
    var canGoOn: Bool { isHeld && backlog < Limits.backlog }

    /// How many deliveries may begin now.
    func room(at now: Timestamp) -> Int { max(0, allowed(at: now) - underWay) }

    private func allowed(at now: Timestamp) -> Int {
        guard isOpen, pausedUntil.map({ $0 <= now }) ?? true else { return 0 }
        switch breaker.allowance(at: now) {
        case .all: return window
        case .probe: return 1
        case .none: return 0
        }
    }

    /// What to take from the store now; nil where nothing is due or nothing could begin.
    mutating func look(at now: Timestamp) -> WebhookLook? {
        guard isOpen, let lookAt, lookAt <= now else { return nil }
        let allowed = allowed(at: now)
        // A window that works is kept filled: the store is asked while requests are under way, not between them.
        let wanted = allowed >= Limits.aheadWindow ? allowed * Limits.claimedAhead : allowed
        let limit = wanted - underWay - ready.count
        // In small steps only where little is ready, so that one transaction brings many.
        guard limit > 0, limit >= wanted / 4 || ready.isEmpty else { return nil }
        return WebhookLook(webhook: id, limit: limit)
    }

    /// What the store gave for `look`.
    mutating func took(_ claimed: [ClaimedDelivery], nextDue: Timestamp?, at now: Timestamp) {
        for delivery in claimed { ready.append((delivery, now)) }
        lookAt = nextDue
    }

    /// Something of this lane is, or will be, due.
    mutating func expect(at time: Timestamp) { lookAt = lookAt.map { min($0, time) } ?? time }

    /// The next delivery to attempt.
    mutating func begin(at now: Timestamp) -> (delivery: ClaimedDelivery, isProbe: Bool)? {
        guard room(at: now) > 0, let next = ready.popFirst() else { return nil }
        underWay += 1
        if next.delivery.attempts == 0 { backlog = max(0, backlog - 1) }
        return (next.delivery, breaker.allowance(at: now) == .probe)
    }

    /// Claimed deliveries that should not lie here: the endpoint is not tried now, or they have waited too long.
    mutating func giveBack(at now: Timestamp, all: Bool = false) -> [ClaimedDelivery] {
        if all || allowed(at: now) == 0 {
            defer { ready.removeAll() }
            return ready.map(\.delivery)
        }
        var old: [ClaimedDelivery] = []
        while let first = ready.first, first.since.advanced(by: Limits.readyTime) <= now {
            old.append(first.delivery)
            ready.removeFirst()
        }
        return old
    }

    /// An attempt is over.
    mutating func ended(_ verdict: Verdict, wasProbe: Bool, at now: Timestamp, random: Double) {
        underWay -= 1
        switch verdict.outcome {
        case .retry(let time, _, _), .released(let time): expect(at: time)
        case .delivered, .failed: if stored.webhook.settings.isOrdered { expect(at: now) }
        }
        switch verdict.lesson {
        case .none: return
        case .healthy: succeeded(verdict, at: now)
        case .failing, .gone:
            window = max(1, window / 2)
            failed(verdict, wasProbe: wasProbe, at: now, random: random)
            if verdict.lesson == .gone { isGone = true }
        case .overloaded(let until):
            window = max(1, window / 2)
            if let until { pausedUntil = max(pausedUntil ?? until, until) }
            failed(verdict, wasProbe: wasProbe, at: now, random: random)
        }
    }

    private mutating func succeeded(_ verdict: Verdict, at now: Timestamp) {
        window = min(maximumWindow, window + 1)
        let isNews = breaker.failures > 0 || breaker.openUntil != nil || health.lastSuccessAt == nil
        breaker.succeeded()
        if case .delivered(let status) = verdict.outcome { health.lastStatus = status }
        health.lastSuccessAt = now
        if isNews || successNotedAt.map({ $0.advanced(by: Limits.successNote) <= now }) ?? true { healthIsNews = true }
    }

    private mutating func failed(_ verdict: Verdict, wasProbe: Bool, at now: Timestamp, random: Double) {
        breaker.failed(wasProbe: wasProbe, at: now, random: random)
        switch verdict.outcome {
        case .retry(_, let status, let fault), .failed(let status, let fault):
            health.lastStatus = status
            health.lastError = fault
        case .delivered, .released: break
        }
        health.lastFailureAt = now
        healthIsNews = true
    }

    /// What is to be written down about the endpoint.
    mutating func healthChange(at now: Timestamp) -> WebhookHealthChange? {
        guard healthIsNews else { return nil }
        healthIsNews = false
        successNotedAt = health.lastSuccessAt
        health.failures = breaker.failures
        health.pauses = breaker.pauses
        health.openUntil = breaker.openUntil
        return WebhookHealthChange(webhook: id, health: health, disables: isGone)
    }

    /// A stretch of the log, compared with what this webhook wants: nil where nothing has to be written now.
    mutating func assignment(of page: EventPage, flushing: Bool = false) -> WebhookAssignment? {
        let matches = page.events.filter { matcher.wants($0) }
        guard !matches.isEmpty || flushing || page.next - written >= Limits.unwrittenPlaces else {
            looked = page.next
            return nil
        }
        return WebhookAssignment(
            webhook: id, revision: stored.webhook.revision, from: written, to: page.next,
            matches: matches.map { WebhookAssignment.Match(sequence: $0.sequence, account: $0.accountID) },
            isOrdered: stored.webhook.settings.isOrdered)
    }

    /// The place that is not written down yet, for a stop.
    func unwritten() -> WebhookAssignment? {
        guard isOpen, looked > written else { return nil }
        return WebhookAssignment(
            webhook: id, revision: stored.webhook.revision, from: written, to: looked, matches: [],
            isOrdered: stored.webhook.settings.isOrdered)
    }

    /// The store has written the assignment.
    mutating func assigned(_ assignment: WebhookAssignment, at now: Timestamp) {
        written = assignment.to
        looked = assignment.to
        backlog += assignment.matches.count
        if !assignment.matches.isEmpty { expect(at: now) }
    }

    /// What was behind this place is not in the log any more.
    mutating func skip(to place: Int64) { looked = max(looked, place) }

    /// When this lane wants to be asked again, if nothing happens.
    func nextTurn(after now: Timestamp) -> Timestamp? {
        guard isOpen else { return nil }
        var earliest: Timestamp?
        if case .none(let until) = breaker.allowance(at: now) { earliest = until }
        if let pausedUntil, pausedUntil > now { earliest = max(earliest ?? pausedUntil, pausedUntil) }
        if let earliest { return lookAt == nil && ready.isEmpty ? nil : max(earliest, lookAt ?? earliest) }
        if room(at: now) == 0 { return nil }
        return ready.isEmpty ? lookAt : now
    }
}
