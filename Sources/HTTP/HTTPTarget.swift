/// A request target (RFC 9112 section 3.2): offsets into the head's octets; text is made where it is asked for.
package struct HTTPTarget: Sendable, Equatable, CustomStringConvertible {
    /// The four forms of RFC 9112, section 3.2.
    package enum Form: Sendable, Equatable {
        /// `/path?query`
        case origin
        /// `http://host/path?query`: what a client sends to a proxy; a server must take it too.
        case absolute
        /// `host:port`, of CONNECT.
        case authority
        /// `*`, of OPTIONS.
        case asterisk
    }

    package let form: Form
    let bytes: [UInt8]
    let whole: Range<Int>
    let pathRange: Range<Int>
    /// Without the `?`; nil where the target has none.
    let queryRange: Range<Int>?

    /// As it came, with path and query.
    ///
    /// It may hold what a log must not; log `path`.
    package var raw: String { String(decoding: bytes[whole], as: UTF8.self) }

    /// The path as it came, percent-encoded; empty in `authority` and `asterisk` form.
    package var path: String { String(decoding: bytes[pathRange], as: UTF8.self) }

    /// The query as it came.
    package var query: String? { queryRange.map { String(decoding: bytes[$0], as: UTF8.self) } }

    package var description: String { path }

    /// The path's octets, for the router.
    package var pathBytes: ArraySlice<UInt8> { bytes[pathRange] }

    /// The percent-decoded segments: `/v1/a%2Fb/` is `["v1", "a/b", ""]`.
    ///
    /// What is not UTF-8 becomes U+FFFD.
    package var segments: [String] {
        bytes[pathRange].dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false)
            .map { String(decoding: PercentEncoding.decode($0), as: UTF8.self) }
    }

    /// The query's `name=value` pairs in order, decoded as `application/x-www-form-urlencoded` (`+` is a space).
    package var queryItems: [HTTPQueryItem] {
        guard let queryRange else { return [] }
        return bytes[queryRange].split(separator: 0x26).map { pair in
            let parts = pair.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = parts.map { String(decoding: PercentEncoding.decode($0, plusIsSpace: true), as: UTF8.self) }
            return HTTPQueryItem(name: decoded[0], value: decoded.count > 1 ? decoded[1] : "")
        }
    }

    package static func == (left: HTTPTarget, right: HTTPTarget) -> Bool {
        left.form == right.form && left.bytes[left.whole] == right.bytes[right.whole]
    }
}

/// One decoded pair of a query.
package struct HTTPQueryItem: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
