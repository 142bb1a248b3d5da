import Wire

/// `value *(";" attribute "=" value)`: what Content-Type and Content-Disposition are made of (RFC 2045, section 5.1).
struct ParameterParser {
    /// What stands before the first semicolon, without white space and comments; lower case.
    private(set) var value = ""
    private(set) var parameters: [(name: String, value: [UInt8])] = []

    private static let valueStop = ByteSet(0x00...0x20, and: ";(")
    private static let nameStop = ByteSet(0x00...0x20, and: ";=(")
    private static let tokenStop = ByteSet(and: ";\r\n")

    init(_ bytes: Span<UInt8>, limit: Int = MIMELimits.standard.parameters) {
        var cursor = ByteCursor(bytes)
        var head: [UInt8] = []
        while true {
            _ = cursor.skipCFWS()
            if let quoted = cursor.takeQuotedString() {
                head.append(contentsOf: quoted.text)
                continue
            }
            let range = cursor.takeRange(until: ParameterParser.valueStop)
            head.append(contentsOf: cursor.array(range))
            if cursor.isAtEnd || cursor.peek == 0x3B { break }
        }
        value = String(decoding: head, as: UTF8.self).lowercased()
        while parameters.count < limit, !cursor.isAtEnd { takeParameter(&cursor) }
    }

    private mutating func takeParameter(_ cursor: inout ByteCursor) {
        while true {
            let hadSpace = cursor.skipCFWS()
            if !cursor.take(0x3B), !hadSpace { break }
        }
        let name = cursor.text(cursor.takeRange(until: ParameterParser.nameStop))
        _ = cursor.skipCFWS()
        guard cursor.take(0x3D) else {
            if name.isEmpty { _ = cursor.takeByte() }
            return
        }
        _ = cursor.skipCFWS()
        if let quoted = cursor.takeQuotedString() {
            parameters.append((name, quoted.text))
            _ = cursor.takeRange(until: ParameterParser.tokenStop)
        } else {
            parameters.append((name, takeToken(&cursor)))
        }
    }

    /// A token; one with spaces (`name=my file.pdf`) is taken up to the semicolon, a comment at its end is dropped.
    private func takeToken(_ cursor: inout ByteCursor) -> [UInt8] {
        var text = cursor.array(cursor.takeRange(until: ParameterParser.tokenStop))
        while let last = text.last, last <= 0x20 { text.removeLast() }
        if text.last == 0x29, let open = text.lastIndex(of: 0x28), open > 0, text[open - 1] <= 0x20 {
            text.removeSubrange(open...)
            while let last = text.last, last <= 0x20 { text.removeLast() }
        }
        return text
    }
}
