package import Wire

/// The head of a response that we received as a client.
package struct HTTPResponseHead: Sendable, Equatable {
    package let status: HTTPStatus
    package let fields: HTTPFields
    package let framing: HTTPFraming
    /// Whether another request may be sent on the connection.
    package let isPersistent: Bool
}

/// Reads response heads, for our own clients (webhooks, OAuth, discovery).
package struct HTTPResponseParser: Sendable {
    private let limits: HTTPLimits
    /// The request's method: it decides whether the response has content.
    private let method: HTTPMethod
    private var reader = HeadReader()
    private var status: (code: Int, version: HTTPVersion)?

    package init(to method: HTTPMethod, limits: HTTPLimits = HTTPLimits()) {
        self.method = method
        self.limits = limits
    }

    /// Consumes one head from `input`; nil while it is not all there.
    ///
    /// Interim responses (1xx) come out like others.
    package mutating func parse(_ input: inout InputBuffer) throws(HTTPRefusal) -> HTTPResponseHead? {
        if status == nil {
            guard try readStatusLine(input.span) else { return nil }
        }
        guard let status, let end = try reader.readFields(input.span, limits) else { return nil }
        let entries = reader.entries
        reader = HeadReader()
        self.status = nil
        let head = input.take(end)
        return try finish(head, entries, HTTPStatus(status.code), status.version)
    }

    /// Reads `HTTP-version SP status-code SP [ reason-phrase ] CRLF`.
    private mutating func readStatusLine(_ bytes: Span<UInt8>) throws(HTTPRefusal) -> Bool {
        guard let lineFeed = (0..<bytes.count).first(where: { bytes[$0] == Octet.lf }) else {
            guard bytes.count <= limits.fieldLine else { throw .fieldsTooLarge }
            return false
        }
        guard lineFeed >= 13, bytes[lineFeed - 1] == Octet.cr, hasText("http/1.", bytes, 0..<7),
            Octet.isDigit(bytes[7]), bytes[8] == Octet.space, bytes[12] == Octet.space || lineFeed == 13
        else { throw .malformed("no valid status line") }
        var code = 0
        for index in 9..<12 {
            guard Octet.isDigit(bytes[index]) else { throw .malformed("no valid status code") }
            code = code * 10 + Int(bytes[index] - 0x30)
        }
        guard code >= 100 else { throw .malformed("no valid status code") }
        status = (code, bytes[7] == 0x30 ? .http10 : .http11)
        reader.startLineEnded(at: lineFeed + 1)
        return true
    }

    /// RFC 9112 section 6.3.
    private func finish(
        _ head: [UInt8], _ entries: [HTTPFields.Entry], _ status: HTTPStatus, _ version: HTTPVersion
    ) throws(HTTPRefusal) -> HTTPResponseHead {
        let bytes = head.span
        var length: Int?
        var isChunked = false
        var options = ConnectionOptions()
        for entry in entries {
            switch entry.nameCount {
            case 10 where hasText("connection", bytes, entry.name): options.read(bytes, entry.value)
            case 14 where hasText("content-length", bytes, entry.name):
                length = try ContentLength.parse(bytes, entry.value, known: length)
            case 17 where hasText("transfer-encoding", bytes, entry.name):
                guard !isChunked else { throw .malformed("chunked twice") }
                try TransferCoding.check(bytes, entry.value)
                isChunked = true
            default: break
            }
        }
        guard !isChunked || length == nil else { throw .malformed("both Content-Length and Transfer-Encoding") }
        // RFC 9112 section 6.1: who speaks HTTP/1.0 cannot mean it, so where the content ends cannot be known.
        guard !isChunked || version == .http11 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
        var framing = length.map { HTTPFraming.length($0) } ?? .untilClose
        if isChunked { framing = .chunked }
        // Content behind a head that has none would be read as the next response.
        let isContradiction = status.forbidsContent && status.code != 304 && framing.promisesContent
        if method == .head || status.forbidsContent { framing = .none }
        let persists = version == .http11 ? !options.close : options.keepAlive && !options.close
        return HTTPResponseHead(
            status: status, fields: HTTPFields(bytes: head, entries: entries), framing: framing,
            isPersistent: persists && framing != .untilClose && !isContradiction)
    }
}

extension HTTPFraming {
    fileprivate var promisesContent: Bool {
        switch self {
        case .none, .untilClose: false
        case .length(let length): length > 0
        case .chunked: true
        }
    }
}
