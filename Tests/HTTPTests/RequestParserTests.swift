import HTTP
import Testing
import Wire

/// What a parser makes of `text` that arrives in pieces of `size`.
func parse(_ text: String, pieceSize size: Int = .max, limits: HTTPLimits = HTTPLimits()) throws -> HTTPRequest? {
    var parser = HTTPRequestParser(limits: limits)
    var input = InputBuffer()
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        input.append(rest.prefix(size))
        rest = rest.dropFirst(size)
        if let request = try parser.parse(&input) { return request }
    }
    return nil
}

struct RequestParserTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        let text: String
        let status: Int
        var testDescription: String { String(text.prefix(60)).debugDescription }

        init(_ status: Int, _ text: String) {
            self.text = text
            self.status = status
        }
    }

    static let refused: [Refused] = [
        // Framing: the doors of request smuggling.
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 4\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3 4\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3,\r\n\r\n"),
        Refused(413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n"),
        Refused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n"),
        Refused(501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
        Refused(400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
        // Field lines.
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX\t: b\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tfolded\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\nY: c\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\u{7F}c\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nNoColon\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nXé: b\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\n\rX: y\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\nHost: a\n\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\n\n"),
        // Host.
        Refused(400, "GET / HTTP/1.1\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a:1234567\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1\r\nHost: a, b\0\r\n\r\n"),
        // Request line.
        Refused(400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
        Refused(400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET /\r\n\r\n"),
        Refused(400, "GET / http/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET / HTTP/11\r\nHost: a\r\n\r\n"),
        Refused(400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET /é HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(400, "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\r\n"),
        Refused(505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
        Refused(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Refused(501, String(repeating: "A", count: 40) + " / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(417, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 200-maybe\r\n\r\n"),
        // Sizes.
        Refused(414, "GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
        Refused(414, "GET /" + String(repeating: "a", count: 9000)),
        Refused(431, "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 17_000) + "\r\n\r\n"),
        Refused(431, "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 17_000)),
        Refused(431, "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 101) + "\r\n"),
        Refused(
            431,
            "GET / HTTP/1.1\r\nHost: a\r\n"
                + String(repeating: "X: " + String(repeating: "a", count: 8000) + "\r\n", count: 9) + "\r\n"),
    ]

    @Test(arguments: refused)
    func `refuses what could mean two things`(_ refused: Refused) {
        for size in [Int.max, 7, 1] where size > 1 || refused.text.utf8.count < 300 {
            let refusal = #expect(throws: HTTPRefusal.self) { try parse(refused.text, pieceSize: size) }
            #expect(refusal?.status.code == refused.status, "in pieces of \(size): \(String(describing: refusal))")
        }
    }

    @Test func `reads a request however it is cut`() throws {
        let text =
            "\r\nPOST /v1/a%20b/c?x=1&y=a+b%26&z HTTP/1.1\r\nHost: mail.example:8825\r\ncontent-length:  12 \r\n"
            + "Accept: application/json\r\nX-Empty:\r\nACCEPT: text/plain;q=0.5\t\r\nX-Obs: gr\u{FC}n\r\n\r\n"
        let whole = try #require(try parse(text))
        for cut in 1..<text.utf8.count {
            let bytes = Array(text.utf8)
            var parser = HTTPRequestParser()
            var input = InputBuffer(Array(bytes[..<cut]))
            let early = try parser.parse(&input)
            #expect(early == nil)
            input.append(bytes[cut...])
            let late = try parser.parse(&input)
            let request = try #require(late)
            #expect(request.fields == whole.fields && request.target == whole.target && input.isEmpty)
        }
        #expect(whole.method == .post)
        #expect(whole.framing == .length(12))
        #expect(whole.target.path == "/v1/a%20b/c")
        #expect(whole.target.segments == ["v1", "a b", "c"])
        let items = whole.target.queryItems.map { [$0.name, $0.value] }
        #expect(items == [["x", "1"], ["y", "a b&"], ["z", ""]])
        #expect(whole.fields["content-LENGTH"] == "12")
        #expect(whole.fields[.accept] == "application/json, text/plain;q=0.5")
        #expect(whole.fields.values(of: .accept) == ["application/json", "text/plain;q=0.5"])
        #expect(whole.fields["x-empty"] == "")
        #expect(whole.fields["x-obs"] == "gr\u{FC}n")
        #expect(whole.fields["x-none"] == nil)
        #expect(whole.isPersistent)
    }

    @Test(
        arguments: [
            ("GET http://mail.example/v1/x?y HTTP/1.1\r\nHost: other\r\n\r\n", .absolute, "/v1/x", "y"),
            ("GET HTTPS://[::1]:80 HTTP/1.1\r\nHost: other\r\n\r\n", .absolute, "", nil),
            ("GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n", .absolute, "", "b"),
            ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", .asterisk, "", nil),
            ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .authority, "", nil),
            ("GET /?a?b HTTP/1.0\r\n\r\n", .origin, "/", "a?b"),
            ("GET //x/ HTTP/1.1\r\nHost: a\r\n\r\n", .origin, "//x/", nil),
            ("GET /?f={\"a\":1}|^ HTTP/1.1\r\nHost: a\r\n\r\n", .origin, "/", "f={\"a\":1}|^"),
            ("GET / HTTP/1.7\r\nHost: a\r\n\r\n", .origin, "/", nil),
        ] as [(String, HTTPTarget.Form, String, String?)])
    func `knows the four forms of a target`(text: String, form: HTTPTarget.Form, path: String, query: String?) throws {
        let request = try #require(try parse(text))
        #expect(request.target.form == form)
        #expect(request.target.path == path)
        #expect(request.target.query == query)
    }

    @Test(arguments: [
        ("HTTP/1.1\r\nHost: a\r\n", true), ("HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", false),
        ("HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n", false), ("HTTP/1.0\r\n", false),
        ("HTTP/1.0\r\nConnection: keep-alive\r\n", true),
        ("HTTP/1.0\r\nConnection: keep-alive, close\r\n", false),
    ])
    func `knows whether the connection lives on`(head: String, persists: Bool) throws {
        let request = try #require(try parse("GET / " + head + "\r\n"))
        #expect(request.isPersistent == persists)
    }

    @Test func `takes equal lengths as one, and expectations only where a body follows`() throws {
        let twice = try #require(
            try parse("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\n"))
        #expect(twice.framing == .length(5))
        let waiting = try #require(
            try parse("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n"))
        #expect(waiting.expectsContinue)
        let pointless = try #require(try parse("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"))
        #expect(!pointless.expectsContinue)
        let old = try #require(
            try parse("PUT / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"))
        #expect(!old.expectsContinue)
    }

    @Test func `reads pipelined heads one after the other`() throws {
        var parser = HTTPRequestParser()
        var input = InputBuffer(
            Array("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nDELETE /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3".utf8))
        let first = try parser.parse(&input)
        #expect(first?.target.path == "/1")
        let second = try parser.parse(&input)
        #expect(second?.target.path == "/2" && second?.method == .delete)
        let third = try parser.parse(&input)
        #expect(third == nil && input.count == 6)
    }

    @Test func `survives random damage, cut in pieces, with the same answer`() {
        var generator = SplitMix64(seed: 7)
        let text =
            "POST /v1/x?y=%41 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\nConnection: keep-alive\r\n"
            + "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        for _ in 0..<3000 {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[Int.random(in: bytes.indices, using: &generator)], at: index)
                }
            }
            bytes += Array("\r\n\r\n".utf8)
            let whole = outcome(bytes, pieceSize: .max)
            let cut = outcome(bytes, pieceSize: Int.random(in: 1...9, using: &generator))
            #expect(whole == cut)
        }
    }

    /// The refusal's status, the framing, or nothing.
    private func outcome(_ bytes: [UInt8], pieceSize: Int) -> String {
        var parser = HTTPRequestParser()
        var input = InputBuffer()
        var rest = bytes[...]
        do {
            while !rest.isEmpty {
                input.append(rest.prefix(pieceSize))
                rest = rest.dropFirst(pieceSize)
                if let request = try parser.parse(&input) { return "\(request.framing) \(request.target.raw)" }
            }
            return "incomplete"
        } catch {
            return "\(error)"
        }
    }
}

/// A generator with a seed, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
