import Wire

/// Encoded words of RFC 2047 inside any text, as tolerantly as mail needs it.
///
/// Words are also found inside quotes and without white space around them; neighbours of one charset are joined before
/// they are decoded, because many writers cut characters in two (Outlook, Lotus Notes).
package struct EncodedWord {
    let charset: String
    let isBase64: Bool
    let content: Range<Int>
    let end: Int

    /// How far a Q word with a bare `?` inside is followed.
    private static let longestQ = 2_000

    /// Whether one may begin somewhere in it.
    package static func isMentioned(in text: String) -> Bool {
        // Most texts have no question mark, and looking for an octet costs nothing.
        text.utf8.contains(0x3F) && text.contains("=?")
    }

    /// The word that begins at `start`, where `=?` stands.
    init?(in bytes: Span<UInt8>, at start: Int) {
        guard start + 6 <= bytes.count, bytes[start] == 0x3D, bytes[start + 1] == 0x3F else { return nil }
        var index = start + 2
        while index < bytes.count, EncodedWord.charsetCharacters.contains(bytes[index]) { index += 1 }
        let charsetRange = start + 2..<index
        guard !charsetRange.isEmpty, charsetRange.count <= 64, index + 2 < bytes.count, bytes[index] == 0x3F,
            bytes[index + 2] == 0x3F
        else { return nil }
        switch lowered(bytes[index + 1]) {
        case 0x62: isBase64 = true
        case 0x71: isBase64 = false
        default: return nil
        }
        let contentStart = index + 3
        index = contentStart
        while true {
            while index < bytes.count, bytes[index] != 0x3F, bytes[index] != 0x0A { index += 1 }
            guard index + 1 < bytes.count, bytes[index] == 0x3F else { return nil }
            if bytes[index + 1] == 0x3D { break }
            let isNextWord = index > contentStart && bytes[index - 1] == 0x3D
            guard !isBase64, !isNextWord, index - contentStart < EncodedWord.longestQ else { return nil }
            index += 1
        }
        charset = ByteCursor(bytes).text(charsetRange)
        content = contentStart..<index
        end = index + 2
    }

    /// Octets, still in the word's charset.
    func octets(of bytes: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        if isBase64 {
            var decoder = Base64Decoder()
            decoder.decode(bytes.extracting(content), into: &output)
            decoder.finish(into: &output)
            return output
        }
        var index = content.lowerBound
        while index < content.upperBound {
            let byte = bytes[index]
            if byte == 0x3D, index + 2 < content.upperBound, let high = hexValue(bytes[index + 1]),
                let low = hexValue(bytes[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
                continue
            }
            output.append(byte == 0x5F ? 0x20 : byte)
            index += 1
        }
        return output
    }

    private static let charsetCharacters = ByteSet(
        0x30...0x39, 0x41...0x5A, 0x61...0x7A, and: "-_.:+*'!#$%&^`{|}~()/")
}

/// The value of a hexadecimal digit.
func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}

/// Decodes the text of a header field.
struct HeaderText {
    private var output = ""
    private var words: [UInt8] = []
    private var wordCharset: String?
    private let rawCharset: String?

    private init(rawCharset: String?) { self.rawCharset = rawCharset }

    /// Unfolds and decodes; control characters become spaces, the ends are trimmed.
    static func decode(_ bytes: Span<UInt8>, fallbackCharset: String?) -> String {
        let isUTF8 = (try? UTF8Span(validating: bytes)) != nil
        var text = HeaderText(rawCharset: isUTF8 ? "utf-8" : fallbackCharset ?? "windows-1252")
        text.run(bytes)
        return cleaned(text.output)
    }

    private mutating func run(_ bytes: Span<UInt8>) {
        var index = 0
        var rawStart = 0
        while index < bytes.count {
            guard bytes[index] == 0x3D, let word = EncodedWord(in: bytes, at: index) else {
                index += 1
                continue
            }
            let gap = rawStart..<index
            let joins = wordCharset != nil && gap.allSatisfyBlank(bytes)
            if !joins {
                flushWords()
                appendRaw(bytes.extracting(gap))
            } else if wordCharset?.lowercased() != word.charset.lowercased() {
                flushWords()
            }
            wordCharset = word.charset
            words.append(contentsOf: word.octets(of: bytes))
            index = word.end
            rawStart = index
        }
        flushWords()
        appendRaw(bytes.extracting(rawStart..<bytes.count))
    }

    private mutating func flushWords() {
        guard let charset = wordCharset else { return }
        output += DecodedText(words.span, charset: charset).text
        words = []
        wordCharset = nil
    }

    private mutating func appendRaw(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        output += DecodedText(bytes, charset: rawCharset).text
    }

    /// Line ends of folds vanish, other controls become spaces: none can reach a terminal or another header.
    private static func cleaned(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where scalar != "\r" && scalar != "\n" {
            let isControl = scalar.value < 0x20 || scalar.value == 0x7F
            if result.isEmpty, isControl || scalar == " " { continue }
            result.append(isControl ? " " : scalar)
        }
        while result.last == " " { result.removeLast() }
        return String(result)
    }
}

extension Range<Int> {
    fileprivate func allSatisfyBlank(_ bytes: Span<UInt8>) -> Bool {
        for index in self where bytes[index] > 0x20 { return false }
        return true
    }
}
