import HTTP
import Testing

struct FieldsTests {
    @Test func `sets, adds and removes without regard to case`() {
        var fields: HTTPFields = [.contentType: "text/plain", .vary: "Origin"]
        fields.append("VARY", "Accept")
        #expect(fields[.vary] == "Origin, Accept")
        fields["vary"] = "Host"
        #expect(fields.values(of: .vary) == ["Host"])
        fields[.contentType] = nil
        #expect(fields.count == 1 && !fields.contains(.contentType))
        #expect(fields == ["VARY": "Host"] as HTTPFields)
        #expect(fields != ["Vary": "host"] as HTTPFields)
    }

    @Test func `lets no value start another line`() {
        let fields: HTTPFields = [.location: "/a\r\nSet-Cookie: b\0\u{7F}\tc"]
        #expect(fields[.location] == "/a  Set-Cookie: b  \tc")
        var output: [UInt8] = []
        ResponseEncoder.appendHead(
            .ok, fields, framing: .none, persistence: .implied, date: [], to: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == "HTTP/1.1 200 OK\r\nLocation: /a  Set-Cookie: b  \tc\r\n\r\n")
    }

    @Test func `takes only tokens for names`() {
        let good = "X-Ok_1"
        #expect(HTTPFieldName(good)?.text == good)
        for name in ["", "a b", "a:", "a\r", "é", String(repeating: "a", count: 256)] {
            #expect(HTTPFieldName(name) == nil)
        }
    }

    @Test func `prints names, never values`() {
        let fields: HTTPFields = [.authorization: "Bearer secret"]
        #expect("\(fields)" == "[Authorization]")
    }
}

struct ResponseEncoderTests {
    private func encode(
        _ status: HTTPStatus, _ fields: HTTPFields, _ framing: HTTPFraming,
        _ persistence: ResponseEncoder.Persistence = .implied
    ) -> String {
        var output: [UInt8] = []
        ResponseEncoder.appendHead(
            status, fields, framing: framing, persistence: persistence, date: HTTPDate.format(784_111_777), to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `writes heads`() {
        #expect(
            encode(.ok, [.etag: "\"x\""], .length(1234))
                == "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                + "Content-Length: 1234\r\n\r\n")
        #expect(
            encode(404, [:], .chunked, .close)
                == "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        #expect(encode(299, [:], .none, .keepAlive).hasPrefix("HTTP/1.1 299 \r\n"))
    }

    @Test func `owns framing, date and connection`() {
        let head = encode(
            .ok,
            [.contentLength: "9", .transferEncoding: "gzip", .connection: "x", .date: "never", .vary: "y"], .length(0))
        #expect(
            head
                == "HTTP/1.1 200 OK\r\nVary: y\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func `frames chunks`() {
        #expect(ResponseEncoder.chunkHead(255, first: true) == Array("ff\r\n".utf8))
        #expect(ResponseEncoder.chunkHead(16, first: false) == Array("\r\n10\r\n".utf8))
        #expect(ResponseEncoder.lastChunk(empty: false) == Array("\r\n0\r\n\r\n".utf8))
    }
}
