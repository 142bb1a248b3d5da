package import HTTP

/// A request as a handler sees it: one reference and its name, so that it passes through middleware for nothing.
package struct Request: Sendable {
    private final class Contents: Sendable {
        let head: HTTPRequest
        let body: RequestBody
        let peer: String
        let path: RoutedPath

        init(_ head: HTTPRequest, _ body: RequestBody, _ peer: String, _ path: RoutedPath) {
            self.head = head
            self.body = body
            self.peer = peer
            self.path = path
        }
    }

    private let contents: Contents
    /// For logs, problem documents and `X-Request-Id`.
    package var id: String

    package init(_ head: HTTPRequest, body: RequestBody = .empty, id: String = "", peer: String = "") {
        self.init(head, body: body, id: id, peer: peer, path: RoutedPath())
    }

    init(_ head: HTTPRequest, body: RequestBody, id: String, peer: String, path: RoutedPath) {
        contents = Contents(head, body, peer, path)
        self.id = id
    }

    package var head: HTTPRequest { contents.head }
    package var body: RequestBody { contents.body }
    /// Where the client is, as text for logs; empty where unknown.
    package var peer: String { contents.peer }
    /// What the router found; nil where no route has the path or the method.
    package var route: Route? { contents.path.route }
    package var method: HTTPMethod { contents.head.method }
    package var target: HTTPTarget { contents.head.target }
    package var fields: HTTPFields { contents.head.fields }

    /// The values of the template's `{name}` segments.
    package var parameters: RouteParameters { RouteParameters(path: contents.path, target: contents.head.target) }
}

/// Answers a request; an error it throws becomes a response in `Application`.
package typealias Handler = @Sendable (Request) async throws -> HTTPResponse

/// Wraps a handler: looks at the request, calls `next`, looks at the response.
package typealias Middleware = @Sendable (_ request: Request, _ next: Handler) async throws -> HTTPResponse

/// What the router found.
struct RoutedPath: Sendable {
    var route: Route?
    /// Of the path's octets: where the values of the template's `{name}` segments are.
    var parameters: [Range<Int>] = []
}

/// The values of a template's `{name}` segments, decoded where asked for.
package struct RouteParameters: Sendable {
    let path: RoutedPath
    let target: HTTPTarget

    /// The percent-decoded segment; nil where the template has no such name.
    ///
    /// What is not UTF-8 becomes U+FFFD.
    package subscript(name: String) -> String? {
        guard let index = path.route?.parameterNames.firstIndex(of: name) else { return nil }
        return String(decoding: PercentEncoding.decode(target.pathBytes[path.parameters[index]]), as: UTF8.self)
    }
}
