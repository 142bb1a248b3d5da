/// Writes response heads and chunks (RFC 9112 sections 4 and 7.1).
package enum ResponseEncoder {
    /// Whether another request may follow.
    package enum Persistence: Sendable, Equatable {
        /// HTTP/1.1's default: nothing to say.
        case implied
        /// To an HTTP/1.0 client that asked for it.
        case keepAlive
        case close
    }

    /// Appends status line and fields, and the empty line.
    ///
    /// `date` is the value of the Date field, made by whoever has a clock. Framing and connection are the encoder's:
    /// fields of those names in `fields` are left out.
    package static func appendHead(
        _ status: HTTPStatus, _ fields: HTTPFields, framing: HTTPFraming, persistence: Persistence,
        date: [UInt8], to output: inout [UInt8]
    ) {
        if status.code == 200 {
            output.append(contentsOf: okLine)
        } else {
            output.append(contentsOf: "HTTP/1.1 ".utf8)
            appendDecimal(status.code, to: &output)
            output.append(Octet.space)
            output.append(contentsOf: status.reason.utf8)
            output.append(contentsOf: crlf)
        }
        appendFields(fields, to: &output)
        if !date.isEmpty {
            output.append(contentsOf: dateName)
            output.append(contentsOf: date)
            output.append(contentsOf: crlf)
        }
        switch framing {
        case .length(let length):
            output.append(contentsOf: lengthName)
            appendDecimal(length, to: &output)
            output.append(contentsOf: crlf)
        case .chunked: output.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        case .none, .untilClose: break
        }
        switch persistence {
        case .implied: break
        case .keepAlive: output.append(contentsOf: "Connection: keep-alive\r\n".utf8)
        case .close: output.append(contentsOf: "Connection: close\r\n".utf8)
        }
        output.append(contentsOf: crlf)
    }

    private static func appendFields(_ fields: HTTPFields, to output: inout [UInt8]) {
        if fields.isSerialized, !ownNames.contains(where: fields.contains) {
            output.append(contentsOf: fields.bytes)
            return
        }
        for index in fields.entries.indices where !ownNames.contains(where: { fields.matches(index, $0) }) {
            output.append(contentsOf: fields.bytes[fields.entries[index].name])
            output.append(Octet.colon)
            output.append(Octet.space)
            output.append(contentsOf: fields.bytes[fields.entries[index].value])
            output.append(contentsOf: crlf)
        }
    }

    /// The interim response that asks for the body (RFC 9110 section 15.2.1).
    package static let interimContinue = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// What precedes a chunk of `count` octets; `first` says that no chunk came before it.
    package static func chunkHead(_ count: Int, first: Bool) -> [UInt8] {
        var head = first ? [] : crlf
        head.append(contentsOf: String(count, radix: 16).utf8)
        head.append(contentsOf: crlf)
        return head
    }

    /// What ends a chunked body; `empty` says that it had no chunk.
    package static func lastChunk(empty: Bool) -> [UInt8] { Array((empty ? "0\r\n\r\n" : "\r\n0\r\n\r\n").utf8) }

    package static func appendDecimal(_ number: Int, to output: inout [UInt8]) {
        guard number >= 10 else {
            output.append(0x30 + UInt8(truncatingIfNeeded: max(number, 0)))
            return
        }
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            output.append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    private static let ownNames: [HTTPFieldName] = [.contentLength, .transferEncoding, .connection, .date]
    private static let okLine = Array("HTTP/1.1 200 OK\r\n".utf8)
    private static let crlf: [UInt8] = [0x0D, 0x0A]
    private static let dateName = Array("Date: ".utf8)
    private static let lengthName = Array("Content-Length: ".utf8)
}
