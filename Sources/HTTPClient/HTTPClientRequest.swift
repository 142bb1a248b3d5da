package import HTTP

/// A request to send.
package struct HTTPClientRequest: Sendable {
    package var method: HTTPMethod
    package var url: HTTPURL
    package var fields: HTTPFields
    package var body: [UInt8]
    /// Whether a second copy does no harm: then it is sent once more where a kept connection turns out to be dead.
    ///
    /// A connection that the server closed while it was idle looks alive until something is written to it, and nobody can
    /// say whether the server read that.
    package var isRepeatable: Bool

    package init(
        _ method: HTTPMethod, _ url: HTTPURL, fields: HTTPFields = HTTPFields(), body: [UInt8] = [],
        isRepeatable: Bool = false
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.isRepeatable = isRepeatable
    }
}

/// What came back.
///
/// A redirect is an answer like others: it is never followed.
package struct HTTPClientAnswer: Sendable {
    package let status: HTTPStatus
    package let fields: HTTPFields
    /// The content as far as it was kept.
    package let body: [UInt8]
    /// Whether `body` is all of the content; false too where it broke off after the head.
    package let isComplete: Bool
}
