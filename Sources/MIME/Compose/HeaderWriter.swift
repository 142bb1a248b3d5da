import Wire

/// Writes header fields, folded between tokens, with nothing in them that could end a line.
///
/// Callers check values for controls first (`ComposeError`); what reaches the bytes here is checked again by construction:
/// text is ASCII without controls, or encoded.
struct HeaderWriter {
    private(set) var bytes: [UInt8] = []
    private var lineStart = 0

    /// `name:`, then the tokens, each on a new line where the line would be too long.
    mutating func field(_ name: String, _ tokens: [[UInt8]]) {
        lineStart = bytes.count
        bytes.append(contentsOf: name.utf8)
        bytes.append(0x3A)
        for (index, token) in tokens.enumerated() {
            let mayFold = index > 0 || token.starts(with: "=?".utf8)
            if mayFold, bytes.count - lineStart + 1 + token.count > Bounds.foldedLine { fold() }
            bytes.append(0x20)
            bytes.append(contentsOf: token)
        }
        bytes.append(contentsOf: [0x0D, 0x0A])
    }

    private mutating func fold() {
        bytes.append(contentsOf: [0x0D, 0x0A])
        lineStart = bytes.count
    }

    /// Unstructured text: words as they are, and those that are not ASCII encoded together with what is between them.
    mutating func text(_ name: String, _ value: String) {
        field(name, HeaderWriter.textTokens(value))
    }

    private static func textTokens(_ value: String) -> [[UInt8]] {
        let words = value.replacing("\t", with: " ").split(separator: " ", omittingEmptySubsequences: false).map(
            String.init)
        let isEncoded = words.indices.map { index in
            let hasExtraSpace = words[max(index - 1, 0)...min(index + 1, words.count - 1)].contains("")
            return hasExtraSpace || !isPlainWord(words[index])
        }
        guard let first = isEncoded.firstIndex(of: true), let last = isEncoded.lastIndex(of: true) else {
            return words.map { Array($0.utf8) }
        }
        let middle = words[first...last].joined(separator: " ")
        return words[..<first].map { Array($0.utf8) } + EncodedWordWriter.words(middle)
            + words[(last + 1)...].map { Array($0.utf8) }
    }

    /// An empty word is one of several spaces, which a fold would lose: it is encoded together with its neighbours.
    private static func isPlainWord(_ word: String) -> Bool {
        !word.isEmpty && word.utf8.count < 500 && !EncodedWord.isMentioned(in: word)
            && word.utf8.allSatisfy { ByteSet.visible.contains($0) }
    }

    mutating func addresses(_ name: String, _ addresses: [EmailAddress]) {
        guard !addresses.isEmpty else { return }
        var tokens: [[UInt8]] = []
        for (index, address) in addresses.enumerated() {
            let isLast = index == addresses.count - 1
            let phrase = address.name.flatMap { $0.isEmpty ? nil : HeaderWriter.phraseTokens($0) }
            let email = Array(address.wireForm.utf8)
            tokens.append(contentsOf: phrase ?? [])
            tokens.append((phrase == nil ? email : [0x3C] + email + [0x3E]) + (isLast ? [] : [0x2C]))
        }
        field(name, tokens)
    }

    /// A display name: atoms, a quoted string, or encoded words.
    private static func phraseTokens(_ name: String) -> [[UInt8]] {
        let octets = Array(name.utf8)
        let isShort = octets.count <= 70
        let isASCII = octets.allSatisfy { (0x20..<0x7F).contains($0) }
        guard isShort, isASCII, !EncodedWord.isMentioned(in: name) else { return EncodedWordWriter.words(name) }
        let isAtoms = octets.split(separator: 0x20, omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.allSatisfy { AddressSyntax.atomText.contains($0) }
        }
        return [isAtoms ? octets : quoted(octets)]
    }

    static func quoted(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x22]
        for byte in octets {
            if byte == 0x22 || byte == 0x5C { result.append(0x5C) }
            result.append(byte)
        }
        return result + [0x22]
    }

    mutating func messageIDs(_ name: String, _ ids: [String]) {
        guard !ids.isEmpty else { return }
        field(name, ids.map { [0x3C] + Array($0.utf8) + [0x3E] })
    }

    /// A value with parameters: `text/plain; charset=utf-8`.
    mutating func parameterized(_ name: String, _ value: String, _ parameters: [[UInt8]]) {
        var tokens = [Array(value.utf8)] + parameters
        for index in tokens.indices.dropLast() { tokens[index].append(0x3B) }
        field(name, tokens)
    }

    /// `name=value`, quoted where it must be.
    static func parameter(_ name: String, _ value: String) -> [UInt8] {
        let isToken = ContentType.isToken(value)
        return Array(name.utf8) + [0x3D] + (isToken ? Array(value.utf8) : quoted(Array(value.utf8)))
    }

    /// A parameter of any characters and length: RFC 2231 where plain ASCII does not do.
    static func extendedParameter(_ name: String, _ value: String) -> [[UInt8]] {
        let octets = Array(value.utf8)
        if octets.count <= 60, octets.allSatisfy({ (0x20..<0x7F).contains($0) }), !EncodedWord.isMentioned(in: value) {
            return [parameter(name, value)]
        }
        let escaped = octets.map { byte -> [UInt8] in
            let isPlain =
                byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2D || byte == 0x2E || byte == 0x5F
            return isPlain ? [byte] : [0x25, upperHexDigit(byte >> 4), upperHexDigit(byte & 15)]
        }
        let prefix = Array("utf-8''".utf8)
        let total = escaped.reduce(prefix.count) { $0 + $1.count }
        if total + name.utf8.count <= 70 { return [Array("\(name)*=".utf8) + prefix + escaped.joined()] }
        var sections: [[UInt8]] = []
        var current = prefix
        for piece in escaped {
            if current.count + piece.count > 50 {
                sections.append(current)
                current = []
            }
            current.append(contentsOf: piece)
        }
        sections.append(current)
        return sections.enumerated().map { Array("\(name)*\($0.offset)*=".utf8) + $0.element }
    }
}
