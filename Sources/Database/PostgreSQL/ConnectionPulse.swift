import Glibc
import Synchronization

/// All sessions of one pool: when the server last said anything to any of them, and the means to cut them all.
///
/// A network that drops everything tells nobody. Whoever finds that the server has gone silent cuts all sessions at once, instead of
/// leaving each to find out by a time-out of its own.
final class ConnectionPulse: Sendable {
    private struct State {
        var lastHeard = ContinuousClock.now
        var sockets: [ObjectIdentifier: SeverableSocket] = [:]
    }

    private let state = Mutex(State())

    var lastHeard: ContinuousClock.Instant { state.withLock { $0.lastHeard } }

    func heard() { state.withLock { $0.lastHeard = .now } }

    func add(_ socket: SeverableSocket) {
        state.withLock { state in
            state.lastHeard = .now
            state.sockets[ObjectIdentifier(socket)] = socket
        }
    }

    func remove(_ socket: SeverableSocket) {
        _ = state.withLock { $0.sockets.removeValue(forKey: ObjectIdentifier(socket)) }
    }

    /// Ends whatever waits for the server, at once.
    func severAll() {
        for socket in state.withLock({ Array($0.sockets.values) }) { socket.sever() }
    }
}

/// A descriptor that another thread may shut down as long as it is the session's.
final class SeverableSocket: Sendable {
    private let descriptor = Mutex<CInt>(-1)

    func set(_ socket: CInt) { descriptor.withLock { $0 = socket } }

    /// Before it is closed: its number may be another's afterwards.
    func forget() { descriptor.withLock { $0 = -1 } }

    func sever() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { _ = shutdown(descriptor, CInt(SHUT_RDWR)) }
        }
    }
}
