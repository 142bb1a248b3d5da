import Model
import Synchronization
import Transport

/// Lets as many connections to one host be made at the same time as the host takes well.
///
/// One for the whole process: a restart with ten thousand accounts must not storm a provider, nor wait longer than it needs.
package final class ConnectGate: Sendable {
    private struct Door {
        var pace: ConnectPace
        let queue: PermitQueue
    }

    private let doors = Mutex<[String: Door]>([:])
    private let pace: ConnectPace

    package convenience init() { self.init(ConnectPace()) }

    init(_ pace: ConnectPace) { self.pace = pace }

    /// Runs `body`, which makes a connection, when it is its turn.
    nonisolated(nonsending) func pass<Value>(
        to endpoint: ServerEndpoint, of mailProtocol: MailProtocol = .imap, on loop: EventLoop, deadline: Deadline,
        _ body: nonisolated(nonsending) () async throws(MailClientError) -> Value
    ) async throws(MailClientError) -> Value {
        let key = "\(endpoint.host.lowercased()):\(endpoint.port)"
        let (queue, staggers) = doors.withLock { doors in
            let door = doors[key] ?? Door(pace: pace, queue: PermitQueue(pace.width))
            doors[key] = door
            return (door.queue, door.pace.staggers)
        }
        do throws(PermitQueue.Failure) {
            try await queue.acquire(on: loop, deadline: deadline)
        } catch {
            throw error == .cancelled ? .cancelled : .timedOut(mailProtocol, phase: "a turn to connect")
        }
        defer { queue.release() }
        if staggers {
            let pause = Limits.connectJitter * Double.random(in: 0...1)
            do throws(TransportError) {
                try await loop.sleep(until: deadline.earlier(of: .after(pause)))
            } catch {
                throw .cancelled
            }
        }
        let begun = ContinuousClock.now
        do throws(MailClientError) {
            let value = try await body()
            learn(key) { $0.succeed(in: begun.duration(to: .now)) }
            return value
        } catch {
            if error.saysHostIsBusy { learn(key) { $0.refuse() } }
            throw error
        }
    }

    private func learn(_ key: String, _ lesson: (inout ConnectPace) -> Void) {
        doors.withLock { doors in
            guard var door = doors[key] else { return }
            lesson(&door.pace)
            door.queue.resize(to: door.pace.width)
            doors[key] = door
        }
    }
}

extension MailClientError {
    /// The host takes no more connections now, as opposed to: it does not like this account, or cannot be reached by anyone.
    fileprivate var saysHostIsBusy: Bool {
        switch self {
        case .unavailable, .disconnected, .timedOut: true
        case .connect(_, let error): error.saysHostIsBusy
        default: false
        }
    }
}

extension TransportError {
    fileprivate var saysHostIsBusy: Bool {
        switch self {
        case .connectionRefused, .deadlineExceeded, .disconnected: true
        default: false
        }
    }
}
