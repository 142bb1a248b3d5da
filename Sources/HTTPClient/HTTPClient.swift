import HTTP
import Synchronization
package import Transport

/// An HTTP/1.1 client for requests to servers that somebody else named: webhooks.
///
/// Everything of an answer is bounded, one deadline counts for all from the look-up to the last octet, redirects are not
/// followed, and only addresses that the policy allows are dialled. Connections are kept and shared by origin.
package final class HTTPClient: Sendable {
    private let loops: EventLoopGroup
    private let limits: HTTPClientLimits
    private let dialer: Dialer
    private let tls: TLSClientConfiguration
    private let pool: Mutex<OriginPool<ClientConnection>>
    private let sweeping = Mutex(false)

    package init(
        loops: EventLoopGroup, addresses: AddressPolicy, tls: TLSClientConfiguration = TLSClientConfiguration(),
        nameServer: NameServer = .system, limits: HTTPClientLimits = HTTPClientLimits()
    ) {
        self.loops = loops
        self.limits = limits
        self.tls = tls
        dialer = Dialer(nameServer: nameServer) { addresses.allows($0.ip) }
        pool = Mutex(OriginPool(limits))
    }

    /// Connections without work, and all of them: for metrics and tests.
    package var connections: (idle: Int, open: Int) { pool.withLock { ($0.idleCount, $0.open) } }

    /// Sends the request and reads its answer, whatever its status.
    package func send(
        _ request: HTTPClientRequest, deadline: Deadline
    ) async throws(HTTPClientError) -> HTTPClientAnswer {
        let origin = Origin(request.url)
        let head = RequestEncoder.head(
            request.method, request.url, request.fields, contentLength: request.body.count)
        while let (connection, madeAt) = pool.withLock({ $0.take(origin) }) {
            guard await connection.isQuiet else {
                await dismiss(connection)
                continue
            }
            switch await exchange(request, head, on: connection, madeAt, origin, deadline) {
            case .answered(let answer, _): return answer
            case .failed(let error, let isStale):
                guard isStale, request.isRepeatable else { throw error }
            }
            // One dead connection says enough about the others of its age.
            break
        }
        let connection = try await connect(origin, deadline)
        switch await exchange(request, head, on: connection, .now, origin, deadline) {
        case .answered(let answer, _): return answer
        case .failed(let error, _): throw error
        }
    }

    /// Closes what is idle, and every other connection when its answer is there.
    package func close() async {
        for connection in pool.withLock({ $0.close() }) { await connection.close() }
    }

    private func connect(_ origin: Origin, _ deadline: Deadline) async throws(HTTPClientError) -> ClientConnection {
        let (isAdmitted, isClosed) = pool.withLock { ($0.admit(), $0.isClosed) }
        guard isAdmitted else { throw isClosed ? .closed : .tooManyConnections }
        let connection = ClientConnection(on: loops.next(), limits: limits)
        do throws(TransportError) {
            let context = origin.isSecure ? try TLSContext.client(tls) : nil
            try await connection.open(origin, dialer, tls: context, deadline: deadline)
            return connection
        } catch {
            pool.withLock { $0.dismiss() }
            throw HTTPClientError(error)
        }
    }

    private func exchange(
        _ request: HTTPClientRequest, _ head: [UInt8], on connection: ClientConnection, _ madeAt: Deadline,
        _ origin: Origin, _ deadline: Deadline
    ) async -> ClientConnection.Outcome {
        let outcome = await connection.exchange(head, request.body, method: request.method, deadline: deadline)
        if case .answered(_, isReusable: true) = outcome {
            let isKept = pool.withLock { $0.give(connection, to: origin, madeAt: madeAt, now: .now) }
            if isKept { sweepLater() } else { await connection.close() }
        } else {
            pool.withLock { $0.dismiss() }
        }
        return outcome
    }

    private func dismiss(_ connection: ClientConnection) async {
        pool.withLock { $0.dismiss() }
        await connection.close()
    }

    /// One timer for all idle connections, as long as there are some.
    private func sweepLater() {
        let mustArm = sweeping.withLock { isArmed in
            defer { isArmed = true }
            return !isArmed
        }
        guard mustArm else { return }
        loops.loops[0].schedule(at: .after(limits.idleTime / 2)) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        sweeping.withLock { $0 = false }
        let (expired, isIdle) = pool.withLock { pool in (pool.expire(now: .now), pool.idleCount > 0) }
        for connection in expired {
            Task(executorPreference: connection.eventLoop) { await connection.close() }
        }
        if isIdle { sweepLater() }
    }
}
