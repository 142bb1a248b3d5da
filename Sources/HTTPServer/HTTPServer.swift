import HTTP
package import Logging
import Synchronization
package import Transport

/// An HTTP/1.1 server on our event loops.
///
/// Each connection is an actor and one task on one loop. Nothing that happens on one ends the server.
package final class HTTPServer: Sendable {
    private let service: Service
    private let loops: EventLoopGroup
    private let listener: Listener
    private let refusals = Atomic(0)

    /// Binds; connections queue up until `run()`.
    package init(
        _ application: Application, configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        loops: EventLoopGroup, logger: Logger = Logger(label: "http")
    ) throws(TransportError) {
        service = try Service(application, configuration, logger)
        self.loops = loops
        listener = try Listener.bind(host: configuration.host, port: configuration.port, on: loops.next())
    }

    /// Where it listens, with the real port.
    package var address: SocketAddress { listener.address }

    package var connectionCount: Int { service.connections.count }

    /// Serves until `shutdown()`, then lets running requests finish until the drain deadline.
    ///
    /// Cancellation ends everything at once.
    package func run() async throws {
        try await withTaskCancellationHandler {
            var failure: TransportError?
            do throws(TransportError) {
                try await accept()
            } catch {
                failure = error
            }
            listener.close()
            await drain()
            if let failure, failure != .closed, failure != .cancelled { throw failure }
        } onCancel: {
            listener.close()
            service.connections.cancelAll()
        }
    }

    private func accept() async throws(TransportError) {
        while true { admit(try await listener.accept()) }
    }

    /// Stops accepting and makes `run()` return when the last request is answered.
    package func shutdown() { listener.close() }

    private func drain() async {
        for connection in service.connections.all { await connection.drain() }
        let connections = service.connections
        let timer = loops.next().schedule(at: .after(service.configuration.drainTimeout)) { connections.cancelAll() }
        if Task.isCancelled { connections.cancelAll() }
        await connections.waitUntilEmpty()
        timer.cancel()
    }

    private func admit(_ socket: DetachedSocket) {
        let loop = loops.next()
        guard service.connections.count < service.configuration.maximumConnections else {
            return turnAway(socket, loop)
        }
        do {
            try Connection(socket, on: loop, service).start()
        } catch {
            service.logger.warning("connection not taken", metadata: ["error": "\(error)"])
        }
    }

    /// Tells a client that there is no room.
    ///
    /// A server with no room spends little on saying so: under TLS nothing, and to many at once nothing either.
    private func turnAway(_ socket: DetachedSocket, _ loop: EventLoop) {
        guard service.tls == nil, refusals.load(ordering: .relaxed) < Bound.refusals else { return socket.close() }
        refusals.add(1, ordering: .relaxed)
        Task(name: "http refusal") { [self] in
            await Connection.turnAway(socket, on: loop, service)
            refusals.subtract(1, ordering: .relaxed)
        }
    }
}
