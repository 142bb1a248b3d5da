/// A text with placeholders, read.
///
/// `{{name}}` stands for a value, which html escapes; `{{{name}}}` stands for html as it is, in html alone; `\{{` is two braces.
/// There are no conditions and no loops: what a template cannot say, its caller says in a value.
package struct TemplateText: Sendable, Equatable {
    /// What the text is for.
    package enum Kind: Sendable {
        /// One line.
        case subject
        case text
        case html
    }

    enum Segment: Equatable {
        case literal(String)
        case value(name: String, isRaw: Bool)
    }

    let segments: [Segment]
    private let kind: Kind

    package init(_ source: String, as kind: Kind) throws(TemplateFault) {
        var reader = Reader(source, kind)
        segments = try reader.read()
        self.kind = kind
    }

    /// The text with its values; `names` of those that are missing or cannot stand here are told by `fault`.
    func filled(_ values: [String: String], fault: (_ name: String, _ detail: String) -> Void) -> String {
        var result = ""
        for segment in segments {
            switch segment {
            case .literal(let text): result += text
            case .value(let name, let isRaw):
                guard let value = values[name] else {
                    fault(name, "is missing, and the template needs it")
                    continue
                }
                if kind == .subject, value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
                    fault(name, "must be one line: it stands in the subject")
                    continue
                }
                result += kind == .html && !isRaw ? OriginalQuote.escaped(value) : value
            }
        }
        return result
    }

    /// The names that it needs.
    package var names: Set<String> {
        Set(
            segments.compactMap { segment in
                if case .value(let name, _) = segment { name } else { nil }
            })
    }
}

/// What is wrong with a template's text.
package struct TemplateFault: Error, Sendable, Equatable {
    /// Characters before the place.
    package var offset: Int
    package var detail: String
}

extension TemplateText {
    /// Letters, digits, `_`, `-`, and dots that lead into objects.
    package static func isName(_ text: some StringProtocol) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy {
                        $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x5F || $0 == 0x2D
                    }
            }
    }

    private struct Reader {
        private let source: String
        private let kind: Kind
        private var rest: Substring
        private var segments: [Segment] = []
        private var literal = ""

        init(_ source: String, _ kind: Kind) {
            self.source = source
            self.kind = kind
            rest = source[...]
        }

        mutating func read() throws(TemplateFault) -> [Segment] {
            while let open = rest.firstIndex(where: { $0 == "{" || $0 == "\\" }) {
                literal += rest[..<open]
                rest = rest[open...]
                if rest.hasPrefix("\\{{") {
                    literal += "{{"
                    rest = rest.dropFirst(3)
                } else if rest.hasPrefix("{{{") {
                    try readValue(isRaw: true)
                } else if rest.hasPrefix("{{") {
                    try readValue(isRaw: false)
                } else {
                    literal.append(rest.removeFirst())
                }
            }
            literal += rest
            flush()
            return segments
        }

        private mutating func readValue(isRaw: Bool) throws(TemplateFault) {
            if isRaw, kind != .html { throw fault("has {{{…}}}, which is for html only") }
            let end = isRaw ? "}}}" : "}}"
            var name = ""
            var cursor = rest.dropFirst(isRaw ? 3 : 2)
            while !cursor.hasPrefix(end) {
                guard let next = cursor.first, next != "{", next != "}", name.utf8.count <= 200 else {
                    throw fault("has {{ without a name and }} behind it")
                }
                name.append(next)
                cursor = cursor.dropFirst()
            }
            let trimmed = name.split(separator: " ")
            guard trimmed.count == 1, TemplateText.isName(trimmed[0]) else {
                throw fault("has a placeholder that is no name: letters, digits, _ and -, joined by dots")
            }
            flush()
            segments.append(.value(name: String(trimmed[0]), isRaw: isRaw))
            rest = cursor.dropFirst(end.count)
        }

        private mutating func flush() {
            guard !literal.isEmpty else { return }
            segments.append(.literal(literal))
            literal = ""
        }

        private func fault(_ detail: String) -> TemplateFault {
            TemplateFault(offset: source.distance(from: source.startIndex, to: rest.startIndex), detail: detail)
        }
    }
}
