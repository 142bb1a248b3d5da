import HTTP
import Transport

/// What connections are kept for: requests of one origin share them, others never do.
struct Origin: Hashable, Sendable {
    let isSecure: Bool
    let host: String
    let port: UInt16

    init(_ url: HTTPURL) {
        isSecure = url.isSecure
        host = url.host
        port = url.port
    }
}

/// The kept connections of all origins: which to take, which to keep, which to close.
///
/// Values in, decisions out.
struct OriginPool<Connection> {
    private struct Kept {
        let connection: Connection
        let madeAt: Deadline
        let since: Deadline
    }

    private let limits: HTTPClientLimits
    private var idle: [Origin: [Kept]] = [:]
    private(set) var idleCount = 0
    /// Connections that exist, idle ones included.
    private(set) var open = 0
    private(set) var isClosed = false

    init(_ limits: HTTPClientLimits) { self.limits = limits }

    /// The connection used last, so that those beyond the need grow old; its age goes with it.
    mutating func take(_ origin: Origin) -> (connection: Connection, madeAt: Deadline)? {
        guard let kept = idle[origin]?.popLast() else { return nil }
        if idle[origin]?.isEmpty == true { idle[origin] = nil }
        idleCount -= 1
        return (kept.connection, kept.madeAt)
    }

    /// Counts a new connection; false where there are too many.
    mutating func admit() -> Bool {
        guard !isClosed, open < limits.connections else { return false }
        open += 1
        return true
    }

    /// A connection is gone.
    mutating func dismiss() { open -= 1 }

    /// Keeps a connection; false where it is to be closed instead, which counts as gone.
    mutating func give(_ connection: Connection, to origin: Origin, madeAt: Deadline, now: Deadline) -> Bool {
        let count = idle[origin]?.count ?? 0
        guard !isClosed, count < limits.idlePerOrigin, idleCount < limits.idle,
            now < madeAt.advanced(by: limits.lifetime)
        else {
            open -= 1
            return false
        }
        idle[origin, default: []].append(Kept(connection: connection, madeAt: madeAt, since: now))
        idleCount += 1
        return true
    }

    /// Removes what was idle or alive for too long, to be closed.
    mutating func expire(now: Deadline) -> [Connection] {
        var expired: [Connection] = []
        for (origin, kept) in idle {
            let living = kept.filter {
                now < $0.since.advanced(by: limits.idleTime) && now < $0.madeAt.advanced(by: limits.lifetime)
            }
            guard living.count < kept.count else { continue }
            expired += kept.filter {
                now >= $0.since.advanced(by: limits.idleTime) || now >= $0.madeAt.advanced(by: limits.lifetime)
            }
            .map(\.connection)
            idle[origin] = living.isEmpty ? nil : living
        }
        idleCount -= expired.count
        open -= expired.count
        return expired
    }

    /// Admits and keeps nothing more; what was idle is to be closed.
    mutating func close() -> [Connection] {
        isClosed = true
        let all = idle.values.flatMap { $0.map(\.connection) }
        idle = [:]
        idleCount = 0
        open -= all.count
        return all
    }
}
