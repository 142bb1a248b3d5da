/// A request method (RFC 9110 section 9).
package enum HTTPMethod: Hashable, Sendable, CustomStringConvertible {
    case get, head, post, put, patch, delete, options, trace, connect
    /// A token that is none of the above; the router answers it with 405.
    case other(String)

    package init(_ name: String) {
        self =
            switch name {
            case "GET": .get
            case "HEAD": .head
            case "POST": .post
            case "PUT": .put
            case "PATCH": .patch
            case "DELETE": .delete
            case "OPTIONS": .options
            case "TRACE": .trace
            case "CONNECT": .connect
            default: .other(name)
            }
    }

    /// The method as it stands on the wire; methods are case-sensitive.
    package var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .connect: "CONNECT"
        case .other(let name): name
        }
    }

    package var description: String { name }

    /// The two that nearly every request has, without making a `String`; nil for the rest.
    static func common(_ bytes: Span<UInt8>, _ range: Range<Int>) -> HTTPMethod? {
        let start = range.lowerBound
        if range.count == 3, bytes[start] == 0x47, bytes[start + 1] == 0x45, bytes[start + 2] == 0x54 { return .get }
        if range.count == 4, bytes[start] == 0x50, bytes[start + 1] == 0x4F, bytes[start + 2] == 0x53,
            bytes[start + 3] == 0x54
        {
            return .post
        }
        return nil
    }
}
