import Wire

/// Address lists of RFC 5322 with groups, old syntax, and what spoils them in practice.
///
/// Nothing is refused: what is no address becomes the name or the address that it most looks like.
struct AddressParser {
    private(set) var groups: [AddressGroup] = []
    private(set) var isMalformed = false
    private var comment: [UInt8]?
    private var count = 0
    private let limit: Int
    private let fallbackCharset: String?
    /// Words of the mailbox that is being read, and whether white space stood before each.
    private var words: [Word] = []
    private var angle: [UInt8]?
    private var hasOpenGroup = false
    private var hasOpenQuote = false
    private var hasOpenAngle = false

    private struct Word {
        var text: [UInt8]
        var isQuoted: Bool
        var isApart: Bool
    }

    private static let atomStop = ByteSet(0x00...0x20, and: "(),:;<>\"")
    private static let angleStop = ByteSet(and: "<>\"(,;")
    private static let unclosedStop = ByteSet(and: ",;<>")

    init(_ bytes: Span<UInt8>, fallbackCharset: String?, limit: Int = MIMELimits.standard.addresses) {
        self.limit = limit
        self.fallbackCharset = fallbackCharset
        var cursor = ByteCursor(bytes)
        run(&cursor)
    }

    private mutating func run(_ cursor: inout ByteCursor) {
        while count < limit {
            let isApart = cursor.skipCFWS(keeping: &comment)
            guard let byte = cursor.peek else { break }
            switch byte {
            case 0x2C:
                _ = cursor.takeByte()
                endMailbox()
            case 0x3B:
                _ = cursor.takeByte()
                endMailbox()
                hasOpenGroup = false
            case 0x3A:
                _ = cursor.takeByte()
                beginGroup()
            case 0x3C: takeAngle(&cursor)
            case 0x3E, 0x29:
                _ = cursor.takeByte()
                isMalformed = true
            case 0x22: takeQuoted(&cursor, isApart: isApart)
            default: takeAtom(&cursor, isApart: isApart)
            }
        }
        endMailbox()
    }

    /// A quote that nothing closes is dropped, and every later one: what follows it is read as if it were not there.
    private mutating func takeQuoted(_ cursor: inout ByteCursor, isApart: Bool) {
        let start = cursor.position
        if !hasOpenQuote, let (text, isClosed) = cursor.takeQuotedString(), isClosed {
            words.append(Word(text: text, isQuoted: true, isApart: isApart))
        } else {
            isMalformed = true
            hasOpenQuote = true
            cursor.position = start + 1
        }
    }

    /// An atom with dots and `@` in it; an encoded word is one atom, whatever stands in it.
    private mutating func takeAtom(_ cursor: inout ByteCursor, isApart: Bool) {
        let bytes = cursor.bytes
        if let word = EncodedWord(in: bytes, at: cursor.position) {
            let range = cursor.position..<word.end
            words.append(Word(text: cursor.array(range), isQuoted: false, isApart: isApart))
            cursor.position = word.end
            return
        }
        let start = cursor.position
        if cursor.peek == 0x5B { skipDomainLiteral(&cursor) }
        _ = cursor.takeRange(until: AddressParser.atomStop)
        let range = start..<cursor.position
        let text = cursor.array(range)
        if text.last == 0x40, cursor.peek == 0x5B { skipDomainLiteral(&cursor) }
        words.append(
            Word(text: cursor.array(start..<cursor.position), isQuoted: false, isApart: isApart))
    }

    private static let literalStop = ByteSet(and: "],;<>")

    /// `[IPv6:…]`, whose colons are no group.
    private func skipDomainLiteral(_ cursor: inout ByteCursor) {
        _ = cursor.takeRange(until: AddressParser.literalStop)
        _ = cursor.take(0x5D)
    }

    /// `<…>` with its route, quotes and comments; without its end it goes to the next comma.
    private mutating func takeAngle(_ cursor: inout ByteCursor) {
        while cursor.take(0x3C) {}
        if angle != nil {
            isMalformed = true
            endMailbox()
        }
        let start = cursor.position
        let (text, isClosed) = angleText(&cursor)
        angle = AddressParser.withoutRoute(text)
        if isClosed { return }
        isMalformed = true
        guard cursor.isAtEnd, !hasOpenAngle else { return }
        hasOpenAngle = true
        cursor.position = start
        angle = AddressParser.withoutRoute(cursor.array(cursor.takeRange(until: AddressParser.unclosedStop)))
    }

    /// Quotes and comments may hide the end; once they ran to the end of the field, they are text from then on.
    private func angleText(_ cursor: inout ByteCursor) -> (text: [UInt8], isClosed: Bool) {
        var text: [UInt8] = []
        while true {
            let stop = hasOpenAngle ? AddressParser.unclosedStop : AddressParser.angleStop
            text.append(contentsOf: cursor.array(cursor.takeRange(until: stop)))
            switch cursor.peek {
            case 0x3E:
                _ = cursor.takeByte()
                return (text, true)
            case 0x22: text.append(contentsOf: AddressParser.quoted(cursor.takeQuotedString()?.text ?? []))
            case 0x28: _ = cursor.skipCFWS()
            case 0x2C where text.first == 0x40: _ = cursor.takeByte()
            default: return (text, false)
            }
        }
    }

    /// Drops `@a,@b:` and white space.
    private static func withoutRoute(_ text: [UInt8]) -> [UInt8] {
        var text = text.filter { $0 > 0x20 && $0 != 0x7F }
        if text.first == 0x40, let colon = text.firstIndex(of: 0x3A), text[colon...].contains(0x40) {
            text.removeFirst(colon + 1)
        }
        let prefix = Array("mailto:".utf8)
        if text.count > prefix.count, text.prefix(prefix.count).map(lowered) == prefix {
            text.removeFirst(prefix.count)
        }
        return text
    }

    private mutating func beginGroup() {
        guard !words.isEmpty, angle == nil, !hasOpenGroup else {
            isMalformed = isMalformed || hasOpenGroup
            return
        }
        groups.append(AddressGroup(name: phrase(words), addresses: []))
        words = []
        hasOpenGroup = true
    }

    private mutating func endMailbox() {
        defer {
            words = []
            angle = nil
            self.comment = nil
        }
        let comment = comment
        let address: EmailAddress
        if let angle {
            address = EmailAddress(name: phrase(words) ?? comment.flatMap(decoded), email: text(angle))
        } else if !words.isEmpty {
            address = bareAddress(comment)
        } else {
            return
        }
        if !address.email.utf8.contains(0x40) { isMalformed = true }
        guard address.name != nil || !address.email.isEmpty else { return }
        count += 1
        if groups.isEmpty || (groups[groups.count - 1].name != nil) != hasOpenGroup {
            groups.append(AddressGroup(name: nil, addresses: []))
        }
        groups[groups.count - 1].addresses.append(address)
    }

    /// No angle brackets: `a@b`, `a . b @ c`, `Name a@b`, `a`, or only a name.
    private func bareAddress(_ comment: [UInt8]?) -> EmailAddress {
        let name = comment.flatMap(decoded)
        guard let at = words.lastIndex(where: { !$0.isQuoted && $0.text.contains(0x40) }) else {
            let only = words[0].text
            if words.count == 1, !words[0].isQuoted, EncodedWord(in: only.span, at: 0) == nil {
                return EmailAddress(name: name, email: text(only))
            }
            return EmailAddress(name: phrase(words) ?? name, email: "")
        }
        var first = at
        while first > 0, joins(first - 1, first) { first -= 1 }
        var last = at
        while last + 1 < words.count, joins(last, last + 1) { last += 1 }
        var email: [UInt8] = []
        for word in words[first...last] {
            email.append(contentsOf: word.isQuoted ? AddressParser.quoted(word.text) : word.text)
        }
        let rest = Array(words[..<first] + words[(last + 1)...])
        return EmailAddress(name: phrase(rest) ?? name, email: text(email))
    }

    /// Whether two words are one address: side by side, or with a dot or `@` at the seam.
    private func joins(_ left: Int, _ right: Int) -> Bool {
        let end = words[left].isQuoted ? nil : words[left].text.last
        let begin = words[right].isQuoted ? nil : words[right].text.first
        return !words[right].isApart || end == 0x2E || end == 0x40 || begin == 0x2E || begin == 0x40
    }

    /// A quoted string again, where the local part needs the quotes (RFC 5322, section 3.4.1).
    private static func quoted(_ text: [UInt8]) -> [UInt8] {
        let isDotAtom =
            !text.isEmpty && text.first != 0x2E && text.last != 0x2E
            && text.allSatisfy { $0 == 0x2E || AddressSyntax.atomText.contains($0) }
        if isDotAtom { return text }
        var result: [UInt8] = [0x22]
        for byte in text {
            if byte == 0x22 || byte == 0x5C { result.append(0x5C) }
            result.append(byte)
        }
        return result + [0x22]
    }

    private func phrase(_ words: [Word]) -> String? {
        var joined: [UInt8] = []
        for (index, word) in words.enumerated() {
            if index > 0, word.isApart { joined.append(0x20) }
            joined.append(contentsOf: word.text)
        }
        return decoded(joined)
    }

    private func decoded(_ bytes: [UInt8]) -> String? {
        let name = HeaderText.decode(bytes.span, fallbackCharset: fallbackCharset)
        return name.isEmpty ? nil : name
    }

    /// Addresses are never decoded: an encoded word in one is an attempt to fake it.
    private func text(_ bytes: [UInt8]) -> String {
        let text = DecodedText(bytes.span, charset: "unknown-8bit").text
        return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    }
}

/// Octet classes of RFC 5322, section 3.2.3, and RFC 6532, section 3.2.
enum AddressSyntax {
    /// `atext`, with UTF-8.
    static let atomText = ByteSet(
        0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF, and: "!#$%&'*+-/=?^_`{|}~")
}
