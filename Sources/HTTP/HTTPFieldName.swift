/// A field name, compared without regard to case; it keeps the spelling that goes on the wire.
package struct HTTPFieldName: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String
    /// The name in lower case, as it is compared.
    let lowercase: [UInt8]
    /// Of `lowercase`; `HTTPFields` compares it first, so a lookup rarely reads a name that it does not want.
    let fingerprint: UInt16

    package init(stringLiteral text: StaticString) { self.init(unchecked: text.description) }

    /// Nil where `text` is no token (RFC 9110 section 5.6.2).
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 255, text.utf8.allSatisfy(Octet.isToken) else { return nil }
        self.init(unchecked: text)
    }

    private init(unchecked text: String) {
        self.text = text
        lowercase = text.utf8.map(Octet.lowered)
        var fingerprint = Fingerprint()
        for byte in lowercase { fingerprint.add(byte) }
        self.fingerprint = fingerprint.value
    }

    package var description: String { text }

    package static func == (left: HTTPFieldName, right: HTTPFieldName) -> Bool { left.lowercase == right.lowercase }

    package func hash(into hasher: inout Hasher) { hasher.combine(lowercase) }
}

/// A cheap hash of a name without regard to case, made while the parser passes over it.
struct Fingerprint {
    private(set) var value: UInt16 = 0

    mutating func add(_ byte: UInt8) { value = value &* 31 &+ UInt16(byte | 0x20) }
}

extension HTTPFieldName {
    package static let accept: HTTPFieldName = "Accept"
    package static let acceptRanges: HTTPFieldName = "Accept-Ranges"
    package static let accessControlAllowHeaders: HTTPFieldName = "Access-Control-Allow-Headers"
    package static let accessControlAllowMethods: HTTPFieldName = "Access-Control-Allow-Methods"
    package static let accessControlAllowOrigin: HTTPFieldName = "Access-Control-Allow-Origin"
    package static let accessControlExposeHeaders: HTTPFieldName = "Access-Control-Expose-Headers"
    package static let accessControlMaxAge: HTTPFieldName = "Access-Control-Max-Age"
    package static let accessControlRequestMethod: HTTPFieldName = "Access-Control-Request-Method"
    package static let allow: HTTPFieldName = "Allow"
    package static let authorization: HTTPFieldName = "Authorization"
    package static let cacheControl: HTTPFieldName = "Cache-Control"
    package static let connection: HTTPFieldName = "Connection"
    package static let contentDisposition: HTTPFieldName = "Content-Disposition"
    package static let contentLength: HTTPFieldName = "Content-Length"
    package static let contentRange: HTTPFieldName = "Content-Range"
    package static let contentType: HTTPFieldName = "Content-Type"
    package static let date: HTTPFieldName = "Date"
    package static let etag: HTTPFieldName = "ETag"
    package static let expect: HTTPFieldName = "Expect"
    package static let host: HTTPFieldName = "Host"
    package static let idempotencyKey: HTTPFieldName = "Idempotency-Key"
    package static let ifMatch: HTTPFieldName = "If-Match"
    package static let ifNoneMatch: HTTPFieldName = "If-None-Match"
    package static let ifRange: HTTPFieldName = "If-Range"
    package static let lastEventID: HTTPFieldName = "Last-Event-ID"
    package static let link: HTTPFieldName = "Link"
    package static let location: HTTPFieldName = "Location"
    package static let origin: HTTPFieldName = "Origin"
    package static let prefer: HTTPFieldName = "Prefer"
    package static let preferenceApplied: HTTPFieldName = "Preference-Applied"
    package static let range: HTTPFieldName = "Range"
    package static let retryAfter: HTTPFieldName = "Retry-After"
    package static let transferEncoding: HTTPFieldName = "Transfer-Encoding"
    package static let userAgent: HTTPFieldName = "User-Agent"
    package static let vary: HTTPFieldName = "Vary"
    package static let wwwAuthenticate: HTTPFieldName = "WWW-Authenticate"
    package static let rateLimit: HTTPFieldName = "RateLimit"
    package static let rateLimitPolicy: HTTPFieldName = "RateLimit-Policy"
    package static let cookie: HTTPFieldName = "Cookie"
    package static let setCookie: HTTPFieldName = "Set-Cookie"
    package static let requestID: HTTPFieldName = "X-Request-Id"
}
