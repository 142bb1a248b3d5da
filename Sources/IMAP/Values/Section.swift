/// What of a message BODY[…] names: `section-spec` of RFC 9051.
package struct Section: Sendable, Hashable {
    /// Part numbers; empty for the whole message.
    package var part: [Int]
    package var kind: Kind

    /// `section-text` of RFC 9051.
    package enum Kind: Sendable, Hashable {
        /// The content of the part, or all of the message.
        case content
        case header
        case text
        /// The MIME header of a part.
        case mime
        case headerFields([String])
        case headerFieldsExcept([String])
    }

    package init(part: [Int] = [], _ kind: Kind = .content) {
        self.part = part
        self.kind = kind
    }

    /// All of the message.
    package static let message = Section()
    package static let header = Section(.header)
    package static let text = Section(.text)

    package static func == (left: Section, right: Section) -> Bool {
        guard left.part == right.part else { return false }
        switch (left.kind, right.kind) {
        case (.headerFields(let mine), .headerFields(let theirs)),
            (.headerFieldsExcept(let mine), .headerFieldsExcept(let theirs)):
            // Servers change the case and Courier the quoting of the names.
            return mine.map { $0.lowercased() } == theirs.map { $0.lowercased() }
        case (.content, .content), (.header, .header), (.text, .text), (.mime, .mime): return true
        default: return false
        }
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(part) }
}
