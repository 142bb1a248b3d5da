import SMTP
import Testing

@Suite struct DataEncoderTests {
    static let table: [(String, String)] = [
        ("", ".\r\n"),
        ("a", "a\r\n.\r\n"),
        ("a\r\n", "a\r\n.\r\n"),
        (".", "..\r\n.\r\n"),
        ("..", "...\r\n.\r\n"),
        (".\r\n", "..\r\n.\r\n"),
        ("a\r\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n"),
        ("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"),
        ("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"),
        ("a\r\n.\r", "a\r\n..\r\n.\r\n"),
        ("a\n.\r\nMAIL FROM:<x@y>\r\n", "a\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n"),
        ("a\r\n.\nMAIL FROM:<x@y>\r\n", "a\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n"),
        ("a\r.\r\nMAIL FROM:<x@y>\r\n", "a\r\n..\r\nMAIL FROM:<x@y>\r\n.\r\n"),
        ("a\r\r\n.\r\r\nb", "a\r\n\r\n..\r\n\r\nb\r\n.\r\n"),
        ("\n\n", "\r\n\r\n.\r\n"),
        ("\r\n\r\n", "\r\n\r\n.\r\n"),
        ("\n\r", "\r\n\r\n.\r\n"),
        ("\r", "\r\n.\r\n"),
        ("a.b.\r\nc.", "a.b.\r\nc.\r\n.\r\n"),
        ("\r\n..\r\n...", "\r\n...\r\n....\r\n.\r\n"),
    ]

    @Test(arguments: table) func `stuffs dots and mends line ends, wherever it is cut`(content: String, wire: String) {
        let bytes = Array(content.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var encoder = DataEncoder()
                let parts = [bytes[..<first], bytes[first..<second], bytes[second...]].map { encoder.encode(Array($0)) }
                let output =
                    String(decoding: parts.joined(), as: UTF8.self) + String(decoding: encoder.finish(), as: UTF8.self)
                #expect(output == wire, "cut at \(first) and \(second)")
            }
        }
    }

    @Test func `is ready for the next message after the dot`() {
        var encoder = DataEncoder()
        _ = encoder.encode(Array("a\r".utf8))
        _ = encoder.finish()
        let next = encoder.encode(Array("\n.".utf8))
        #expect(next == Array("\r\n..".utf8))
    }

    /// Random soup of the octets that matter: one final dot, no bare CR or LF, and a server reads back what was meant.
    @Test(arguments: 0..<200 as Range<UInt64>) func `never lets a message end early`(seed: UInt64) {
        var random = SplitMix(seed)
        let alphabet = Array("\r\n..a".utf8)
        let content = (0..<Int.random(in: 0...60, using: &random)).map { _ in
            alphabet.randomElement(using: &random) ?? 0
        }
        var encoder = DataEncoder()
        var wire: [UInt8] = []
        var rest = content[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...7, using: &random)
            encoder.encode(rest.prefix(count), into: &wire)
            rest = rest.dropFirst(count)
        }
        wire += encoder.finish()
        for index in wire.indices {
            if wire[index] == 0x0A { #expect(index > 0 && wire[index - 1] == 0x0D) }
            if wire[index] == 0x0D { #expect(index + 1 < wire.count && wire[index + 1] == 0x0A) }
        }
        let lines = String(decoding: wire, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.firstIndex(of: ".") == lines.count - 2)
        let read = lines.dropLast(2).map { $0.hasPrefix(".") ? $0.dropFirst() : $0 }
        #expect(Array(read.joined(separator: "\n")) == Array(normalised(content)))
    }

    /// The content's lines joined by LF, written the plain way.
    private func normalised(_ content: [UInt8]) -> String {
        var text = String(decoding: content, as: UTF8.self).unicodeScalars.map { $0 }
        var result = ""
        while !text.isEmpty {
            let scalar = text.removeFirst()
            if scalar == "\r", text.first == "\n" { text.removeFirst() }
            result.unicodeScalars.append(scalar == "\r" ? "\n" : scalar)
        }
        if result.hasSuffix("\n") { result.removeLast() }
        return result
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
