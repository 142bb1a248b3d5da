import SMTP
import Testing
import Wire

@Suite struct SMTPReplyParserTests {
    private func parse(_ text: String) throws -> [SMTPReply] {
        var input = InputBuffer(Array(text.utf8))
        var parser = SMTPReplyParser()
        var replies: [SMTPReply] = []
        while let reply = try parser.next(&input) { replies.append(reply) }
        return replies
    }

    @Test(arguments: [
        ("250 OK\r\n", SMTPReply(code: 250, lines: ["OK"])),
        ("250\r\n", SMTPReply(code: 250, lines: [""])),
        ("250 \r\n", SMTPReply(code: 250, lines: [""])),
        ("250 OK\n", SMTPReply(code: 250, lines: ["OK"])),
        ("250OK\r\n", SMTPReply(code: 250, lines: ["OK"])),
        ("250-a\r\n250-b\r\n250 c\r\n", SMTPReply(code: 250, lines: ["a", "b", "c"])),
        ("250-a\r\n250\r\n", SMTPReply(code: 250, lines: ["a", ""])),
        (
            "550 5.1.1 No such user\r\n",
            SMTPReply(code: 550, enhancedCode: EnhancedStatusCode(5, 1, 1), lines: ["No such user"])
        ),
        ("550 5.1.1\r\n", SMTPReply(code: 550, enhancedCode: EnhancedStatusCode(5, 1, 1), lines: [""])),
        (
            "550-5.7.26 Unauthenticated\r\n550 5.7.26 see help\r\n",
            SMTPReply(code: 550, enhancedCode: EnhancedStatusCode(5, 7, 26), lines: ["Unauthenticated", "see help"])
        ),
        ("550 4.1.1 of another class\r\n", SMTPReply(code: 550, lines: ["4.1.1 of another class"])),
        ("250 2.0.0.1 is an address\r\n", SMTPReply(code: 250, lines: ["2.0.0.1 is an address"])),
        ("250 2.1000.0 is none\r\n", SMTPReply(code: 250, lines: ["2.1000.0 is none"])),
        ("550 a\u{0}b\u{7}\t\r\n", SMTPReply(code: 550, lines: ["a b"])),
        ("220 Grüß Gott\r\n", SMTPReply(code: 220, lines: ["Grüß Gott"])),
    ]) func `reads a reply`(text: String, reply: SMTPReply) throws {
        #expect(try parse(text) == [reply])
        for cut in 1..<text.utf8.count {
            var parser = SMTPReplyParser()
            var input = InputBuffer(Array(text.utf8.prefix(cut)))
            let early = try parser.next(&input)
            #expect(early == nil)
            input.append(Array(text.utf8.dropFirst(cut)))
            #expect(try parser.next(&input) == reply, "cut at \(cut)")
            #expect(input.isEmpty)
        }
    }

    @Test(arguments: [
        "25 OK\r\n", "\r\n", "abc\r\n", "2500 OK\r\n", "100 OK\r\n", "600 OK\r\n", "-250 OK\r\n", " 250 OK\r\n",
        "٢٥٠ OK\r\n",
    ])
    func `refuses what is no reply`(text: String) {
        #expect {
            try parse(text)
        } throws: { error in
            if case SMTPError.malformedReply = error { true } else { false }
        }
    }

    @Test func `refuses lines of different codes`() {
        #expect(throws: SMTPError.mixedReplyCodes(250, 550)) { try parse("250-a\r\n550 b\r\n") }
    }

    @Test func `takes one reply at a time`() throws {
        #expect(try parse("250 a\r\n550-b\r\n550 c\r\n354 d\r\n").map(\.code) == [250, 550, 354])
    }

    @Test func `stops endless lines and replies`() {
        let long = String(repeating: "a", count: SMTPLimits.maximumReplyLineOctets)
        #expect(throws: SMTPError.limitExceeded("maximumReplyLineOctets")) { try parse("250 \(long)\r\n") }
        #expect(throws: SMTPError.limitExceeded("maximumReplyLineOctets")) { try parse("250 \(long)") }
        let many = String(repeating: "250-a\r\n", count: SMTPLimits.maximumReplyLines + 1)
        #expect(throws: SMTPError.limitExceeded("maximumReplyLines")) { try parse(many) }
        let wide = String(repeating: "250-\(long.prefix(10_000))\r\n", count: 7)
        #expect(throws: SMTPError.limitExceeded("maximumReplyOctets")) { try parse(wide) }
    }

    /// Mutated replies give replies or errors: every code has three digits, and nothing is read twice.
    @Test(arguments: 0..<100 as Range<UInt64>) func `survives mutation`(seed: UInt64) {
        var random = SplitMix(seed)
        let seeds = [
            "250-foo greets bar\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n", "550 5.1.1 no\r\n", "354 go\r\n",
            "421 bye\r\n",
        ]
        for _ in 0..<50 {
            var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(Array("0123456789-. \r\n".utf8).randomElement(using: &random) ?? 0, at: index)
                case 2: if bytes.count > 1 { bytes.remove(at: index) }
                default: bytes.append(contentsOf: bytes[index...])
                }
            }
            var input = InputBuffer(bytes)
            var parser = SMTPReplyParser()
            var left = input.count
            do {
                while let reply = try parser.next(&input) {
                    #expect((200..<600).contains(reply.code))
                    #expect(!reply.lines.isEmpty && reply.lines.count <= SMTPLimits.maximumReplyLines)
                    #expect(!reply.text.unicodeScalars.contains { $0.value < 0x20 })
                    #expect(input.count < left)
                    left = input.count
                    _ = SMTPCapabilities(reply)
                }
            } catch {
                #expect(input.count <= left)
            }
        }
    }
}
