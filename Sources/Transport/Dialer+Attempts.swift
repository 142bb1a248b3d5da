internal import Glibc

/// A try to reach one address.
struct ConnectionAttempt: Sendable {
    let address: SocketAddress
    let loop: EventLoop
    let deadline: Deadline

    /// The connected socket, watched by the loop.
    ///
    /// A failed or cancelled try leaves nothing behind.
    nonisolated(nonsending) func run() async throws(TransportError) -> Registration {
        let socket = try Socket.open(address, .connect)
        let raw = socket.raw
        let result = unsafe address.withSockaddr { unsafe Glibc.connect(raw, $0, $1) }
        let code = result == 0 ? 0 : errno
        // Watched only now: the kernel reports a socket that never began to connect as hung up.
        guard code == 0 || code == EINPROGRESS || code == EINTR else { throw .from(errno: code, .connect) }
        let registration = try Registration(socket, on: loop)
        do throws(TransportError) {
            var ticket = Ticket.none
            while true {
                if code != 0 {
                    try await registration.wait(.writer, for: .writable, since: ticket, until: deadline, .connect)
                }
                ticket = registration.ticket
                let error = Socket.pendingError(raw)
                guard error == 0 else { throw .from(errno: error, .connect) }
                if Socket.peerAddress(raw) != nil { return registration }
            }
        } catch {
            registration.close()
            throw error
        }
    }
}

extension Dialer {
    struct Connection: Sendable {
        let registration: Registration
        let peer: SocketAddress
    }

    private enum Outcome: Sendable {
        case connected(Connection)
        case failed(TransportError)
        /// The attempt of that number had its head start.
        case overdue(Int)
    }

    /// Tries the addresses in order, each after a head start for the one before (RFC 8305, 5); the first that answers wins
    /// and the others are given up.
    nonisolated(nonsending) func race(
        _ addresses: [SocketAddress], on loop: EventLoop, _ deadline: Deadline
    ) async throws(TransportError) -> Connection {
        if addresses.count == 1 {
            let attempt = ConnectionAttempt(address: addresses[0], loop: loop, deadline: deadline)
            return Connection(registration: try await attempt.run(), peer: addresses[0])
        }
        let delay = attemptDelay
        let result = await withTaskGroup(of: Outcome.self) { group -> Result<Connection, TransportError> in
            var started = 0
            var running = 0
            var failure: TransportError?
            func startNext() {
                let number = started
                let attempt = ConnectionAttempt(address: addresses[number], loop: loop, deadline: deadline)
                started += 1
                running += 1
                group.addTask(executorPreference: loop) {
                    do throws(TransportError) {
                        return .connected(Connection(registration: try await attempt.run(), peer: attempt.address))
                    } catch {
                        return .failed(error)
                    }
                }
                guard started < addresses.count else { return }
                group.addTask(executorPreference: loop) {
                    try? await loop.sleep(for: delay)
                    return .overdue(number)
                }
            }
            startNext()
            while let outcome = await group.next() {
                switch outcome {
                case .connected(let connection):
                    group.cancelAll()
                    for await late in group {
                        if case .connected(let loser) = late { loser.registration.close() }
                    }
                    return .success(connection)
                case .failed(let error):
                    running -= 1
                    // The first address is the one that a person would ask about.
                    failure = failure ?? error
                    if error == .cancelled || error == .closed {
                        group.cancelAll()
                    } else if started < addresses.count {
                        startNext()
                    } else if running == 0 {
                        group.cancelAll()
                    }
                case .overdue(let number):
                    if number == started - 1, started < addresses.count, !group.isCancelled { startNext() }
                }
            }
            return .failure(Task.isCancelled ? .cancelled : failure ?? .closed)
        }
        return try result.get()
    }
}
