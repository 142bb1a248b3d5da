package import HTTP

/// A request as a handler sees it.
package struct Request: Sendable {
    package let head: HTTPRequest
    package let body: RequestBody
    /// For logs, problem documents and `X-Request-Id`.
    package var id: String
    /// Where the client is, as text for logs; empty where unknown.
    package let peer: String
    /// What the router found; nil where no route has the path or the method.
    package internal(set) var route: Route?
    /// Of the path's octets: where the values of the template's `{name}` segments are.
    var parameterRanges: [Range<Int>] = []

    package init(_ head: HTTPRequest, body: RequestBody = .empty, id: String = "", peer: String = "") {
        self.head = head
        self.body = body
        self.id = id
        self.peer = peer
        route = nil
    }

    package var method: HTTPMethod { head.method }
    package var target: HTTPTarget { head.target }
    package var fields: HTTPFields { head.fields }

    /// The values of the template's `{name}` segments.
    package var parameters: RouteParameters { RouteParameters(request: self) }
}

/// Answers a request; an error it throws becomes a response in `Application`.
package typealias Handler = @Sendable (Request) async throws -> HTTPResponse

/// Wraps a handler: looks at the request, calls `next`, looks at the response.
package typealias Middleware = @Sendable (_ request: Request, _ next: Handler) async throws -> HTTPResponse

/// The values of a template's `{name}` segments, decoded where asked for.
package struct RouteParameters: Sendable {
    let request: Request

    /// The percent-decoded segment; nil where the template has no such name.
    ///
    /// What is not UTF-8 becomes U+FFFD.
    package subscript(name: String) -> String? {
        guard let index = request.route?.parameterNames.firstIndex(of: name) else { return nil }
        let path = request.target.pathBytes
        return String(decoding: PercentEncoding.decode(path[request.parameterRanges[index]]), as: UTF8.self)
    }
}
