import Wire

/// Writes base64 in lines of 76 digits, piece by piece.
package struct Base64LineEncoder: Sendable {
    /// Octets of a line, RFC 2045, section 6.8.
    private static let lineOctets = 57
    /// What does not fill a line yet.
    private var pending: [UInt8] = []

    package init() {}

    /// The complete lines that `chunk` makes possible.
    package mutating func encode(_ chunk: [UInt8]) -> [UInt8] {
        let whole = (pending.count + chunk.count) / Base64LineEncoder.lineOctets * Base64LineEncoder.lineOctets
        guard whole > 0 else {
            pending.append(contentsOf: chunk)
            return []
        }
        let octets = pending.isEmpty ? chunk : pending + chunk
        pending = Array(octets[whole...])
        return Base64LineEncoder.lines(Base64.encode(octets.span.extracting(0..<whole)))
    }

    /// The last line.
    package mutating func finish() -> [UInt8] {
        defer { pending = [] }
        return Base64LineEncoder.lines(Base64.encode(pending.span))
    }

    /// Octets that `count` octets become, with their line ends.
    package static func encodedCount(_ count: Int) -> Int {
        let rest = count % lineOctets
        return count / lineOctets * 78 + (rest == 0 ? 0 : (rest + 2) / 3 * 4 + 2)
    }

    private static func lines(_ digits: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(digits.count + digits.count / 38 + 2)
        var start = 0
        while start < digits.count {
            let end = min(start + 76, digits.count)
            result.append(contentsOf: digits[start..<end])
            result.append(0x0D)
            result.append(0x0A)
            start = end
        }
        return result
    }
}

/// A text body, encoded as its content demands: every line short enough, every line end CRLF.
struct EncodedText {
    let encoding: TransferEncoding
    let isASCII: Bool
    let bytes: [UInt8]

    init(_ text: String) {
        let canonical = EncodedText.withCRLF(text)
        var statistics = Statistics()
        statistics.read(canonical)
        isASCII = statistics.isASCII
        if statistics.isPlain {
            encoding = .sevenBit
            bytes = canonical
        } else if statistics.escapes * 2 > canonical.count / 3 + 30 {
            encoding = .base64
            var encoder = Base64LineEncoder()
            bytes = encoder.encode(canonical) + encoder.finish()
        } else {
            encoding = .quotedPrintable
            bytes = EncodedText.quotedPrintable(canonical)
        }
    }

    private struct Statistics {
        var isASCII = true
        var escapes = 0
        private var longest = 0
        private var hasEnvelopeLine = false

        /// Plain lines of bounded length; none begins with `From `, which mbox files change.
        var isPlain: Bool { escapes == 0 && longest <= Bounds.line && !hasEnvelopeLine }

        mutating func read(_ bytes: [UInt8]) {
            var lineStart = 0
            for (index, byte) in bytes.enumerated() {
                if byte >= 0x80 { isASCII = false }
                if byte == 0x0A {
                    longest = max(longest, index - 1 - lineStart)
                    lineStart = index + 1
                } else if byte >= 0x7F || byte < 0x20 && byte != 0x09 && byte != 0x0D {
                    escapes += 1
                } else if byte == 0x46, index == lineStart, bytes[index...].starts(with: "From ".utf8) {
                    hasEnvelopeLine = true
                }
            }
            longest = max(longest, bytes.count - lineStart)
        }
    }

    /// CRLF for each CRLF, LF and CR, and one at the end.
    private static func withCRLF(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + text.utf8.count / 32 + 2)
        var wasReturn = false
        for byte in text.utf8 {
            switch byte {
            case 0x0D: result.append(contentsOf: [0x0D, 0x0A])
            case 0x0A:
                if !wasReturn { result.append(contentsOf: [0x0D, 0x0A]) }
            default: result.append(byte)
            }
            wasReturn = byte == 0x0D
        }
        if !result.isEmpty, result.last != 0x0A { result.append(contentsOf: [0x0D, 0x0A]) }
        return result
    }

    /// RFC 2045, section 6.7; a dot or `From` at a line's start is escaped, which SMTP servers and mbox files are glad of.
    private static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 8)
        var column = 0
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0D { continue }
            if byte == 0x0A {
                result.append(contentsOf: [0x0D, 0x0A])
                column = 0
                continue
            }
            let isLineEnd = index + 1 < bytes.count && bytes[index + 1] == 0x0D
            let isBlank = byte == 0x20 || byte == 0x09
            let isPlain =
                byte > 0x20 && byte < 0x7F && byte != 0x3D && !(column == 0 && (byte == 0x2E || byte == 0x46))
            let isWritten = isPlain || isBlank && !isLineEnd
            let width = isWritten ? 1 : 3
            if column + width > (isLineEnd ? 76 : 75) {
                result.append(contentsOf: [0x3D, 0x0D, 0x0A])
                column = 0
            }
            if isWritten {
                result.append(byte)
            } else {
                result.append(0x3D)
                result.append(upperHexDigit(byte >> 4))
                result.append(upperHexDigit(byte & 15))
            }
            column += width
        }
        return result
    }
}
