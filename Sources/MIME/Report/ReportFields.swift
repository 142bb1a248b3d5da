import Wire

/// The pieces that all reports are made of.
enum ReportFields {
    /// Groups of fields with empty lines between them (RFC 3464, section 2.1); empty groups are left out.
    static func groups(of content: [UInt8]) -> [Headers] {
        var groups: [Headers] = []
        var group: [UInt8] = []
        func close() {
            let headers = Headers(parsing: group)
            if !headers.fields.isEmpty { groups.append(headers) }
            group = []
        }
        for line in content.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if line.allSatisfy({ $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }) {
                close()
            } else {
                group += line
                group.append(0x0A)
            }
            // More than any report has; what comes behind is an attack.
            if groups.count > ReportBounds.groups { break }
        }
        close()
        return groups
    }

    /// The address of `rfc822; user@host` or `utf-8; …`, without brackets and comments.
    static func address(_ field: String?) -> String? {
        guard let field else { return nil }
        let pieces = field.split(separator: ";", maxSplits: 1)
        let type = pieces.count == 2 ? pieces[0].filter { $0 != " " }.lowercased() : "rfc822"
        guard type == "rfc822" || type == "utf-8" || type == "smtp", let last = pieces.last else { return nil }
        var text = trimmed(String(last))
        if let open = text.firstIndex(of: "<"), let close = text.lastIndex(of: ">"), open < close {
            text = String(text[text.index(after: open)..<close])
        } else if !text.hasPrefix("\""), let blank = text.firstIndex(where: { $0 == " " || $0 == "(" }) {
            text = String(text[..<blank])
        }
        text = type == "utf-8" ? unitext(text) : text
        guard text.contains("@"), text.utf8.count <= 1000 else { return nil }
        return text
    }

    /// `\x{C3A9}`-like escapes of RFC 6533, section 3, undone.
    private static func unitext(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.range(ofText: "\\x{") {
            result += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: "}"),
                let value = UInt32(rest[start.upperBound..<end], radix: 16), let scalar = Unicode.Scalar(value)
            else { return text }
            result.unicodeScalars.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    /// `+XX` of xtext (RFC 3461, section 4), undone; what is none stays.
    static func xtext(_ text: String) -> String {
        var result: [UInt8] = []
        let octets = Array(text.utf8)
        var index = 0
        while index < octets.count {
            if octets[index] == 0x2B, index + 2 < octets.count, let high = hexValue(octets[index + 1]),
                let low = hexValue(octets[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(octets[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// What stands behind `type;` of a typed field.
    static func typed(_ field: String?) -> String? {
        guard let field else { return nil }
        let pieces = field.split(separator: ";", maxSplits: 1)
        let text = folded(String(pieces.last ?? ""))
        return text.isEmpty ? nil : text
    }

    /// One line, its blanks made single, and cut.
    static func folded(_ text: String) -> String {
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
        return String(words.joined(separator: " ").prefix(ReportBounds.text))
    }

    static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    /// The first `5.1.1` of a text; a version number or an address of the internet is none.
    static func status(in text: String) -> String? {
        for word in text.split(whereSeparator: { !$0.isNumber && $0 != "." }) {
            let numbers = word.split(separator: ".", omittingEmptySubsequences: false)
            guard numbers.count == 3, ["2", "4", "5"].contains(numbers[0]),
                numbers.dropFirst().allSatisfy({ (1...3).contains($0.count) })
            else { continue }
            return String(word)
        }
        return nil
    }

    /// The fields of the message that is told of, where its part is there: a whole message, or its header.
    static func original(in message: ParsedMessage) -> Headers? {
        let types: Set<String> = [
            "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers",
            "message/global-headers", "text/rfc822",
        ]
        guard let index = message.parts.firstIndex(where: { types.contains($0.node.mediaType) }) else { return nil }
        return Headers(parsing: Array(message.content(of: index).prefix(ReportBounds.originalHeader)))
    }

    static func part(_ types: String..., in message: ParsedMessage) -> [UInt8]? {
        guard let index = message.parts.firstIndex(where: { types.contains($0.node.mediaType) }) else { return nil }
        return Array(message.content(of: index).prefix(ReportBounds.statusPart))
    }
}

/// How much of a report is read.
enum ReportBounds {
    static let groups = 1_100
    static let text = 500
    static let originalHeader = 64 << 10
    static let statusPart = 512 << 10
    /// Octets of a bounce's own words.
    static let plainText = 64 << 10
    static let plainRecipients = 100
}

extension StringProtocol {
    /// Where a text begins; the case of ASCII letters does not matter.
    func range(ofText text: String) -> Range<Index>? {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return nil }
        var index = utf8.startIndex
        while index < utf8.endIndex {
            if lowered(utf8[index]) == lowered(first) {
                var here = index
                var there = 0
                while there < wanted.count, here < utf8.endIndex, lowered(utf8[here]) == lowered(wanted[there]) {
                    here = utf8.index(after: here)
                    there += 1
                }
                if there == wanted.count { return index..<here }
            }
            index = utf8.index(after: index)
        }
        return nil
    }

    func contains(text: String) -> Bool { range(ofText: text) != nil }
}
