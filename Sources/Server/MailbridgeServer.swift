import API
import Accounts
import HTTPClient
import HTTPServer
import Logging
import MailClient
import Metrics
import Nodes
import ServiceLifecycle
import Store
import Transport
import UnixSignals

/// The composition root: makes every part, joins them, and runs them until a signal.
///
/// Start order is from the bottom up: store, engines, worker, HTTP; shutdown is the reverse.
package enum MailbridgeServer {
    package static func run(_ settings: Settings) async throws {
        MemorySetup.returnLargeBuffers()
        let logger = LogSetup.makeLogger(settings)
        let store = try await settings.openStore()
        let loops: EventLoopGroup
        let server: HTTPServer
        do throws(TransportError) {
            loops = try EventLoopGroup(loops: settings.loops == 0 ? nil : settings.loops)
        } catch {
            throw StartFault("cannot make event loops: \(error)")
        }
        let parts = try Parts(settings, store: store, loops: loops, logger: logger)
        do throws(TransportError) {
            server = try makeHTTPServer(settings, parts, loops: loops, logger: logger)
        } catch {
            throw StartFault("cannot listen on \(settings.listen.host), port \(settings.listen.port): \(error)")
        }
        do {
            try await parts.nodes.keeper.join()
        } catch {
            throw StartFault("cannot enter the list of nodes: \(error)")
        }
        var configuration = ServiceGroupConfiguration(
            services: [
                // The last to stop: while deliveries end, nobody may take this node for dead.
                .init(service: NodeService(keeper: parts.nodes.keeper)),
                .init(service: Housekeeping(store: store, directory: parts.directory, logger: logger)),
                .init(service: DeliveryService(worker: parts.worker)),
                .init(service: OutcomeService(worker: parts.outcome)),
                .init(service: WebhookDeliveryService(dispatcher: parts.webhooks.dispatcher)),
                .init(service: EventWatch(events: parts.events)),
                .init(
                    service: HTTPService(server: server, events: parts.events) {
                        announce(settings, port: server.address.port)
                    }),
                // The first to stop: other nodes take the accounts over while requests are still answered here.
                .init(service: SyncService(engine: settings.syncs ? parts.sync : nil, keeper: parts.nodes.keeper)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = settings.drainTimeout + .seconds(5)
        configuration.maximumCancellationDuration = .seconds(5)
        let end: Result<Void, any Error>
        do {
            end = .success(try await ServiceGroup(configuration: configuration).run())
        } catch {
            end = .failure(error)
        }
        await parts.nodes.keeper.leave()
        await parts.webhooks.client.close()
        await parts.discovery.files.close()
        await parts.identity.client.close()
        await parts.identity.audit.flush()
        await parts.sessions.close()
        await store.close()
        try end.get()
    }

    private static func makeHTTPServer(
        _ settings: Settings, _ parts: Parts, loops: EventLoopGroup, logger: Logger
    ) throws(TransportError) -> HTTPServer {
        var configuration = HTTPServerConfiguration()
        configuration.host = settings.listen.host
        configuration.port = settings.listen.port
        configuration.maximumConnections = settings.maxConnections
        configuration.drainTimeout = settings.drainTimeout
        if let certificate = settings.tlsCertificate, let key = settings.tlsKey {
            configuration.tls = TLSServerConfiguration(
                certificateChain: try PEM(file: certificate), privateKey: try PEM(file: key))
        }
        let cors = settings.corsOrigins.isEmpty ? [] : [CORS(origins: settings.corsOrigins).middleware]
        let server = try HTTPServer(
            API.application(parts.apiDependencies, middleware: [parts.httpMetrics.middleware] + cors),
            configuration: configuration, loops: loops, logger: logger)
        parts.metrics.register { [weak server] in
            let count = Double(server?.connectionCount ?? 0)
            return [MetricFamily("mailbridge_http_connections", .gauge, "Open connections of clients.", count)]
        }
        return server
    }

    /// The one line a start prints; the rest of what happens is in the log.
    private static func announce(_ settings: Settings, port: UInt16) {
        let scheme = settings.tlsCertificate == nil ? "http" : "https"
        let name = settings.listen.host.contains(":") ? "[\(settings.listen.host)]" : settings.listen.host
        let next =
            settings.adminToken == nil
            ? "make a token with `mailbridge token create`, then POST \(scheme)://\(name):\(port)/v1/accounts"
            : "POST \(scheme)://\(name):\(port)/v1/accounts with the admin token to add an account"
        StandardStream.output.line("Mailbridge listens on \(scheme)://\(name):\(port) - \(next)")
    }
}
