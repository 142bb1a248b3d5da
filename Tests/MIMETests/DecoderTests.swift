import FoundationEssentials
import MIME
import Testing
import Wire

@Suite struct DecoderTests {
    static let encoded: [(TransferEncoding, String, String)] = [
        (TransferEncoding.base64, "SGVs\r\nbG8g\r\nd29y\r\nbGQh\r\n", "Hello world!"), (.base64, "SGVsbG8", "Hello"),
        (.base64, "SGU=bGxv", "Hello"), (.base64, "SG!V$sb*G8=", "Hello"), (.base64, "-_-_", "\u{FFFD}"),
        (.base64, "====", ""),
        (
            .base64,
            """
            QSBsaW5lIG9mIGJhc2U2NCBoYXMgNzYgZGlnaXRzLCBhbmQgaXMgZGVjb2RlZCBlaWdodCBhdCBh\r
            IHRpbWUgYnV0IGZvciBpdHMgZW5kOyB0aGVuIGNvbWVzIHRoZSBuZXh0Lg==
            """,
            "A line of base64 has 76 digits, and is decoded eight at a time but for its end; then comes the next."
        ),
        (.quotedPrintable, "a=3Db =\r\nc=E2=82=AC  \r\nd", "a=b c€\r\nd"), (.quotedPrintable, "=zz=4", "=zz=4"),
        (.quotedPrintable, "soft= \t\r\nbreak", "softbreak"), (.quotedPrintable, "lf=\nonly=3d", "lfonly="),
        (.quotedPrintable, "==3D=", "=="), (.sevenBit, "as is", "as is"),
        (.uuencode, "junk\nbegin 644 cat.txt\n#0V%T\n`\nend\nmore", "Cat"),
    ]

    @Test(arguments: encoded)
    func `decodes the same in any pieces`(encoding: TransferEncoding, encoded: String, plain: String) {
        let input = Array(encoded.utf8)
        for size in 1...max(input.count, 1) {
            var decoder = TransferDecoder(encoding)
            var output: [UInt8] = []
            for start in stride(from: 0, to: input.count, by: size) {
                output += decoder.decode(Array(input[start..<min(start + size, input.count)]))
            }
            output += decoder.finish()
            if plain == "\u{FFFD}" {
                #expect(output == [0xFB, 0xFF, 0xBF])
            } else {
                #expect(String(decoding: output, as: UTF8.self) == plain)
            }
        }
    }

    @Test(arguments: [1, 7, 8, 16, 17, 76, 1000]) func `decodes base64 of any length, line and piece`(piece: Int) {
        for count in 0..<200 {
            let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count) }
            let encoded = Array(
                Data(octets).base64EncodedData(options: count % 2 == 0 ? [] : [.lineLength76Characters]))
            var decoder = TransferDecoder(.base64)
            var output: [UInt8] = []
            for start in stride(from: 0, to: encoded.count, by: piece) {
                output += decoder.decode(Array(encoded[start..<min(start + piece, encoded.count)]))
            }
            output += decoder.finish()
            #expect(output == octets && decoder.problem == nil)
        }
    }

    @Test(arguments: [nil, "us-ascii", "no-such"]) func `a text of no known charset may end in a letter with an accent`(
        label: String?
    ) {
        var decoder = CharsetDecoder(label: label)
        let output = decoder.decode([0x63, 0x61, 0x66, 0xE9]) + decoder.finish()
        #expect(String(decoding: output, as: UTF8.self) == "caf\u{E9}")
        #expect(decoder.problem != nil)
    }

    @Test func `says what was wrong`() {
        var decoder = TransferDecoder(.base64)
        _ = decoder.decode(Array("SGVsbG8=".utf8))
        #expect(decoder.problem == nil)
        _ = decoder.decode(Array("!".utf8))
        #expect(decoder.problem == .malformedBase64)
    }

    static let labelled: [(String?, String)] = [
        ("utf-8", "Grüße 東京 👋"), ("iso-2022-jp", "会議のお知らせ ABC ｶﾅ①"), ("shift_jis", "表示ソ能①"), ("gb2312", "你好，朱镕基"),
        ("koi8-r", "Привет"), ("iso-8859-1", "Grüße"), ("windows-1252", "“€”"), ("utf-16be", "Ünï👋"), ("euc-kr", "안녕"),
        (nil, "naïve"),
    ]

    @Test(arguments: labelled)
    func `decodes charsets in any pieces`(label: String?, text: String) throws {
        let input = try #require(Self.samples[text])
        for size in 1...input.count {
            var decoder = CharsetDecoder(label: label)
            var output: [UInt8] = []
            for start in stride(from: 0, to: input.count, by: size) {
                output += decoder.decode(Array(input[start..<min(start + size, input.count)]))
            }
            output += decoder.finish()
            let problem = decoder.problem
            #expect(String(decoding: output, as: UTF8.self) == text)
            #expect(problem == nil)
        }
    }

    /// Made with Python's codecs.
    static let samples: [String: [UInt8]] = [
        "Grüße 東京 👋": [
            0x47, 0x72, 0xC3, 0xBC, 0xC3, 0x9F, 0x65, 0x20, 0xE6, 0x9D, 0xB1, 0xE4, 0xBA, 0xAC, 0x20, 0xF0, 0x9F, 0x91,
            0x8B,
        ],
        "会議のお知らせ ABC ｶﾅ①": [
            0x1B, 0x24, 0x42, 0x32, 0x71, 0x35, 0x44, 0x24, 0x4E, 0x24, 0x2A, 0x43, 0x4E, 0x24, 0x69, 0x24, 0x3B, 0x1B,
            0x28, 0x42, 0x20, 0x41, 0x42, 0x43, 0x20, 0x1B, 0x28, 0x49, 0x36, 0x45, 0x1B, 0x24, 0x42, 0x2D, 0x21, 0x1B,
            0x28, 0x42,
        ],
        "表示ソ能①": [0x95, 0x5C, 0x8E, 0xA6, 0x83, 0x5C, 0x94, 0x5C, 0x87, 0x40],
        "你好，朱镕基": [0xC4, 0xE3, 0xBA, 0xC3, 0xA3, 0xAC, 0xD6, 0xEC, 0xE9, 0x46, 0xBB, 0xF9],
        "Привет": [0xF0, 0xD2, 0xC9, 0xD7, 0xC5, 0xD4],
        "Grüße": [0x47, 0x72, 0xFC, 0xDF, 0x65],
        "“€”": [0x93, 0x80, 0x94],
        "Ünï👋": [0x00, 0xDC, 0x00, 0x6E, 0x00, 0xEF, 0xD8, 0x3D, 0xDC, 0x4B],
        "안녕": [0xBE, 0xC8, 0xB3, 0xE7],
        "naïve": [0x6E, 0x61, 0xC3, 0xAF, 0x76, 0x65],
    ]

    @Test func `replaces what cannot be decoded, in linear time`() {
        for label in ["utf-8", "shift_jis", "gb18030", "iso-2022-jp", "utf-7", "utf-16", "big5", "no-such-charset"] {
            var generator = SeededGenerator(seed: 3)
            let noise = (0..<30_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var decoder = CharsetDecoder(label: label)
            var output = decoder.decode(noise)
            output += decoder.finish()
            let problem = decoder.problem
            #expect(problem != nil)
            #expect(String(validating: output, as: UTF8.self) != nil)
        }
    }

    @Test func `decodes a stream in constant memory`() {
        var decoder = TransferDecoder(.base64)
        let line = Array((String(repeating: "QUJD", count: 19) + "\r\n").utf8)
        var total = 0
        for _ in 0..<1_000 { total += decoder.decode(line).count }
        #expect(total + decoder.finish().count == 57_000)
    }
}
