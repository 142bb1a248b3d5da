package import Model
package import Store

/// What lanes learn of their servers.
extension QueueTable {
    package mutating func delivered(_ key: QueueKey, now: Timestamp) {
        lanes[key]?.pace.delivered(now)
        if key.track == .delivery, let server = lanes[key]?.server { servers[server]?.answered() }
    }

    package mutating func throttled(_ key: QueueKey, now: Timestamp) { lanes[key]?.pace.throttled(now) }

    /// The server lets this account in no more for now; false where others of the lane work, so that only this one was too many.
    package mutating func refused(_ key: QueueKey, now: Timestamp, pause: Duration?) -> Bool {
        guard var lane = lanes[key] else { return true }
        defer { lanes[key] = lane }
        if lane.workers > 1, lane.pace.failures == 0 {
            lane.pace.isFull()
            return false
        }
        lane.pace.throttled(now, pause: pause)
        return true
    }

    /// A connection could not be had; false where others of the lane work, so that only this one was too many.
    package mutating func unreachable(_ key: QueueKey, now: Timestamp, isServerAtFault: Bool) -> Bool {
        guard var lane = lanes[key] else { return true }
        if lane.workers > 1, lane.pace.failures == 0 {
            lane.pace.isFull()
            lanes[key] = lane
            return false
        }
        lane.pace.unreachable(now)
        lanes[key] = lane
        if isServerAtFault, key.track == .delivery, let server = lane.server { servers[server]?.unreachable(now) }
        return true
    }

    /// Nil where the lane rests instead.
    package mutating func reserve(_ key: QueueKey, now: Timestamp) -> Duration? { lanes[key]?.pace.reserve(now) }
}
