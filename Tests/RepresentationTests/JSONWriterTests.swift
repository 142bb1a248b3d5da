import FoundationEssentials
import Representation
import Testing

@Suite struct `JSON writer` {
    @Test(arguments: [
        "", "plain", "say \"hi\"", "back\\slash", "a/b", "line\r\nbreak\ttab", "\u{0}\u{1}\u{1F}\u{7F}", "häßlich",
        "日本語",
        "👩‍👩‍👧", "\u{2028}\u{2029}\u{2027}\u{202A}", "â€™", "\u{FEFF}", "end\\",
    ])
    func `escapes what JSON wants and Foundation reads the same text back`(text: String) throws {
        let bytes = JSONWriter.bytes(of: text)
        let decoded = try JSONDecoder().decode([String].self, from: Data([0x5B] + bytes + [0x5D]))
        #expect(decoded == [text])
        #expect(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    }

    @Test func `keeps the declared order, puts commas between, writes null`() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("b", 1)
            writer.member("a", nil as String?)
            writer.member("list", array: ["x", "y"])
            writer.member("empty", array: [] as [String])
            writer.member("object", object: { $0.member("yes", true) })
            writer.member("nothing", object: { _ in })
            writer.member("last", -7)
        }
        let expected =
            #"{"b":1,"a":null,"list":["x","y"],"empty":[],"object":{"yes":true},"nothing":{},"last":-7}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test func `escapes U+2028, which is a line end in old JavaScript`() {
        #expect(String(decoding: JSONWriter.bytes(of: "a\u{2028}b"), as: UTF8.self) == #""a\u2028b""#)
    }
}
