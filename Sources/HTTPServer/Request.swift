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
    package internal(set) var parameters: RouteParameters

    package init(_ head: HTTPRequest, body: RequestBody = .empty, id: String = "", peer: String = "") {
        self.head = head
        self.body = body
        self.id = id
        self.peer = peer
        route = nil
        parameters = RouteParameters()
    }

    package var method: HTTPMethod { head.method }
    package var target: HTTPTarget { head.target }
    package var fields: HTTPFields { head.fields }
}

/// Answers a request; an error it throws becomes a response in `Application`.
package typealias Handler = @Sendable (Request) async throws -> HTTPResponse

/// Wraps a handler: looks at the request, calls `next`, looks at the response.
package typealias Middleware = @Sendable (_ request: Request, _ next: Handler) async throws -> HTTPResponse

/// The values of a template's `{name}` segments, decoded where asked for.
package struct RouteParameters: Sendable {
    private let path: ArraySlice<UInt8>
    private let names: [String]
    private let ranges: [Range<Int>]

    init() {
        path = []
        names = []
        ranges = []
    }

    init(path: ArraySlice<UInt8>, names: [String], ranges: [Range<Int>]) {
        self.path = path
        self.names = names
        self.ranges = ranges
    }

    /// The percent-decoded segment; what is not UTF-8 becomes U+FFFD.
    ///
    /// Nil where the template has no such name.
    package subscript(name: String) -> String? {
        guard let index = names.firstIndex(of: name) else { return nil }
        return String(decoding: PercentEncoding.decode(path[ranges[index]]), as: UTF8.self)
    }
}
