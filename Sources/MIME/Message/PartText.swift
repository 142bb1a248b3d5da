import Wire

/// The text of a part, ready to be shown: UTF-8, lines ending in LF, `format=flowed` undone.
package struct PartText: Sendable, Equatable {
    package var text: String
    package var problems: Set<MIMEProblem> = []

    /// Takes the part's octets as they stand in the message, or the beginning of them.
    package init(decoding encoded: [UInt8], of node: PartNode) {
        var decoder = TransferDecoder(node.encoding)
        var octets = decoder.decode(encoded)
        octets.append(contentsOf: decoder.finish())
        if let problem = decoder.problem { problems.insert(problem) }
        let isHTML = node.mediaType == "text/html"
        let label = node.charset ?? (isHTML ? HTMLCharset.label(in: octets) : nil)
        let decoded = DecodedText(octets.span, charset: label)
        if let problem = decoded.problem { problems.insert(problem) }
        text = PartText.withPlainLineEnds(decoded.text)
        guard node.mediaType == "text/plain", node.parameters["format"]?.lowercased() == "flowed" else { return }
        text = FlowedText.unfold(text, deletesSpace: node.parameters["delsp"]?.lowercased() == "yes")
    }

    /// CRLF and CR become LF; NUL, which JSON readers and databases choke on, vanishes, and so does a byte order mark.
    private static func withPlainLineEnds(_ text: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        var wasReturn = false
        for byte in text.utf8 {
            switch byte {
            case 0x0D: output.append(0x0A)
            case 0x0A where wasReturn: break
            case 0x00: break
            default: output.append(byte)
            }
            wasReturn = byte == 0x0D
        }
        if output.starts(with: [0xEF, 0xBB, 0xBF]) { output.removeFirst(3) }
        return String(decoding: output, as: UTF8.self)
    }
}

/// The charset that an HTML document names itself: `<meta charset>`, where the part's header names none.
enum HTMLCharset {
    static func label(in octets: [UInt8]) -> String? {
        let head = octets.prefix(1024).map(lowered)
        guard let start = firstIndex(of: "charset=", in: head) else { return nil }
        var index = start + 8
        while index < head.count, head[index] == 0x22 || head[index] == 0x27 || head[index] == 0x20 { index += 1 }
        let end = head[index...].firstIndex { !ContentType.tokenText.contains($0) || $0 == 0x27 } ?? head.endIndex
        let label = String(decoding: head[index..<end], as: UTF8.self)
        if label.isEmpty || label.hasPrefix("utf-16") { return nil }
        return label
    }

    private static func firstIndex(of text: StaticString, in bytes: [UInt8]) -> Int? {
        let count = text.utf8CodeUnitCount
        guard bytes.count >= count else { return nil }
        let cursor = ByteCursor(bytes.span)
        for start in 0...(bytes.count - count) where cursor.equals(start..<start + count, caseInsensitive: text) {
            return start
        }
        return nil
    }
}
