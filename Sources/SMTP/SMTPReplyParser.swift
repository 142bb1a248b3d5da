package import Wire

/// Puts replies together from a stream of octets, line by line.
///
/// Tolerant where servers are sloppy and it is harmless: bare LF as line end, a code without text, text right behind the
/// code. Strict where leniency would let replies be misread: three digits, one code for all lines of a reply.
package struct SMTPReplyParser: Sendable {
    private var code: Int?
    private var enhancedCode: EnhancedStatusCode?
    private var lines: [String] = []
    private var octets = 0
    private var scanned = 0

    package init() {}

    /// Consumes the lines it reads and gives the next reply; nil where `input` does not hold all of it.
    package mutating func next(_ input: inout InputBuffer) throws(SMTPError) -> SMTPReply? {
        while let end = input.firstIndex(of: 0x0A, from: scanned) {
            scanned = 0
            guard end < SMTPLimits.maximumReplyLineOctets else { throw .limitExceeded("maximumReplyLineOctets") }
            let isLast = try read(input.span, end: end)
            input.consume(end + 1)
            if isLast { return finish() }
        }
        scanned = input.count
        guard scanned < SMTPLimits.maximumReplyLineOctets else { throw .limitExceeded("maximumReplyLineOctets") }
        return nil
    }

    /// Reads one line and says whether it is the reply's last.
    ///
    /// `Reply-line = *( Reply-code "-" [textstring] CRLF ) Reply-code [SP textstring] CRLF`
    private mutating func read(_ bytes: Span<UInt8>, end: Int) throws(SMTPError) -> Bool {
        let length = end > 0 && bytes[end - 1] == 0x0D ? end - 1 : end
        octets += length
        guard octets <= SMTPLimits.maximumReplyOctets else { throw .limitExceeded("maximumReplyOctets") }
        guard lines.count < SMTPLimits.maximumReplyLines else { throw .limitExceeded("maximumReplyLines") }
        var cursor = ByteCursor(bytes.extracting(0..<length))
        let lineCode = try takeCode(&cursor)
        if let code, code != lineCode { throw .mixedReplyCodes(code, lineCode) }
        let isFirst = code == nil
        code = lineCode
        let isLast = !cursor.take(UInt8(ascii: "-"))
        if isLast { _ = cursor.take(UInt8(ascii: " ")) }
        let start = cursor.position
        if let found = EnhancedStatusCode.take(from: &cursor), found.category == lineCode / 100 {
            if isFirst { enhancedCode = found }
            if found != enhancedCode { cursor.position = start }
        } else {
            cursor.position = start
        }
        lines.append(Self.printable(cursor.array(cursor.position..<length)))
        return isLast
    }

    private func takeCode(_ cursor: inout ByteCursor) throws(SMTPError) -> Int {
        guard let range = cursor.takeRange(count: 3) else { throw .malformedReply(cursor.error("a reply code")) }
        var code = 0
        for byte in cursor.array(range) {
            guard ByteSet.digits.contains(byte) else {
                throw .malformedReply(SyntaxError(offset: 0, expected: "a reply code"))
            }
            code = code * 10 + Int(byte - 0x30)
        }
        guard (200..<600).contains(code) else {
            throw .malformedReply(SyntaxError(offset: 0, expected: "a reply code"))
        }
        if let next = cursor.peek, ByteSet.digits.contains(next) { throw .malformedReply(cursor.error("SP or -")) }
        return code
    }

    private mutating func finish() -> SMTPReply? {
        guard let code else { return nil }
        defer { self = SMTPReplyParser() }
        return SMTPReply(code: code, enhancedCode: enhancedCode, lines: lines)
    }

    /// Text fit for logs, databases and JSON: no controls, valid UTF-8, no blanks around it.
    private static func printable(_ bytes: [UInt8]) -> String {
        let clean = bytes.map { ByteSet.controls.contains($0) ? 0x20 : $0 }
        guard let first = clean.firstIndex(where: { $0 != 0x20 }), let last = clean.lastIndex(where: { $0 != 0x20 })
        else {
            return ""
        }
        return String(decoding: clean[first...last], as: UTF8.self)
    }
}
