import HTTP
package import HTTPServer
package import Logging

/// The HTTP face of the program: what `HTTPServer` runs.
package enum API {
    /// The routes and their errors; `middleware` is the server's own (request ids, access log, CORS).
    package static func application(_ dependencies: APIDependencies, middleware: [Middleware] = []) -> Application {
        Application(
            router: router(dependencies), middleware: middleware,
            renderError: errorRenderer(dependencies.logger, dependencies.isTemporary))
    }

    /// Every operation of the contract, ready to be called.
    package static func router(_ dependencies: APIDependencies) -> Router {
        var router = Router()
        for operation in OpenOperation.all(dependencies) {
            router.on(operation.method, operation.path, name: operation.id, handler: operation.handler)
        }
        for operation in Operation.all {
            let guarded = Dispatcher(operation: operation, dependencies: dependencies)
            router.on(operation.method, operation.path, name: operation.id) { request in
                try await guarded.respond(to: request)
            }
        }
        return router
    }

    /// Makes a problem document of any error; one that nobody expected is logged and says nothing about itself.
    package static func errorRenderer(
        _ logger: Logger, _ isTemporary: @escaping @Sendable (any Error) -> Bool
    ) -> ErrorRenderer {
        { error, request in
            if let problem = Problem(expected: error) { return problem.response(requestID: request?.id) }
            logger.error(
                "unexpected error",
                metadata: [
                    "request": "\(request?.id ?? "")", "operation": "\(request?.route?.name ?? "")",
                    "kind": "\(type(of: error))", "error": "\(error)",
                ])
            if isTemporary(error) {
                return Problem(.serviceUnavailable, "The server is busy.").response(requestID: request?.id)
            }
            return Problem(.internalError, "The request failed; the log of the server says why.")
                .response(requestID: request?.id)
        }
    }
}
