/// A header section: its fields in order, and what they mean.
///
/// Nothing is decoded before it is asked for. Where a field that may come once came twice, the last one counts for
/// what is trace-like and the first for the rest, as most clients do.
package struct Headers: Sendable, Equatable {
    package private(set) var fields: [HeaderField]
    /// What raw octets above 127 are read as when they are not UTF-8: the charset of the body, else windows-1252.
    package var fallbackCharset: String?

    package init(fields: [HeaderField] = [], fallbackCharset: String? = nil) {
        self.fields = fields
        self.fallbackCharset = fallbackCharset
    }

    package func first(_ name: String) -> HeaderField? { fields.first { $0.isNamed(name) } }
    package func all(_ name: String) -> [HeaderField] { fields.filter { $0.isNamed(name) } }
}
