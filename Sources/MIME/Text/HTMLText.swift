import Wire

/// HTML as plain text, in time linear in its input.
///
/// Tags are dropped, blocks stand on their own lines, links are kept.
package func htmlToText(_ html: String) -> String {
    var writer = HTMLText(Array(html.utf8), keepsLinks: true)
    return writer.run()
}

/// A tag stripper, no parser: it forgets nothing that a reader would see and never goes back in its input.
struct HTMLText {
    private let bytes: [UInt8]
    private let keepsLinks: Bool
    private var position = 0
    private var output: [UInt8] = []
    /// Line ends owed before the next text.
    private var pendingLines = 0
    private var hasPendingSpace = false
    private var preformatted = 0
    private var quoteDepth = 0
    private var writtenDepth = 0
    private var isInHead = false
    private var link: (address: [UInt8], start: Int)?
    private var hasCommentEnd = true

    private static let quoteLimit = 10

    init(_ bytes: [UInt8], keepsLinks: Bool) {
        self.bytes = bytes
        self.keepsLinks = keepsLinks
        output.reserveCapacity(bytes.count / 2)
    }

    mutating func run() -> String {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x3C {
                takeMarkup()
            } else if byte == 0x26, let (text, count) = HTMLEntities.decode(bytes[position...]) {
                position += count
                if text == "\u{A0}" || text == "\n" || text == "\t" { writeSpace() } else { write(Array(text.utf8)) }
            } else {
                position += 1
                takeText(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private mutating func takeText(_ byte: UInt8) {
        if preformatted > 0, byte == 0x0A {
            pendingLines += 1
        } else if byte > 0x20 || preformatted > 0 && byte == 0x20 {
            write(CollectionOfOne(byte))
        } else {
            writeSpace()
        }
    }

    private mutating func writeSpace() { hasPendingSpace = true }

    private mutating func write(_ text: some Collection<UInt8>) {
        guard !isInHead else { return }
        if output.isEmpty {
            writeQuotePrefix(quoteDepth)
        } else if pendingLines > 0 {
            while output.last == 0x20 { output.removeLast() }
            output.append(0x0A)
            if pendingLines > 1 {
                let depth = min(writtenDepth, quoteDepth)
                output.append(contentsOf: repeatElement(0x3E, count: depth))
                output.append(0x0A)
            }
            writeQuotePrefix(quoteDepth)
        } else if hasPendingSpace, output.last != 0x20 {
            output.append(0x20)
        }
        pendingLines = 0
        hasPendingSpace = false
        output.append(contentsOf: text)
    }

    private mutating func writeQuotePrefix(_ depth: Int) {
        writtenDepth = depth
        guard depth > 0 else { return }
        output.append(contentsOf: repeatElement(0x3E, count: depth))
        output.append(0x20)
    }

    /// `<`: a tag, a comment, a declaration, or just that character.
    private mutating func takeMarkup() {
        let next = position + 1 < bytes.count ? bytes[position + 1] : 0
        if next == 0x21 || next == 0x3F {
            skipDeclaration()
        } else if next == 0x2F || (next | 0x20) &- 0x61 < 26 {
            takeTag(isEnd: next == 0x2F)
        } else {
            position += 1
            write([0x3C])
        }
    }

    private mutating func skipDeclaration() {
        if bytes[position...].starts(with: "<!--".utf8), hasCommentEnd {
            var index = position + 4
            while index + 2 < bytes.count {
                if bytes[index] == 0x2D, bytes[index + 1] == 0x2D, bytes[index + 2] == 0x3E {
                    position = index + 3
                    return
                }
                index += 1
            }
            hasCommentEnd = false
        }
        position = (bytes[position...].firstIndex(of: 0x3E) ?? bytes.count - 1) + 1
    }

    private mutating func takeTag(isEnd: Bool) {
        position += isEnd ? 2 : 1
        let start = position
        while position < bytes.count, position - start < 20, HTMLText.nameOctets.contains(bytes[position]) {
            position += 1
        }
        let name = String(decoding: bytes[start..<position].map(lowered), as: UTF8.self)
        let attributes = takeAttributes(wanted: name == "a" ? "href" : name == "img" ? "alt" : nil)
        isEnd ? end(name) : begin(name, attributes)
    }

    private static let nameOctets = ByteSet(0x30...0x39, 0x41...0x5A, 0x61...0x7A)

    /// To the end of the tag, past quoted values; the value of the one attribute that matters.
    private mutating func takeAttributes(wanted: String?) -> [UInt8]? {
        var found: [UInt8]?
        while position < bytes.count, bytes[position] != 0x3E {
            let start = position
            while position < bytes.count, HTMLText.attributeOctets.contains(bytes[position]) { position += 1 }
            let name = bytes[start..<position]
            while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
            guard position < bytes.count, bytes[position] == 0x3D else {
                if position == start { position += 1 }
                continue
            }
            position += 1
            while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
            guard position < bytes.count else { break }
            let value: Range<Int>
            if bytes[position] == 0x22 || bytes[position] == 0x27 {
                let quote = bytes[position]
                let begin = position + 1
                let end = bytes[begin...].firstIndex(of: quote) ?? bytes.count
                value = begin..<end
                position = min(end + 1, bytes.count)
            } else {
                let begin = position
                while position < bytes.count, bytes[position] > 0x20, bytes[position] != 0x3E { position += 1 }
                value = begin..<position
            }
            if let wanted, name.map(lowered) == Array(wanted.utf8) { found = HTMLText.unescaped(bytes[value]) }
        }
        position = min(position + 1, bytes.count)
        return found
    }

    private static let attributeOctets = ByteSet(0x21...0x7E, 0x80...0xFF).subtracting(ByteSet(and: "=>/\"'"))

    private static func unescaped(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = value.startIndex
        while index < value.endIndex {
            if value[index] == 0x26, let (text, count) = HTMLEntities.decode(value[index...]) {
                result.append(contentsOf: text.utf8)
                index += count
            } else {
                result.append(value[index])
                index += 1
            }
        }
        return result.filter { $0 >= 0x20 }
    }

    private mutating func begin(_ name: String, _ attribute: [UInt8]?) {
        switch name {
        case "script", "style", "title", "xmp", "noembed", "noframes", "iframe", "svg", "math": skipContent(of: name)
        case "head": isInHead = true
        case "body": isInHead = false
        case "br": pendingLines += 1
        case "hr":
            breakLine(1)
            write("---".utf8)
            breakLine(1)
        case "li":
            breakLine(1)
            write("- ".utf8)
        case "td", "th": writeSpace()
        case "img":
            if let attribute, !attribute.isEmpty { write(attribute) }
        case "a": link = attribute.map { ($0, output.count) }
        case "pre":
            breakLine(1)
            preformatted += 1
        case "blockquote":
            breakLine(2)
            quoteDepth = min(quoteDepth + 1, HTMLText.quoteLimit)
        default: breakLine(HTMLText.blocks[name] ?? 0)
        }
    }

    private mutating func end(_ name: String) {
        switch name {
        case "head": isInHead = false
        case "a": endLink()
        case "pre":
            preformatted = max(0, preformatted - 1)
            breakLine(1)
        case "blockquote":
            breakLine(2)
            quoteDepth = max(0, quoteDepth - 1)
        case "td", "th": writeSpace()
        case "li": breakLine(1)
        default: breakLine(HTMLText.blocks[name] ?? 0)
        }
    }

    private mutating func breakLine(_ count: Int) { pendingLines = max(pendingLines, count) }

    /// Writes where a link goes, unless its text says so.
    private mutating func endLink() {
        guard keepsLinks, let (address, start) = link else { return }
        link = nil
        let isKept = HTMLText.schemes.contains { address.prefix($0.utf8.count).map(lowered) == Array($0.utf8) }
        let text = output[min(start, output.count)...].filter { $0 > 0x20 }
        guard isKept, !text.isEmpty, text != address, Array("mailto:".utf8) + text != address else { return }
        writeSpace()
        write([0x3C] + address + [0x3E])
    }

    private static let schemes = ["http://", "https://", "mailto:", "tel:"]

    /// To the end tag; without one to the end, as browsers do.
    private mutating func skipContent(of name: String) {
        let wanted = Array("</\(name)".utf8)
        while position < bytes.count {
            if bytes[position] == 0x3C, position + wanted.count <= bytes.count,
                bytes[position..<position + wanted.count].elementsEqual(wanted, by: { lowered($0) == $1 })
            {
                return
            }
            position += 1
        }
    }

    /// How many line ends stand around a block.
    private static let blocks: [String: Int] = [
        "p": 2, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "h5": 2, "h6": 2, "ul": 2, "ol": 2, "dl": 2, "table": 1, "div": 1,
        "tr": 1, "dt": 1, "dd": 1, "section": 1, "article": 1, "header": 1, "footer": 1, "main": 1, "nav": 1,
        "address": 1, "center": 1, "form": 1, "fieldset": 1, "figure": 1, "figcaption": 1, "caption": 1, "option": 1,
        "body": 1, "html": 1, "thead": 1, "tbody": 1, "tfoot": 1, "aside": 1,
    ]
}

extension ByteSet {
    fileprivate func subtracting(_ other: ByteSet) -> ByteSet {
        inverted.union(other).inverted
    }
}
