import HTTP
import Logging
import Transport

/// What all connections of a server share.
final class Service: Sendable {
    let application: Application
    let configuration: HTTPServerConfiguration
    let tls: TLSContext?
    let logger: Logger
    let connections = ConnectionTable()
    let requestIDs = RequestIDs()
    let dates = DateCache()

    init(_ application: Application, _ configuration: HTTPServerConfiguration, _ logger: Logger) throws(TransportError)
    {
        self.application = application
        self.configuration = configuration
        self.logger = logger
        if let tls = configuration.tls {
            self.tls = try TLSContext.server(tls)
        } else {
            tls = nil
        }
    }

    /// One line a request.
    ///
    /// The query and the fields stay out: they may hold secrets.
    func log(
        _ request: Request?, _ status: HTTPStatus, octets: Int, since start: Deadline, peer: String, id: String,
        failure: (any Error)? = nil
    ) {
        if let failure, !(failure is TransportError), failure as? HTTPServerError != .clientGone {
            logger.warning("response broke off", metadata: ["request": "\(id)", "error": "\(failure)"])
        }
        guard configuration.logsRequests, logger.logLevel <= .info else { return }
        let duration = Deadline.now.duration(since: start)
        var metadata: Logger.Metadata = [
            "request": "\(id)", "status": "\(status.code)", "octets": "\(octets)", "peer": "\(peer)",
            "milliseconds": "\(duration.milliseconds)",
        ]
        if failure != nil { metadata["complete"] = "false" }
        if let request {
            metadata["method"] = "\(request.method)"
            metadata["path"] = "\(request.target.path)"
            if let route = request.route { metadata["operation"] = "\(route.name)" }
        }
        logger.info("request", metadata: metadata)
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
