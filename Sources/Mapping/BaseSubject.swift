/// A subject without what replies, forwards and lists put around it: by this RFC 5256 sorts and RFC 8621 joins threads.
package enum BaseSubject {
    /// RFC 5256, 2.1, but for its rarer forms: without what replies and lists put around it.
    package static func of(_ subject: String) -> String {
        var text = Substring(subject.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        while true {
            let before = text
            while text.lowercased().hasSuffix("(fwd)") { text = trimmed(text.dropLast(5)) }
            for word in ["re", "fwd", "fw"] where text.lowercased().hasPrefix(word) {
                var rest = trimmed(text.dropFirst(word.count))
                if rest.first == "[", let end = rest.firstIndex(of: "]") { rest = trimmed(rest[end...].dropFirst()) }
                if rest.first == ":" { text = trimmed(rest.dropFirst()) }
            }
            if text.first == "[", let end = text.firstIndex(of: "]") {
                let rest = trimmed(text[end...].dropFirst())
                if !rest.isEmpty { text = rest }
            }
            if text == before { return String(text) }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
