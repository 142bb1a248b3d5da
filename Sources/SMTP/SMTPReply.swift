/// One reply of a server, all its lines together (RFC 5321 section 4.2).
package struct SMTPReply: Sendable, Hashable, CustomStringConvertible {
    /// What the first digit says.
    package enum Category: Sendable {
        case success
        case intermediate
        case transientFailure
        case permanentFailure
    }

    /// Three digits, 200 to 599.
    package let code: Int
    package let enhancedCode: EnhancedStatusCode?
    /// The text of each line, without the code; controls are blanks, what is not UTF-8 is U+FFFD.
    package let lines: [String]

    package init(code: Int, enhancedCode: EnhancedStatusCode? = nil, lines: [String] = []) {
        self.code = code
        self.enhancedCode = enhancedCode
        self.lines = lines
    }

    package var category: Category {
        switch code / 100 {
        case 2: .success
        case 3: .intermediate
        case 4: .transientFailure
        default: .permanentFailure
        }
    }

    package var isSuccess: Bool { category == .success }
    package var isRefusal: Bool { category == .transientFailure || category == .permanentFailure }

    /// What a person may want to read, on one line.
    package var text: String { lines.filter { !$0.isEmpty }.joined(separator: " ") }

    /// As the server wrote it, on one line.
    package var description: String {
        ([String(code)] + (enhancedCode.map { [$0.description] } ?? []) + (text.isEmpty ? [] : [text]))
            .joined(separator: " ")
    }
}
