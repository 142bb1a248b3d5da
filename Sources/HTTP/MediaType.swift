/// A media type with its parameters (RFC 9110 section 8.3.1).
package struct MediaType: Sendable, Hashable, CustomStringConvertible {
    /// In lower case, like `subtype`.
    package let type: String
    package let subtype: String
    private let parameters: [FieldParameter]

    /// Nil where `text` is no media type.
    package init?(_ text: String) {
        var scanner = FieldScanner(text)
        scanner.skipBlanks()
        guard let type = scanner.takeToken(), scanner.take(0x2F), let subtype = scanner.takeToken(),
            let parameters = scanner.takeParameters()
        else { return nil }
        scanner.skipBlanks()
        guard scanner.isAtEnd else { return nil }
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// Type and subtype: `application/json`.
    package var essence: String { type + "/" + subtype }

    package var charset: String? { self["charset"]?.lowercased() }

    /// Whether the content is JSON: `application/json` or a type with the suffix `+json` (RFC 6839).
    package var isJSON: Bool { essence == "application/json" || subtype.hasSuffix("+json") }

    package subscript(parameter: String) -> String? { parameters.first { $0.name == parameter }?.value }

    package var description: String { essence }
}
