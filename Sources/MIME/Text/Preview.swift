/// The first words of a message, as RFC 8970 wants them: at most 256 characters, white space folded.
package enum Preview {
    /// Enough to find 256 characters in, however long the message is.
    private static let textLimit = 32 << 10
    private static let htmlLimit = 256 << 10

    /// Quoted lines, rules and the signature are left out, unless there is nothing else.
    package static func of(text: String, maximum: Int = 256) -> String {
        let head = String(decoding: text.utf8.prefix(textLimit), as: UTF8.self)
        var own: [Substring] = []
        for line in head.split(separator: "\n") {
            if line == "-- " || line == "--" { break }
            let isQuoted = line.hasPrefix(">")
            let isRule = line.utf8.allSatisfy { $0 == 0x2D || $0 == 0x5F || $0 == 0x3D || $0 == 0x2A || $0 <= 0x20 }
            if !isQuoted, !isRule { own.append(line) }
        }
        let preview = folded(own.joined(separator: " "), maximum)
        return preview.isEmpty ? folded(head, maximum) : preview
    }

    package static func of(html: String, maximum: Int = 256) -> String {
        var writer = HTMLText(Array(html.utf8.prefix(htmlLimit)), keepsLinks: false)
        return of(text: writer.run(), maximum: maximum)
    }

    /// White space becomes one space; what newsletters hide after their first sentence (soft hyphens, joiners) vanishes.
    private static func folded(_ text: String, _ maximum: Int) -> String {
        var result = String.UnicodeScalarView()
        var wasSpace = true
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0xAD, 0x34F, 0x180E, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x61C: continue
            case 0x200C, 0x200D:
                if !wasSpace { result.append(scalar) }
            case 0...0x20, 0x7F...0xA0, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
                if !wasSpace { result.append(" ") }
                wasSpace = true
            default:
                result.append(scalar)
                wasSpace = false
            }
        }
        var preview = String(String(result).prefix(maximum))
        while preview.last == " " { preview.removeLast() }
        return preview
    }
}
