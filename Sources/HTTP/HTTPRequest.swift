import Wire

/// HTTP/1.0 differs for us in persistence and in that it knows no chunked coding.
package enum HTTPVersion: Sendable, Equatable {
    case http10, http11
}

/// How long a message's content is (RFC 9112 section 6).
package enum HTTPFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
    /// Of responses only: the content ends with the connection.
    case untilClose
}

/// The head of a request.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    package var target: HTTPTarget
    package var fields: HTTPFields
    package var version: HTTPVersion
    package var framing: HTTPFraming
    /// Whether the client lets the connection live on (RFC 9112 section 9.3).
    package var isPersistent: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    package var expectsContinue: Bool
}

extension HTTPRequest {
    /// A request made here, for tests and clients; nil where `target` is none.
    package init?(_ method: HTTPMethod, _ target: String, fields: HTTPFields = HTTPFields(), contentLength: Int = 0) {
        var head = Array("\(method.name) \(target) HTTP/1.1\r\n".utf8)
        if !fields.contains(.host) { head += Array("Host: localhost\r\n".utf8) }
        for field in fields { head += Array("\(field.name): \(field.value)\r\n".utf8) }
        if contentLength > 0 { head += Array("Content-Length: \(contentLength)\r\n".utf8) }
        head += Array("\r\n".utf8)
        var parser = HTTPRequestParser()
        var input = InputBuffer(head)
        guard let request = try? parser.parse(&input) else { return nil }
        self = request
    }
}
