/// Why HTTP itself, not the application, does not serve a request; the API layer renders it as a problem document.
package enum HTTPRefusal: Error, Equatable, Sendable {
    /// The octets are not an HTTP/1.1 message; the text is fixed and says which rule was broken.
    case malformed(String)
    case notFound
    case methodNotAllowed(allowed: [HTTPMethod])
    /// No head, or no further body octets, within the time allowed.
    case timedOut
    case bodyTooLarge(limit: Int)
    case targetTooLong(limit: Int)
    case fieldsTooLarge
    case expectationFailed
    case notImplemented(String)
    case versionNotSupported
    /// Too many connections, or the server is stopping.
    case unavailable(String)

    package var status: HTTPStatus {
        switch self {
        case .malformed: .badRequest
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .timedOut: .requestTimeout
        case .bodyTooLarge: .contentTooLarge
        case .targetTooLong: .uriTooLong
        case .fieldsTooLarge: .fieldsTooLarge
        case .expectationFailed: .expectationFailed
        case .notImplemented: .notImplemented
        case .versionNotSupported: .versionNotSupported
        case .unavailable: .serviceUnavailable
        }
    }

    /// What a client may be told.
    package var detail: String {
        switch self {
        case .malformed(let rule): rule
        case .notFound: "No resource has this path."
        case .methodNotAllowed(let allowed):
            "This resource knows " + allowed.map(\.name).joined(separator: ", ") + "."
        case .timedOut: "The request did not arrive in time."
        case .bodyTooLarge(let limit): "The body is larger than \(limit) octets."
        case .targetTooLong(let limit): "The request target is longer than \(limit) octets."
        case .fieldsTooLarge: "The header fields are too many or too large."
        case .expectationFailed: "The only expectation known is 100-continue."
        case .notImplemented(let what): what
        case .versionNotSupported: "This server speaks HTTP/1.1."
        case .unavailable(let why): why
        }
    }
}
