/// Every bound on what one HTTP message may cost us; a peer that passes one is refused, never served by growing.
package struct HTTPLimits: Sendable, Equatable {
    /// Octets of the request target.
    ///
    /// Beyond: 414.
    package var target = 8 * 1024
    /// Octets of one field line.
    ///
    /// Beyond: 431.
    package var fieldLine = 16 * 1024
    /// Octets of the whole head (or trailer section).
    ///
    /// Beyond: 431.
    package var head = 64 * 1024
    /// Fields in one head (or trailer section).
    ///
    /// Beyond: 431.
    package var fieldCount = 100
    /// Octets of one chunk-size line with its extensions.
    package var chunkLine = 256
    /// Octets of chunk extensions in a whole body: they carry nothing for us, so they must not carry much.
    package var chunkExtensions = 16 * 1024
    /// Octets of a request body that nobody asked for which we read to keep the connection.
    package var drain = 64 * 1024

    package init() {}
}

/// Bounds that no setting changes.
enum Bound {
    /// A method longer than this is none that we know.
    static let method = 32
    /// Empty lines before a request line, which RFC 9112 section 2.2 asks us to ignore.
    static let leadingEmptyLines = 2
    /// The largest length that we count with; far above any disk.
    static let length = 1 << 56
    /// Octets of an absolute URL that we are told to call.
    static let url = 2048
    /// Elements read from one list-valued field.
    static let listElements = 64
    /// Octets of the header of a form's part, and the parts of one form.
    static let formHeader = 8 * 1024
    static let formParts = 1000
}
