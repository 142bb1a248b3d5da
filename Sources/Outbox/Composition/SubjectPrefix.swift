/// `Re:` and `Fwd:` before a subject, once, whatever language wrote them before.
package enum SubjectPrefix {
    package static func applied(to subject: String, isForward: Bool) -> String {
        let wanted = isForward ? "Fwd" : "Re"
        let words = isForward ? forwards : replies
        var rest = subject[...]
        // `AW: Re: Re[2]: x` is an answer to x; `Re: Fwd: x` answers what was passed on, and that stays to be seen.
        while let next = withoutPrefix(trimmed(rest), words) { rest = next }
        rest = trimmed(rest)
        return rest.isEmpty ? "\(wanted):" : "\(wanted): \(rest)"
    }

    /// As the clients of many languages write them; single letters are left out, because other subjects begin so.
    private static let replies: Set<String> = [
        "re", "aw", "sv", "vs", "antw", "odp", "rif", "ynt", "vá", "bls", "απ", "σχετ", "رد", "השב", "回复", "回覆", "答复",
        "答覆", "返信", "отв", "ответ",
    ]

    private static let forwards: Set<String> = [
        "fwd", "fw", "wg", "tr", "rv", "enc", "vl", "vb", "doorst", "i̇lt", "pd", "továbbítás", "πρθ", "转发", "轉寄", "轉發",
        "転送", "إعادة توجيه", "הועבר", "пересл",
    ]

    private static func trimmed(_ text: Substring) -> Substring { text.drop { $0 == " " || $0 == "\t" } }

    /// What follows `word:`, `word[2]:`, `word^2:` or `word：`; nil where the text begins otherwise.
    private static func withoutPrefix(_ text: Substring, _ words: Set<String>) -> Substring? {
        guard let colon = text.prefix(24).firstIndex(where: { $0 == ":" || $0 == "：" }) else { return nil }
        var word = text[..<colon]
        while word.last == " " { word.removeLast() }
        if word.last == "]", let open = word.lastIndex(of: "[") {
            guard word[word.index(after: open)...].dropLast().allSatisfy(\.isNumber) else { return nil }
            word = word[..<open]
        } else if let hat = word.lastIndex(of: "^"), word[word.index(after: hat)...].allSatisfy(\.isNumber) {
            word = word[..<hat]
        }
        guard words.contains(word.lowercased()) else { return nil }
        return text[text.index(after: colon)...]
    }
}
