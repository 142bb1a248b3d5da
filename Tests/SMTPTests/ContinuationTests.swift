import SMTP
import Testing

/// The next message begun behind the end of the one before (RFC 2920 section 3.1), and LMTP's many answers (RFC 2033).
@Suite struct ContinuationTests {
    private static let next = "MAIL FROM:<me@x>\r\nRCPT TO:<r1@x>\r\nDATA\r\n"

    /// At the point where the first message's end is out.
    private static func ended() throws -> SessionScript {
        var script = try SessionScript(offering: "PIPELINING")
        _ = try script.begin(.to(1))
        _ = try script.says("250 m\r\n250 r\r\n354 go\r\n")
        _ = script.session.endContent()
        return script
    }

    private static func begun() throws -> SessionScript {
        var script = try ended()
        let next = script.session.beginNext(try .to(1))
        let bytes = try #require(next)
        #expect(String(decoding: bytes, as: UTF8.self) == Self.next)
        return script
    }

    @Test func `both messages are accepted`() throws {
        var script = try Self.begun()
        #expect(!script.session.hasBegunNext)
        let first = try script.outcome("250 2.0.0 one\r\n")
        #expect(first?.finalReply?.text == "one")
        #expect(script.session.hasBegunNext && !script.session.canContinue)
        #expect(try script.says("250 m\r\n250 r\r\n354 go\r\n") == .sendContent)
        _ = script.session.endContent()
        #expect(try script.outcome("250 2.0.0 two\r\n")?.finalReply?.text == "two")
        #expect(script.session.canContinue && !script.session.hasBegunNext)
    }

    @Test func `a refusal of the first leaves the second as it is`() throws {
        var script = try Self.begun()
        #expect(try script.outcome("554 5.7.1 spam\r\n")?.disposition == .permanent)
        #expect(try script.says("250 m\r\n250 r\r\n354 go\r\n") == .sendContent)
    }

    @Test(arguments: ["421 4.3.2 closing\r\n", "hello\r\n"])
    func `an end of the conversation is about the first, and nothing is known to be wrong with the second`(
        reply: String
    ) throws {
        var script = try Self.begun()
        let first = try script.outcome(reply)
        #expect(first?.disposition == (reply.hasPrefix("421") ? .retryLater : .unknown))
        #expect(script.session.isClosed && !script.session.hasBegunNext)
    }

    @Test func `nothing is begun before the end is out, twice, without PIPELINING, or that the server cannot take`()
        throws
    {
        var early = try SessionScript(offering: "PIPELINING")
        _ = try early.begin(.to(1))
        let earlyGroup = early.session.beginNext(try .to(1))
        #expect(earlyGroup == nil)
        var twice = try Self.begun()
        let twiceGroup = twice.session.beginNext(try .to(1))
        #expect(twiceGroup == nil)
        var plain = try SessionScript(offering: "SIZE 10")
        _ = try plain.begin(.to(1))
        _ = try plain.says("250 m\r\n")
        _ = try plain.says("250 r\r\n")
        _ = try plain.says("354 go\r\n")
        _ = plain.session.endContent()
        let plainGroup = plain.session.beginNext(try .to(1))
        #expect(plainGroup == nil)
        var binary = try SMTPEnvelope.to(1)
        binary.body = .binary
        var capable = try Self.ended()
        let group = capable.session.beginNext(binary)
        #expect(group == nil)
    }

    /// RFC 2033 section 4.2's own example.
    private static func local() throws -> SessionScript {
        var script = SessionScript(
            SMTPSessionSettings(clientName: try #require(SMTPClientName("foo.edu")), isLocal: true))
        #expect(try script.says("220 foo.edu LMTP server ready\r\n")?.text == "LHLO foo.edu\r\n")
        _ = try script.says("250-foo.edu\r\n250-PIPELINING\r\n250 SIZE\r\n")
        _ = try script.begin(.to(3))
        _ = try script.says("250 OK\r\n250 OK\r\n550 No such user here\r\n250 OK\r\n354 Start mail input\r\n")
        _ = script.session.endContent()
        return script
    }

    @Test func `LMTP answers for each recipient that was taken`() throws {
        var script = try Self.local()
        #expect(try script.outcome("250 OK\r\n") == nil)
        let outcome = try script.outcome("452 4.2.2 user is temporarily over quota\r\n")
        #expect(outcome?.recipients.map(\.disposition) == [.delivered, .permanent, .retryLater])
        #expect(outcome?.recipients.map { $0.reply?.code } == [250, 550, 452])
        #expect(script.session.canContinue)
    }

    @Test func `LMTP that breaks off leaves open only those it did not answer for`() throws {
        var script = try Self.local()
        _ = try script.says("250 OK\r\n")
        let outcome = script.session.interrupt(.connectionLost)
        #expect(outcome?.recipients.map(\.disposition) == [.delivered, .permanent, .unknown])
        #expect(outcome?.acceptance == .ambiguous)
    }
}
