import POP3
import Testing
import Wire

@Suite struct ContentTests {
    private func decode(_ text: String, piece: Int = .max) -> (content: String, isEnd: Bool, rest: String) {
        var decoder = DotDecoder()
        var input = InputBuffer()
        var content: [UInt8] = []
        var rest = Array(text.utf8)[...]
        var isEnd = false
        while !rest.isEmpty {
            input.append(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            if !isEnd { isEnd = decoder.decode(&input, into: &content) }
        }
        return (String(decoding: content, as: UTF8.self), isEnd, String(decoding: input.takeAll(), as: UTF8.self))
    }

    @Test(arguments: [
        ("a\r\n.\r\n", "a\r\n"), (".\r\n", ""), ("..\r\n.\r\n", ".\r\n"), ("...a\r\n.\r\n", "..a\r\n"),
        (".a\r\n.\r\n", "a\r\n"), ("a\r\n..\r\nb\r\n.\r\n", "a\r\n.\r\nb\r\n"), ("a.\r\n.\r\n", "a.\r\n"),
        ("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n"), ("a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n"), (".\rb\r\n.\r\n", "\rb\r\n"),
        (".\r\r\n.\r\n", "\r\r\n"), ("a\r\r\n.\r\n", "a\r\r\n"), ("\r\n.\r\n", "\r\n"), (".\n.\r\n.\r\n", "\n.\r\n"),
    ])
    func `dots come off, and only a dot alone between CRLF is the end`(wire: String, content: String) {
        for piece in 1...(wire.utf8.count + 4) {
            let decoded = decode(wire + "+OK", piece: piece)
            #expect(decoded.content == content, "pieces of \(piece)")
            #expect(decoded.isEnd)
            #expect(decoded.rest == "+OK")
        }
    }

    @Test(arguments: ["a\r\n.", "a\r\n.\r", "a\n.\n", "a\r\n..\r\n"]) func `what has no end goes on`(wire: String) {
        #expect(!decode(wire).isEnd)
    }

    private let setUp = "S: +OK\nC: CAPA\nS: -ERR\nC: USER mrose\nS: +OK\nC: PASS tanstaaf\nS: +OK\n"

    @Test func `pipelined commands are answered in their order`() {
        let outcome = Transcript(
            setUp + """
                C: TOP 1 0
                C: DELE 2
                C: TOP 3 0
                C: DELE 4
                S: +OK
                S: Subject: one
                S: ..dotted
                S: .
                S: +OK gone
                S: -ERR no such message
                S: +OK 1 12
                C: QUIT
                S: -ERR some deleted messages not removed
                """
        ).playCut(
            .password(isEncrypted: true), commands: [.top(1, lines: 0), .delete(2), .top(3, lines: 0), .delete(4)])
        #expect(
            outcome.events == [
                .ready, .reply(POP3Reply(isOK: true)), .content(Array("Subject: one\r\n.dotted\r\n".utf8)),
                .endOfContent, .reply(POP3Reply(isOK: true, text: "gone")),
                .reply(POP3Reply(isOK: false, text: "no such message")), .reply(POP3Reply(isOK: true, text: "1 12")),
                .closed(POP3Reply(isOK: false, text: "some deleted messages not removed")),
            ])
    }

    /// A line in a message that looks like a reply is none.
    @Test func `content is no reply`() {
        let outcome = Transcript(setUp + "C: RETR 1\nS: +OK\nS: -ERR in the text\nS: +OK too\nS: .\nC: QUIT\nS: +OK")
            .playCut(.password(isEncrypted: true), commands: [.retrieve(1)])
        #expect(outcome.events.contains(.content(Array("-ERR in the text\r\n+OK too\r\n".utf8))))
        #expect(outcome.error == nil)
    }

    @Test(arguments: ["* OK", "OK", "220 smtp", "+OKAY", ""]) func `what is no reply ends it`(line: String) {
        #expect(Transcript("S: \(line)\n").play(.password()).error == .malformedReply)
    }

    @Test func `octets that nobody asked for end it`() {
        let outcome = Transcript(setUp + "S: +OK surprise").play(.password(isEncrypted: true), quits: false)
        #expect(outcome.error == .outOfStep(.idle))
    }

    @Test func `endless lines and capabilities are stopped`() {
        let long = String(repeating: "a", count: POP3Limits.maximumReplyOctets)
        #expect(Transcript("S: +OK \(long)").play(.password()).error == .limitExceeded("maximumReplyOctets"))
        let many = String(repeating: "S: X\n", count: POP3Limits.maximumCapabilityLines + 1)
        #expect(
            Transcript("S: +OK\nC: CAPA\nS: +OK\n\(many)S: .").play(.password()).error
                == .limitExceeded("maximumCapabilityLines"))
        let wide = String(repeating: "S: \(long.prefix(10_000))\n", count: 4)
        #expect(
            Transcript("S: +OK\nC: CAPA\nS: +OK\n\(wide)S: .").play(.password()).error
                == .limitExceeded("maximumCapabilityOctets"))
    }
}
