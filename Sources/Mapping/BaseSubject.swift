import Wire

/// A subject without what replies, forwards and lists put around it: by this RFC 5256 sorts and RFC 8621 joins threads.
package enum BaseSubject {
    /// RFC 5256, 2.1, but for its rarer forms: without what replies and lists put around it.
    package static func of(_ subject: String) -> String {
        // All that is looked for is ASCII, so octets do.
        let words = subject.unicodeScalars.split { isBlank($0) }
        let joined = Array(words.map { Substring($0) }.joined(separator: " ").utf8)
        var text = joined[...]
        while true {
            let before = text.indices
            while text.count >= forward.count, equal(forward, text.suffix(forward.count)) {
                text = trimmed(text.dropLast(forward.count))
            }
            for word in replies where text.count >= word.count && equal(word, text.prefix(word.count)) {
                var rest = trimmed(text.dropFirst(word.count))
                if rest.first == bracket { rest = withoutTag(rest) ?? rest }
                if rest.first == UInt8(ascii: ":") { text = trimmed(rest.dropFirst()) }
            }
            if text.first == bracket, let rest = withoutTag(text), !rest.isEmpty { text = rest }
            if text.indices == before { return String(decoding: text, as: UTF8.self) }
        }
    }

    private static let replies = ["re", "fwd", "fw"].map { Array($0.utf8) }
    private static let forward = Array("(fwd)".utf8)
    private static let bracket = UInt8(ascii: "[")

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII ? scalar == " " || (0x09...0x0D).contains(scalar.value) : scalar.properties.isWhitespace
    }

    /// Behind the `[…]` that it begins with; nil where that has no end.
    private static func withoutTag(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        text.firstIndex(of: UInt8(ascii: "]")).map { trimmed(text[$0...].dropFirst()) }
    }

    private static func equal(_ word: [UInt8], _ text: ArraySlice<UInt8>) -> Bool {
        text.elementsEqual(word) { lowered($0) == $1 }
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text.drop { $0 == 0x20 }
        while text.last == 0x20 { text.removeLast() }
        return text
    }
}
