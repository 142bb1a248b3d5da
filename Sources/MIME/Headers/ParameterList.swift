/// The parameters of a Content-Type or Content-Disposition, decoded, in the order they came.
///
/// Continuations and charsets of RFC 2231 are joined; encoded words, which RFC 2047 forbids here and Outlook and Gmail
/// write nevertheless, are decoded too.
package struct ParameterList: Sendable, Hashable {
    /// One `name=value`, decoded.
    package struct Entry: Sendable, Hashable {
        /// Lower case.
        package let name: String
        package let value: String
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package init(_ entries: KeyValuePairs<String, String>) {
        self.entries = entries.map { Entry(name: $0.key.lowercased(), value: $0.value) }
    }

    /// Parameters as they came, from a field or from a BODYSTRUCTURE: joins continuations and decodes.
    package init(decoding raw: [(name: String, value: [UInt8])], fallbackCharset: String? = nil) {
        entries = ParameterDecoding.decode(raw, fallbackCharset: fallbackCharset)
    }

    /// The first value of that name.
    package subscript(name: String) -> String? {
        let name = name.lowercased()
        return entries.first { $0.name == name }?.value
    }
}
