import Testing
import Wire

@Suite struct Base64Tests {
    /// RFC 4648, section 10.
    static let vectors = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors) func `encodes and decodes the vectors of the RFC`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test func `carries every octet at every length`() {
        let all = (0..<600).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 / 256) }
        for count in 0..<all.count {
            let bytes = Array(all[..<count])
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.decodeURLSafe(Base64.encodeURLSafe(bytes)) == bytes)
        }
    }

    @Test(arguments: [
        "Zg", "Zg=", "Z", "Zm9v\n", " Zm9v", "Zm9=v", "Zh==", "Zm9=", "Zm9_", "====", "=", "Zg===", "Zm9vZg=", "Zm8ö",
    ])
    func `refuses what a correct encoder never writes`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func `knows the alphabet for URLs`() {
        #expect(Base64.encodeURLSafe([0xFB, 0xFF, 0xFE, 0xFF]) == "-__-_w")
        #expect(Base64.decodeURLSafe("-__-_w") == [0xFB, 0xFF, 0xFE, 0xFF])
        #expect(Base64.decodeURLSafe("-__-_w==") == [0xFB, 0xFF, 0xFE, 0xFF])
        #expect(Base64.decodeURLSafe("+//+/w") == nil)
        #expect(Base64.decodeURLSafe("-__-_w=") == nil)
    }
}
