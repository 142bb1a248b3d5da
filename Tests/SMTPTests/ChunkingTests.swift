import SMTP
import Testing

/// BDAT (RFC 3030): lengths instead of dots, a reply for each chunk.
@Suite struct ChunkingTests {
    private static func script(_ keywords: String...) throws -> SessionScript {
        var script = SessionScript()
        _ = try script.says("220 x\r\n")
        _ = try script.says(
            (["x", "CHUNKING", "BINARYMIME"] + keywords).map { "250-\($0)\r\n" }.joined() + "250 X\r\n")
        return script
    }

    private static func begin(
        _ script: inout SessionScript, body: SMTPEnvelope.Body = .sevenBit, recipients: Int = 1
    ) throws -> String? {
        var envelope = try SMTPEnvelope.to(recipients)
        envelope.body = body
        envelope.size = 1 << 20
        return try script.begin(envelope)?.text
    }

    private static func chunk(_ script: inout SessionScript, _ text: String) -> String {
        var wire: [UInt8] = []
        script.session.encode(Array(text.utf8)[...], into: &wire)
        return String(decoding: wire, as: UTF8.self)
    }

    private static func end(_ script: inout SessionScript) -> String {
        String(decoding: script.session.endContent(), as: UTF8.self)
    }

    @Test func `sends chunks by their length, line ends made right, dots as they are`() throws {
        var script = try Self.script("PIPELINING")
        #expect(try Self.begin(&script) == "MAIL FROM:<me@x>\r\nRCPT TO:<r1@x>\r\n")
        #expect(try script.says("250 m\r\n250 r\r\n") == .sendContent)
        #expect(Self.chunk(&script, ".\n..x\ra") == "BDAT 9\r\n.\r\n..x\r\na")
        #expect(Self.chunk(&script, "b") == "BDAT 1\r\nb")
        #expect(Self.end(&script) == "BDAT 2 LAST\r\n\r\n")
        #expect(try script.outcome("250 c\r\n250 c\r\n") == nil)
        let outcome = try script.outcome("250 2.0.0 done\r\n")
        #expect(outcome?.acceptance == .accepted)
        #expect(outcome?.finalReply?.text == "done")
        #expect(script.session.canContinue)
    }

    @Test func `sends binary octets as they are`() throws {
        var script = try Self.script("PIPELINING")
        #expect(try Self.begin(&script, body: .binary)?.hasPrefix("MAIL FROM:<me@x> BODY=BINARYMIME\r\n") == true)
        _ = try script.says("250 m\r\n250 r\r\n")
        #expect(Self.chunk(&script, "a\rb\n\0") == "BDAT 5\r\na\rb\n\0")
        #expect(Self.end(&script) == "BDAT 0 LAST\r\n")
    }

    @Test func `waits for each reply without PIPELINING, and after some with it`() throws {
        var plain = try Self.script()
        _ = try Self.begin(&plain)
        _ = try plain.says("250 m\r\n")
        _ = try plain.says("250 r\r\n")
        _ = Self.chunk(&plain, "a")
        #expect(plain.session.mustWait)
        #expect(try plain.says("250 c\r\n") == .wait)
        #expect(!plain.session.mustWait)
        var script = try Self.script("PIPELINING")
        _ = try Self.begin(&script)
        _ = try script.says("250 m\r\n250 r\r\n")
        for number in 1...SMTPLimits.maximumOutstandingChunks {
            #expect(!script.session.mustWait, "before chunk \(number)")
            _ = Self.chunk(&script, "a")
        }
        #expect(script.session.mustWait)
    }

    @Test func `a chunk refused at once ends the message and leaves the connection, after RSET`() throws {
        var script = try Self.script()
        _ = try Self.begin(&script)
        _ = try script.says("250 m\r\n")
        _ = try script.says("250 r\r\n")
        _ = Self.chunk(&script, "a")
        let outcome = try script.outcome("552 5.3.4 too big\r\n")
        #expect(outcome?.disposition == .permanent)
        #expect(outcome?.recipients.first?.reply?.code == 552)
        #expect(script.session.canContinue)
        #expect(try Self.begin(&script) == "RSET\r\n")
    }

    @Test func `a refused chunk decides, whatever is said to those behind it`() throws {
        var script = try Self.script("PIPELINING")
        _ = try Self.begin(&script)
        _ = try script.says("250 m\r\n250 r\r\n")
        _ = Self.chunk(&script, "a")
        _ = Self.chunk(&script, "b")
        _ = Self.end(&script)
        let outcome = try script.outcome("452 4.3.1 full\r\n503 no\r\n503 no\r\n")
        #expect(outcome?.disposition == .retryLater)
        #expect(outcome?.recipients.first?.reply?.code == 452)
        #expect(outcome?.acceptance == .refused)
        var lost = try Self.script("PIPELINING")
        _ = try Self.begin(&lost)
        _ = try lost.says("250 m\r\n250 r\r\n")
        _ = Self.chunk(&lost, "a")
        _ = Self.end(&lost)
        #expect(try lost.outcome("452 4.3.1 full\r\n") == nil)
        let interrupted = lost.session.interrupt(.connectionLost)
        #expect(interrupted?.disposition == .retryLater)
        var silent = try Self.script("PIPELINING")
        _ = try Self.begin(&silent)
        _ = try silent.says("250 m\r\n250 r\r\n")
        _ = Self.chunk(&silent, "a")
        _ = Self.end(&silent)
        let open = silent.session.interrupt(.connectionLost)
        #expect(open?.disposition == .unknown)
    }

    @Test func `sends no content where no recipient is left`() throws {
        var script = try Self.script("PIPELINING")
        _ = try Self.begin(&script, recipients: 2)
        let outcome = try script.outcome("250 m\r\n550 r\r\n451 r\r\n")
        #expect(outcome?.recipients.map(\.disposition) == [.permanent, .retryLater])
        #expect(script.session.canContinue)
    }
}
