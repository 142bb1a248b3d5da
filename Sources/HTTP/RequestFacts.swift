/// What the fields of a request say about its framing and its connection.
struct RequestFacts {
    private(set) var framing = HTTPFraming.none
    private(set) var isPersistent: Bool
    private(set) var expectsContinue = false

    private var length: Int?
    private var isChunked = false
    private var hosts = 0
    private var says = ConnectionOptions()

    /// RFC 9112 section 6: one length or one coding, never a doubt about which.
    init(_ bytes: Span<UInt8>, _ entries: [HTTPFields.Entry], _ line: RequestLine) throws(HTTPRefusal) {
        isPersistent = line.version == .http11
        for index in entries.indices { try read(bytes, entries[index]) }
        guard hosts == 1 || (hosts == 0 && line.version == .http10) else {
            throw .malformed(hosts == 0 ? "no Host" : "more than one Host")
        }
        if isChunked {
            guard length == nil else { throw .malformed("both Content-Length and Transfer-Encoding") }
            guard line.version == .http11 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
            framing = .chunked
        } else if let length, length > 0 {
            framing = .length(length)
        }
        if says.close {
            isPersistent = false
        } else if says.keepAlive {
            isPersistent = true
        }
        if line.version == .http10 || framing == .none { expectsContinue = false }
    }

    private mutating func read(_ bytes: Span<UInt8>, _ entry: HTTPFields.Entry) throws(HTTPRefusal) {
        switch entry.nameCount {
        case 4 where hasText("host", bytes, entry.name):
            hosts += 1
            guard isAuthority(bytes, entry.value) else { throw .malformed("no valid Host") }
        case 6 where hasText("expect", bytes, entry.name):
            guard hasText("100-continue", bytes, entry.value) else { throw .expectationFailed }
            expectsContinue = true
        case 10 where hasText("connection", bytes, entry.name):
            says.read(bytes, entry.value)
        case 14 where hasText("content-length", bytes, entry.name):
            length = try ContentLength.parse(bytes, entry.value, known: length)
        case 17 where hasText("transfer-encoding", bytes, entry.name):
            guard !isChunked else { throw .malformed("chunked twice") }
            try TransferCoding.check(bytes, entry.value)
            isChunked = true
        default: break
        }
    }
}

enum ContentLength {
    /// Several equal values are one, as RFC 9110 section 8.6 allows; differing ones are an attack.
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>, known: Int?) throws(HTTPRefusal) -> Int {
        var known = known
        var index = range.lowerBound
        while true {
            var value = 0
            let start = index
            while index < range.upperBound, Octet.isDigit(bytes[index]) {
                value = value * 10 + Int(bytes[index] - 0x30)
                guard value <= Bound.length else { throw .bodyTooLarge(limit: Bound.length) }
                index += 1
            }
            guard index > start else { throw .malformed("Content-Length is no number") }
            guard known == nil || known == value else { throw .malformed("differing Content-Length values") }
            known = value
            while index < range.upperBound, Octet.isBlank(bytes[index]) { index += 1 }
            guard index < range.upperBound else { return value }
            guard bytes[index] == 0x2C else { throw .malformed("Content-Length is no number") }
            index += 1
            while index < range.upperBound, Octet.isBlank(bytes[index]) { index += 1 }
        }
    }
}

enum TransferCoding {
    /// We know `chunked` and nothing else.
    ///
    /// Where it is not last the end of the body cannot be known: 400, not 501.
    static func check(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTPRefusal) {
        if hasText("chunked", bytes, range) { return }
        var last = range.upperBound
        while last > range.lowerBound, bytes[last - 1] != 0x2C { last -= 1 }
        var start = last
        while start < range.upperBound, Octet.isBlank(bytes[start]) { start += 1 }
        guard last > range.lowerBound, hasText("chunked", bytes, start..<range.upperBound) else {
            throw .malformed("chunked is not the last transfer coding")
        }
        var index = range.lowerBound
        while index + 7 < last {
            if hasText("chunked", bytes, index..<(index + 7)) { throw .malformed("chunked twice") }
            index += 1
        }
        throw .notImplemented("The only transfer coding known is chunked.")
    }
}

/// The options of `Connection` that concern us.
struct ConnectionOptions {
    private(set) var close = false
    private(set) var keepAlive = false

    mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            let start = index
            while index < range.upperBound, Octet.isToken(bytes[index]) { index += 1 }
            if hasText("close", bytes, start..<index) { close = true }
            if hasText("keep-alive", bytes, start..<index) { keepAlive = true }
            if index == start { index += 1 }
        }
    }
}
