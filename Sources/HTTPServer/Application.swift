package import HTTP

/// Makes a response of what went wrong: an `HTTPRefusal` of the server, or whatever a handler threw.
///
/// The request is nil where its head was not understood.
package typealias ErrorRenderer = @Sendable (any Error, Request?) -> HTTPResponse

/// The routes, what wraps them, and how errors look: all that the server needs to know of the program.
package struct Application: Sendable {
    private let router: Router
    private let handler: Handler
    private let renderError: ErrorRenderer

    /// The outermost middleware comes first; all of them see every request, also one that no route has.
    package init(
        router: Router, middleware: [Middleware] = [],
        renderError: @escaping ErrorRenderer = Application.plainError
    ) {
        let renderError = Self.addingAllow(renderError)
        self.router = router
        self.renderError = renderError
        var handler: Handler = { request in
            do {
                if let route = request.route { return try await route.handler(request) }
                return try Self.answerWithoutRoute(request, router)
            } catch {
                return renderError(error, request)
            }
        }
        for outer in middleware.reversed() {
            let inner = handler
            handler = { request in
                do {
                    return try await outer(request, inner)
                } catch {
                    return renderError(error, request)
                }
            }
        }
        self.handler = handler
    }

    func route(_ head: HTTPRequest) -> RoutedPath {
        guard case .route(let path) = router.find(head.method, head.target) else { return RoutedPath() }
        return path
    }

    /// Answers a request that knows its route, whatever happens.
    func answer(_ request: Request) async -> HTTPResponse {
        do {
            return try await handler(request)
        } catch {
            return renderError(error, request)
        }
    }

    package func respond(to request: Request) async -> HTTPResponse {
        let path = route(request.head)
        return await answer(
            Request(request.head, body: request.body, id: request.id, peer: request.peer, path: path))
    }

    /// What the server says where there is no request, only a refusal.
    package func refuse(_ refusal: HTTPRefusal) -> HTTPResponse { renderError(refusal, nil) }

    private static func answerWithoutRoute(_ request: Request, _ router: Router) throws -> HTTPResponse {
        guard case .methods(let methods) = router.find(request.method, request.target) else {
            throw HTTPRefusal.notFound
        }
        guard request.method == .options else { throw HTTPRefusal.methodNotAllowed(allowed: methods) }
        return HTTPResponse(.noContent, fields: [.allow: methods.map(\.name).joined(separator: ", ")])
    }

    /// Errors as one line of text.
    package static let plainError: ErrorRenderer = { error, _ in
        let refusal = error as? HTTPRefusal
        let status = refusal?.status ?? .internalServerError
        let text = refusal?.detail ?? status.description
        return HTTPResponse(status, type: "text/plain; charset=utf-8", Array((text + "\n").utf8))
    }

    /// `renderer` with what RFC 9110 section 15.5.6 demands of every 405.
    private static func addingAllow(_ renderer: @escaping ErrorRenderer) -> ErrorRenderer {
        { error, request in
            var response = renderer(error, request)
            if case .methodNotAllowed(let allowed) = error as? HTTPRefusal, !response.fields.contains(.allow) {
                response.fields.append(.allow, allowed.map(\.name).joined(separator: ", "))
            }
            return response
        }
    }
}
