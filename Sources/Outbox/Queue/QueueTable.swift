package import Model
package import Store

/// Who may be served next: a lane for each account and step, apart from all others, so that a slow server holds up its own.
///
/// A value without clock, store and sockets; the worker asks it and tells it.
package struct QueueTable: Sendable {
    /// One account's share of the work, for one step.
    package struct Lane: Sendable {
        /// Taken from the store, and not begun yet.
        package var waiting: [ClaimedSubmission] = []
        /// When the store has more, as far as is known.
        package var dueAt: Timestamp?
        package var workers = 0
        package var isClaiming = false
        package var rangMeanwhile = false
        /// `host:port` of where its mail goes.
        package var server: String?
        package var pace = Pace()

        package var isIdle: Bool { waiting.isEmpty && dueAt == nil && workers == 0 && !isClaiming }
    }

    package internal(set) var lanes: [QueueKey: Lane] = [:]
    package internal(set) var servers: [String: ServerLoad] = [:]
    /// Lanes in which something waits, but for those that sleep.
    private var active: Set<QueueKey> = []
    private var sleeping: [QueueKey: Timestamp] = [:]
    private var earliest = Timestamp.distantFuture
    private var workers: [QueueTrack: Int] = [:]
    package var isStopping = false
    /// Nothing is taken or begun for now; what was begun ends.
    package var isSuspended = false
    private var isClosed: Bool { isStopping || isSuspended }

    package init() {}

    package var isQuiet: Bool { workers.values.allSatisfy { $0 == 0 } }

    /// Says that rows of this lane are due then; `isUrgent` ends a pause.
    package mutating func noteDue(_ key: QueueKey, at time: Timestamp, isUrgent: Bool = false) {
        var lane = lanes[key] ?? Lane()
        lane.dueAt = min(lane.dueAt ?? time, time)
        if lane.isClaiming { lane.rangMeanwhile = true }
        if isUrgent {
            lane.pace = Pace()
            sleeping[key] = nil
            if let server = lane.server { servers[server]?.answered() }
        }
        lanes[key] = lane
        if sleeping[key] == nil { active.insert(key) }
    }

    /// Forgets what was learned of an account, whose settings changed.
    package mutating func forget(_ account: AccountID) {
        for track in QueueTrack.allCases {
            let key = QueueKey(account, track)
            guard lanes[key] != nil else { continue }
            lanes[key]?.pace = Pace()
            if lanes[key]?.workers == 0 { lanes[key]?.server = nil }
            if sleeping.removeValue(forKey: key) != nil { active.insert(key) }
        }
    }

    /// Accounts whose server is not known yet.
    package var strangers: [QueueKey] { active.filter { $0.track == .delivery && lanes[$0]?.server == nil } }

    package mutating func setServer(_ server: String, of key: QueueKey) {
        guard var lane = lanes[key], lane.workers == 0 else { return }
        lane.server = server
        lanes[key] = lane
    }

    /// What to take from the store now; each must be answered by `claimed`.
    package mutating func claims(_ now: Timestamp) -> [QueueClaim] {
        wake(now)
        guard !isClosed else { return [] }
        var claims: [QueueClaim] = []
        var total = 0
        var reserved: [QueueTrack: Int] = [:]
        for key in active {
            guard var lane = lanes[key] else { continue }
            guard let due = lane.dueAt, due <= now, !lane.isClaiming, total < Limits.claimsPerTurn else { continue }
            if let until = pause(lane), until > now {
                // What it holds is given back first.
                if lane.waiting.isEmpty { sleep(key, until) }
                continue
            }
            let limit = appetite(key, lane)
            guard lane.waiting.count <= limit / 2 else { continue }
            if lane.workers == 0, lane.waiting.isEmpty {
                guard workers[key.track, default: 0] + reserved[key.track, default: 0] < Self.bound(key.track),
                    lane.server.flatMap({ servers[$0]?.allows(now) }) ?? true
                else { continue }
                reserved[key.track, default: 0] += 1
            }
            lane.isClaiming = true
            lane.rangMeanwhile = false
            lanes[key] = lane
            total += limit
            claims.append(QueueClaim(key, limit: limit))
        }
        return claims
    }

    package mutating func claimed(_ items: [ClaimedSubmission], by claim: QueueClaim, now: Timestamp) {
        guard var lane = lanes[claim.key] else { return }
        lane.isClaiming = false
        lane.waiting += items
        lane.dueAt = items.count == claim.limit || lane.rangMeanwhile ? now : nil
        lanes[claim.key] = lane
        tidy(claim.key)
    }

    /// A claim that the store could not serve: tried again.
    package mutating func unclaimed(_ claim: QueueClaim) {
        lanes[claim.key]?.isClaiming = false
    }

    /// What was taken and is not begun in lanes that rest, and how long they do: meanwhile it is nobody's, and may be canceled.
    package mutating func resting(_ now: Timestamp) -> [(item: ClaimedSubmission, until: Timestamp)] {
        var resting: [(item: ClaimedSubmission, until: Timestamp)] = []
        for key in active {
            guard let lane = lanes[key], !lane.waiting.isEmpty, let until = pause(lane), until > now else { continue }
            resting += drain(key).map { ($0, until) }
        }
        return resting
    }

    /// Workers to start, one for each entry; they are counted already, and end with `ended`.
    package mutating func starts(_ now: Timestamp) -> [QueueKey] {
        var starts: [QueueKey] = []
        for key in active {
            guard var lane = lanes[key], !lane.waiting.isEmpty, !lane.pace.isPaused(now), !isClosed else { continue }
            let window = key.track == .delivery ? lane.pace.window : 1
            while lane.workers < window, lane.workers < lane.waiting.count,
                workers[key.track, default: 0] < Self.bound(key.track)
            {
                if key.track == .delivery, let server = lane.server {
                    guard servers[server, default: ServerLoad()].allows(now) else { break }
                    servers[server, default: ServerLoad()].connections += 1
                }
                lane.workers += 1
                workers[key.track, default: 0] += 1
                starts.append(key)
            }
            lanes[key] = lane
        }
        return starts
    }

    /// The oldest that wait, for a worker; none where it should end.
    package mutating func take(_ key: QueueKey, atMost count: Int, now: Timestamp) -> [ClaimedSubmission] {
        guard var lane = lanes[key], !isClosed, !lane.pace.isPaused(now) else { return [] }
        let taken = Array(lane.waiting.prefix(count))
        lane.waiting.removeFirst(taken.count)
        lanes[key] = lane
        return taken
    }

    package mutating func putBack(_ items: [ClaimedSubmission], _ key: QueueKey) {
        guard !items.isEmpty else { return }
        lanes[key]?.waiting.insert(contentsOf: items, at: 0)
        active.insert(key)
    }

    /// All that wait in a lane, which cannot be served now.
    package mutating func drain(_ key: QueueKey) -> [ClaimedSubmission] {
        defer { lanes[key]?.waiting = [] }
        return lanes[key]?.waiting ?? []
    }

    package mutating func ended(_ key: QueueKey) {
        guard var lane = lanes[key] else { return }
        lane.workers -= 1
        workers[key.track, default: 0] -= 1
        if key.track == .delivery, let server = lane.server {
            servers[server]?.connections -= 1
            if servers[server]?.isFresh == true { servers[server] = nil }
        }
        lanes[key] = lane
        tidy(key)
    }

    /// Lanes that hold claimed rows and no worker: what a stop gives back.
    package var abandoned: [QueueKey] { lanes.filter { $0.value.workers == 0 && !$0.value.waiting.isEmpty }.map(\.key) }

    /// When something is due that is not due now.
    package func nextWake(_ now: Timestamp) -> Timestamp? {
        let due = active.compactMap { lanes[$0]?.dueAt }.filter { $0 > now }.min()
        let next = min(due ?? .distantFuture, sleeping.isEmpty ? .distantFuture : earliest)
        return next == .distantFuture ? nil : next
    }

    private func appetite(_ key: QueueKey, _ lane: Lane) -> Int {
        if lane.pace.failures > 0 { return Limits.probingClaim }
        if lane.pace.interval > .zero { return 1 }
        guard key.track == .delivery, lane.workers > 1 else { return Limits.claim }
        return min(lane.workers * Limits.claim, Limits.largestClaim)
    }

    private func pause(_ lane: Lane) -> Timestamp? {
        [lane.pace.pausedUntil, lane.server.flatMap { servers[$0]?.pausedUntil }].compactMap { $0 }.max()
    }

    private mutating func sleep(_ key: QueueKey, _ until: Timestamp) {
        active.remove(key)
        sleeping[key] = until
        earliest = min(earliest, until)
    }

    private mutating func wake(_ now: Timestamp) {
        guard now >= earliest else { return }
        for (key, until) in sleeping where until <= now {
            sleeping[key] = nil
            active.insert(key)
        }
        earliest = sleeping.values.min() ?? .distantFuture
    }

    private mutating func tidy(_ key: QueueKey) {
        guard let lane = lanes[key], lane.isIdle else { return }
        active.remove(key)
        if lane.pace.isFresh { lanes[key] = nil }
    }

    private static func bound(_ track: QueueTrack) -> Int { track == .delivery ? Limits.deliveries : Limits.copies }
}
