package import Wire

/// Reads request heads, one after the other, as RFC 9112 demands of a server that must not be fooled about where a
/// message ends.
package struct HTTPRequestParser: Sendable {
    private let limits: HTTPLimits
    private var reader = HeadReader()
    private var line: RequestLine?
    private var emptyLines = 0

    package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Whether octets of an unfinished head were seen: an idle connection may be closed silently, this one gets a 408.
    package var isInsideHead: Bool { line != nil }

    /// Consumes one whole head from `input`; nil, with nothing consumed but empty lines, while it is not all there.
    package mutating func parse(_ input: inout InputBuffer) throws(HTTPRefusal) -> HTTPRequest? {
        if line == nil {
            while input.count >= 2, input[0] == Octet.cr, input[1] == Octet.lf {
                emptyLines += 1
                guard emptyLines <= Bound.leadingEmptyLines else { throw .malformed("empty lines before a request") }
                input.consume(2)
            }
            if input.count == 1, input[0] == Octet.cr { return nil }
            guard try readRequestLine(input.span) else { return nil }
        }
        guard let line, let end = try reader.readFields(input.span, limits) else { return nil }
        let entries = reader.entries
        reader = HeadReader()
        self.line = nil
        emptyLines = 0
        let head = input.take(end)
        let facts = try RequestFacts(head.span, entries, line)
        let fields = HTTPFields(bytes: head, entries: entries)
        let target = HTTPTarget(
            form: line.form, bytes: head, whole: line.target, pathRange: line.path, queryRange: line.query)
        return HTTPRequest(
            method: line.method, target: target, fields: fields, version: line.version, framing: facts.framing,
            isPersistent: facts.isPersistent, expectsContinue: facts.expectsContinue)
    }

    /// Whether the request line is complete.
    private mutating func readRequestLine(_ bytes: Span<UInt8>) throws(HTTPRefusal) -> Bool {
        guard !bytes.isEmpty else { return false }
        let parsed: RequestLine? = reader.mayHaveLine(bytes) ? try RequestLine(bytes, limits) : nil
        guard let parsed else {
            reader.lineIsIncomplete(bytes)
            guard bytes.count <= Bound.method + limits.target + 16 else { throw .targetTooLong(limit: limits.target) }
            return false
        }
        reader.startLineEnded(at: parsed.next)
        line = parsed
        return true
    }
}

/// A request line: `method SP request-target SP HTTP-version CRLF`.
struct RequestLine: Sendable {
    let method: HTTPMethod
    let version: HTTPVersion
    private(set) var form = HTTPTarget.Form.origin
    let target: Range<Int>
    private(set) var path: Range<Int>
    private(set) var query: Range<Int>?
    /// Behind the CRLF.
    let next: Int

    /// Nil while the line is not all there.
    init?(_ bytes: Span<UInt8>, _ limits: HTTPLimits) throws(HTTPRefusal) {
        let end = bytes.count
        var index = 0
        while index < end, Octet.isToken(bytes[index]) { index += 1 }
        guard index < Bound.method else { throw .notImplemented("This method is not known.") }
        guard index < end else { return nil }
        guard index > 0, bytes[index] == Octet.space else { throw .malformed("a request line starts with a method") }
        let methodRange = 0..<index
        let targetStart = index + 1
        index = targetStart
        var question: Int?
        while index < end, Octet.isTarget(bytes[index]) {
            if bytes[index] == 0x3F, question == nil { question = index }
            index += 1
        }
        guard index - targetStart <= limits.target else { throw .targetTooLong(limit: limits.target) }
        guard index < end else { return nil }
        guard index > targetStart, bytes[index] == Octet.space else { throw .malformed("no valid request target") }
        target = targetStart..<index
        path = targetStart..<(question ?? index)
        query = question.map { ($0 + 1)..<index }
        guard let (version, next) = try Self.version(bytes, from: index + 1) else { return nil }
        self.version = version
        self.next = next
        method = HTTPMethod.common(bytes, methodRange) ?? HTTPMethod(asciiText(bytes, methodRange))
        if bytes[targetStart] != 0x2F || method == .connect { try parseSpecialForm(bytes) }
        if target.count > 1 { try checkPercents(bytes) }
    }

    /// Reads `HTTP-version CRLF`; nil while it is not all there.
    private static func version(_ bytes: Span<UInt8>, from start: Int) throws(HTTPRefusal) -> (HTTPVersion, Int)? {
        let name: [5 of UInt8] = [0x48, 0x54, 0x54, 0x50, 0x2F]
        for offset in 0..<5 {
            guard start + offset < bytes.count else { return nil }
            guard bytes[start + offset] == name[offset] else {
                throw .malformed("a request line ends with HTTP/1.1")
            }
        }
        let major = start + 5
        guard major + 5 <= bytes.count else {
            // Not all there: but `HTTP/2.0` LF and the like must not wait for octets that never come.
            var index = major
            while index < bytes.count {
                if bytes[index] == Octet.lf { throw .malformed("a request line ends with HTTP/1.1 CRLF") }
                index += 1
            }
            return nil
        }
        guard Octet.isDigit(bytes[major]), bytes[major + 1] == 0x2E, Octet.isDigit(bytes[major + 2]),
            bytes[major + 3] == Octet.cr, bytes[major + 4] == Octet.lf
        else { throw .malformed("a request line ends with HTTP/1.1 CRLF") }
        guard bytes[major] == 0x31 else { throw .versionNotSupported }
        return (bytes[major + 2] == 0x30 ? .http10 : .http11, major + 5)
    }

    private mutating func parseSpecialForm(_ bytes: Span<UInt8>) throws(HTTPRefusal) {
        if method == .connect {
            guard isAuthority(bytes, target) else { throw .malformed("CONNECT wants host:port") }
            form = .authority
            path = target.lowerBound..<target.lowerBound
            query = nil
            return
        }
        if target.count == 1, bytes[target.lowerBound] == 0x2A {
            guard method == .options else { throw .malformed("only OPTIONS has the target *") }
            form = .asterisk
            path = target.lowerBound..<target.lowerBound
            return
        }
        guard let authorityStart = schemeEnd(bytes) else { throw .malformed("no valid request target") }
        form = .absolute
        var authorityEnd = authorityStart
        while authorityEnd < target.upperBound, bytes[authorityEnd] != 0x2F, bytes[authorityEnd] != 0x3F {
            authorityEnd += 1
        }
        guard isAuthority(bytes, authorityStart..<authorityEnd) else { throw .malformed("no valid host in the target") }
        path = authorityEnd..<max(path.upperBound, authorityEnd)
    }

    /// Behind `http://` or `https://`.
    private func schemeEnd(_ bytes: Span<UInt8>) -> Int? {
        for scheme: StaticString in ["http://", "https://"] {
            let end = target.lowerBound + scheme.utf8CodeUnitCount
            if end <= target.upperBound, hasText(scheme, bytes, target.lowerBound..<end) { return end }
        }
        return nil
    }

    private func checkPercents(_ bytes: Span<UInt8>) throws(HTTPRefusal) {
        var index = target.lowerBound
        while index < target.upperBound {
            if bytes[index] == 0x25 {
                guard index + 2 < target.upperBound, let high = Octet.hexValue(bytes[index + 1]),
                    let low = Octet.hexValue(bytes[index + 2])
                else { throw .malformed("% without two hexadecimal digits") }
                guard high | low != 0 else { throw .malformed("%00 in the request target") }
            }
            index += 1
        }
    }
}

func asciiText(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    var text: [UInt8] = []
    for index in range { text.append(bytes[index]) }
    return String(decoding: text, as: UTF8.self)
}

/// Whether the octets of `range` are `text`, without regard to case.
func hasText(_ text: StaticString, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    ByteCursor(bytes).equals(range, caseInsensitive: text)
}

/// Whether `range` is `uri-host [ ":" port ]`, without userinfo (RFC 9110 section 7.2).
func isAuthority(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    guard index < range.upperBound else { return false }
    if bytes[index] == 0x5B {
        index += 1
        while index < range.upperBound, isAddressOctet(bytes[index]) { index += 1 }
        guard index > range.lowerBound + 2, index < range.upperBound, bytes[index] == 0x5D else { return false }
        index += 1
    } else {
        while index < range.upperBound, isRegNameOctet(bytes[index]) { index += 1 }
        guard index > range.lowerBound else { return false }
    }
    guard index < range.upperBound else { return true }
    guard bytes[index] == Octet.colon, range.upperBound - index <= 6 else { return false }
    index += 1
    while index < range.upperBound, Octet.isDigit(bytes[index]) { index += 1 }
    return index == range.upperBound
}

private func isAddressOctet(_ byte: UInt8) -> Bool {
    Octet.hexValue(byte) != nil || byte == Octet.colon || byte == 0x2E
}

/// An octet of unreserved, pct-encoded or sub-delims.
private func isRegNameOctet(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x2D, 0x2E, 0x5F, 0x7E, 0x25, 0x21, 0x24, 0x26...0x2C, 0x3B, 0x3D: true
    default: false
    }
}
