import Wire

/// The lexical tokens that structured fields share (RFC 5322, section 3.2), read tolerantly.
extension ByteCursor {
    /// Skips white space and comments; says whether there was any.
    mutating func skipCFWS() -> Bool {
        var comment: [UInt8]?
        return skipCFWS(keeping: &comment)
    }

    /// The last comment is kept, without its parentheses and escapes: `a@b (Name)`.
    mutating func skipCFWS(keeping comment: inout [UInt8]?) -> Bool {
        let start = position
        while true {
            skip(while: FieldTokens.white)
            guard peek == 0x28 else { break }
            comment = takeComment()
        }
        return position > start
    }

    /// A comment with those in it; one without an end goes to the end.
    private mutating func takeComment() -> [UInt8] {
        var depth = 0
        var text: [UInt8] = []
        while let byte = takeByte() {
            switch byte {
            case 0x28:
                if depth > 0 { text.append(byte) }
                depth += 1
            case 0x29:
                depth -= 1
                if depth == 0 { return text }
                text.append(byte)
            case 0x5C:
                if let escaped = takeByte() { text.append(escaped) }
            default:
                text.append(byte)
                text.append(contentsOf: array(takeRange(until: FieldTokens.commentStop)))
            }
        }
        return text
    }

    /// The content of a quoted string that begins here; folds vanish.
    mutating func takeQuotedString() -> (text: [UInt8], isClosed: Bool)? {
        guard take(0x22) else { return nil }
        var text: [UInt8] = []
        while let byte = peek {
            switch byte {
            case 0x22:
                _ = takeByte()
                return (text, true)
            case 0x5C:
                _ = takeByte()
                if let escaped = takeByte() { text.append(escaped) }
            case 0x0D, 0x0A: _ = takeByte()
            default: text.append(contentsOf: array(takeRange(until: FieldTokens.quotedStop)))
            }
        }
        return (text, false)
    }
}

private enum FieldTokens {
    static let white = ByteSet(0x00...0x20)
    static let commentStop = ByteSet(and: "()\\")
    static let quotedStop = ByteSet(and: "\"\\\r\n")
}
