package import HTTP

/// What the client spends at most.
package struct HTTPClientLimits: Sendable, Equatable {
    /// Octets of an answer's content that are kept; the rest is read and forgotten.
    package var keptBody = 16 * 1024
    /// Octets of content that are read to keep the connection; beyond, it is closed.
    package var readBody = 256 * 1024
    /// Kept connections without work of one origin, and of all.
    package var idlePerOrigin = 64
    package var idle = 1024
    /// A kept connection without work is closed after this: shorter than most servers wait, so that few close first.
    package var idleTime = Duration.seconds(15)
    /// A connection is used no longer, so that a change in the name service is seen.
    package var lifetime = Duration.seconds(300)
    /// Connections at once; a request beyond is refused.
    package var connections = 8192
    /// Heads and chunks of answers.
    package var message = {
        var limits = HTTPLimits()
        limits.head = 32 * 1024
        limits.fieldLine = 16 * 1024
        return limits
    }()

    package init() {}
}

/// Bounds that nobody changes.
enum Bound {
    /// Interim answers (1xx) before the real one.
    static let interimAnswers = 8
}
