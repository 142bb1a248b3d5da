import HTTP
import Testing
import Wire

struct ResponseParserTests {
    private func parse(_ text: String, to method: HTTPMethod = .post, pieceSize: Int = .max) throws -> HTTPResponseHead?
    {
        var parser = HTTPResponseParser(to: method)
        var input = InputBuffer()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            input.append(rest.prefix(pieceSize))
            rest = rest.dropFirst(pieceSize)
            if let head = try parser.parse(&input) { return head }
        }
        return nil
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, HTTPFraming.length(5), true),
        ("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n", 200, .chunked, true),
        ("HTTP/1.1 200 \r\nContent-Length: 5\r\nConnection: close\r\n\r\n", 200, .length(5), false),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, .none, true),
        ("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", 304, .none, true),
        ("HTTP/1.0 200 OK\r\n\r\n", 200, .untilClose, false),
        ("HTTP/1.1 100 Continue\r\n\r\n", 100, .none, true),
    ])
    func `reads heads however they are cut`(text: String, status: Int, framing: HTTPFraming, persists: Bool) throws {
        for size in [Int.max, 1, 5] {
            let head = try #require(try parse(text, pieceSize: size))
            #expect(head.status.code == status && head.framing == framing && head.isPersistent == persists)
        }
    }

    @Test func `has no content in the answer to HEAD`() throws {
        let head = try #require(try parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", to: .head))
        #expect(head.framing == .none)
    }

    @Test(arguments: [
        "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n", "ICY 200 OK\r\n\r\n", "\r\n\r\n",
        "HTTP/1.1 200 OK\nX: y\n\n", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ])
    func `refuses what is no response`(text: String) {
        #expect(throws: HTTPRefusal.self) { try parse(text) }
    }
}
