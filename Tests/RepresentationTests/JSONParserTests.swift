import FoundationEssentials
import Representation
import Testing
import Wire

@Suite struct `JSON parser` {
    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .number("0")),
        ("-12.5e+3", .number("-12.5e+3")), (#""""#, .string("")), (#""\u00e4\ud83d\ude00\n\/""#, .string("ä😀\n/")),
        ("[]", .array([])), ("[1, [2]]", .array([.number("1"), .array([.number("2")])])), ("{}", .object([])),
        ("\r\n\t{\"a\" : [ ]}\n", .object([JSONMember(name: "a", value: .array([]))])),
    ])
    func `reads values`(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(Array(text.utf8)) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "truee", "01", "-", "1.", ".5", "1e", "+1", "NaN", "'a'", "\"", "\"a", "\"\\x\"",
        "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "[", "[1", "[1,",
        "[1,]", "[,1]", "{", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{} {}", "[1]]",
        "/* */ 1",
        "\u{FEFF}{}", #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#,
    ])
    func `refuses what is not one JSON text`(text: String) {
        #expect(throws: SyntaxError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func `refuses octets that are not UTF-8`() {
        for octets in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]] {
            #expect(throws: SyntaxError.self) { try JSONParser.parse([0x22] + octets + [0x22]) }
            #expect(throws: SyntaxError.self) { try JSONParser.parse([0x22, 0x5C, 0x6E] + octets + [0x22]) }
        }
    }

    @Test func `bounds depth and number of values`() throws {
        let deep = String(repeating: "[", count: 31) + "1" + String(repeating: "]", count: 31)
        #expect(throws: Never.self) { try JSONParser.parse(Array(deep.utf8)) }
        #expect(throws: SyntaxError.self) { try JSONParser.parse(Array("[\(deep)]".utf8)) }
        let bomb = String(repeating: "[", count: 1_000_000)
        #expect(throws: SyntaxError.self) { try JSONParser.parse(Array(bomb.utf8)) }
        let many = "[" + String(repeating: "0,", count: 100_001) + "0]"
        #expect(throws: SyntaxError.self) { try JSONParser.parse(Array(many.utf8)) }
    }

    static let document = Array(
        #"{"to":[{"name":"Jö \"x\"","email":"a@b.c"}],"n":-1.5e3,"t":[true,false,null],"e":"\ud83d\ude00\\"}"#.utf8)

    @Test func `needs every octet of a document`() {
        for end in 0..<Self.document.count {
            #expect(throws: SyntaxError.self, "cut at \(end)") { try JSONParser.parse(Array(Self.document[..<end])) }
        }
    }

    @Test func `accepts nothing that Foundation refuses`() throws {
        var generator = SeededGenerator(seed: 8259)
        var accepted = 0
        for _ in 0..<4000 {
            var bytes = Self.document
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                    in: 0x09...0xFF, using: &generator)
            }
            guard (try? JSONParser.parse(bytes)) != nil else { continue }
            accepted += 1
            #expect(throws: Never.self) { try JSONDecoder().decode(Witness.self, from: Data(bytes)) }
        }
        #expect(accepted > 100)
    }

    /// Decodes any object, so that Foundation's grammar can be compared with ours.
    private struct Witness: Decodable {
        struct Name: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Name.self) }
    }
}

/// SplitMix64: the same mutations in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
