import HTTP
import Testing
import Wire

struct BodyTests {
    /// All octets of a body that arrives in pieces, and the trailers' description; nil where it is not whole.
    private func decode(
        _ text: String, _ framing: HTTPFraming = .chunked, pieceSize: Int = .max, limits: HTTPLimits = HTTPLimits()
    ) throws -> (body: String, rest: Int, trailers: HTTPFields)? {
        var decoder = BodyDecoder(framing, limits: limits)
        var input = InputBuffer()
        var body: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            input.append(rest.prefix(pieceSize))
            rest = rest.dropFirst(pieceSize)
            loop: while let part = try decoder.next(&input, atMost: 3) {
                switch part {
                case .bytes(let bytes): body += bytes
                case .end:
                    return (String(decoding: body, as: UTF8.self), input.count + rest.count, decoder.trailers)
                }
            }
        }
        return nil
    }

    @Test func `takes the chunked coding off, however it is cut`() throws {
        let text = "5\r\nhello\r\n00A;name=\"v;\" ; x\r\n, world ok\r\n0\r\nX-Sum: 7\r\nHost: evil\r\n\r\nGET"
        for size in 1...text.utf8.count {
            let decoded = try #require(try decode(text, pieceSize: size))
            #expect(decoded.body == "hello, world ok")
            #expect(decoded.rest == 3)
            #expect(decoded.trailers["x-sum"] == "7" && decoded.trailers.count == 1)
        }
    }

    @Test func `stops at the announced length`() throws {
        let decoded = try #require(try decode("helloGET", .length(5), pieceSize: 2))
        #expect(decoded.body == "hello" && decoded.rest == 3)
        let short = try decode("hell", .length(5))
        #expect(short == nil)
    }

    @Test(arguments: [
        "\r\n", "g\r\n", "-1\r\n", "0x5\r\nhello", "5\nhello", "5\r\nhelloX", "5\r\nhello\n0\r\n\r\n",
        "5\rX", "5 x\u{1}\r\n", "5;a\nb\r\nhello\r\n", "11111111111111111\r\n", "FFFFFFFFFFFFFFFF\r\n",
        "0\r\nX : y\r\n\r\n", "0\r\nX: y\n\r\n", "0\r\n\rX", ";a=b\r\n", "5\r\nhello\r\r\n", " 5\r\nhello\r\n",
    ])
    func `refuses a broken chunk`(text: String) {
        for size in [Int.max, 1] {
            #expect(throws: HTTPRefusal.self) { try decode(text, pieceSize: size) }
        }
    }

    @Test func `bounds extensions and trailers`() {
        let line = "1;" + String(repeating: "e", count: 300)
        #expect(throws: HTTPRefusal.self) { try decode(line) }
        var limits = HTTPLimits()
        limits.chunkExtensions = 100
        let many = String(repeating: "1;eeeeeeeeee\r\nx\r\n", count: 20)
        #expect(throws: HTTPRefusal.self) { try decode(many, limits: limits) }
        let trailers = "0\r\n" + String(repeating: "X: y\r\n", count: 200)
        #expect(throws: HTTPRefusal.fieldsTooLarge) { try decode(trailers) }
    }

    @Test func `ends with the connection where nothing else says so`() throws {
        var decoder = BodyDecoder(.untilClose)
        var input = InputBuffer(Array("abc".utf8))
        let part = try decoder.next(&input)
        #expect(part == .bytes(Array("abc".utf8)))
        let whole = decoder.finish()
        #expect(whole)
        var cut = BodyDecoder(.length(4))
        var three = InputBuffer(Array("abc".utf8))
        _ = try cut.next(&three)
        let isWhole = cut.finish()
        #expect(!isWhole)
    }
}
