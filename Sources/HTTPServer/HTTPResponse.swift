package import HTTP

/// What a handler answers.
package struct HTTPResponse: Sendable {
    package var status: HTTPStatus
    /// `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` are the server's own and ignored here.
    package var fields: HTTPFields
    package var body: HTTPResponseBody

    package init(_ status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: HTTPResponseBody = .none) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// A complete body of one type.
    package init(_ status: HTTPStatus, type: String, _ bytes: [UInt8]) {
        self.status = status
        fields = HTTPFields()
        fields.reserve(fields: 4, octets: 128)
        fields.append(.contentType, type)
        body = .bytes(bytes)
    }
}

/// The content of a response: in memory, or made while it is written.
package enum HTTPResponseBody: Sendable {
    case none
    case bytes([UInt8])
    /// Written while the closure runs; its return ends the body, its error breaks the connection, so that a client never
    /// takes a part for the whole. With a length the body has a `Content-Length` and the closure must write just that
    /// many octets; without one it is chunked. On HEAD the closure does not run.
    case stream(length: Int?, @Sendable (ResponseWriter) async throws -> Void)
}

/// Why serving one request ended early; nothing that the client still hears.
package enum HTTPServerError: Error, Equatable, Sendable {
    /// The client closed the connection or does not read.
    case clientGone
    /// A streamed body had more or fewer octets than announced.
    case lengthMismatch
    /// A body was used after its request ended.
    case exchangeEnded
}
