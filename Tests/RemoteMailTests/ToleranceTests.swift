import MailServers
import Model
import RemoteMail
import Testing

/// One message that the server cannot make sense of, among others.
@Suite(.timeLimit(.minutes(1))) struct ToleranceTests {
    private typealias Rule = ScriptedServer.Rule

    private static let structure = #"BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 5 1)"#

    private static func basics(_ number: Int) -> String {
        #"UID \#(number + 10) FLAGS (\Seen) INTERNALDATE "01-Jan-2025 00:00:0\#(number) +0000" RFC822.SIZE 300"#
    }

    private static func envelope(_ number: Int) -> String {
        #"ENVELOPE ("Wed, 01 Jan 2025 00:00:00 +0000" "Good \#(number)" NIL NIL NIL NIL NIL NIL NIL "<\#(number)@x>")"#
    }

    private static func whole(_ number: Int) -> String {
        "* \(number) FETCH (\(basics(number)) \(envelope(number)) \(structure))\r\n"
    }

    private static let header = "Subject: Bad one\r\nFrom: a@b.c\r\nMessage-ID: <bad@x>\r\n\r\n"
    private static let raw = """
        Subject: Bad one\r\nFrom: a@b.c\r\nMessage-ID: <bad@x>\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n\
        Content-Disposition: attachment; filename=a.txt\r\nContent-Transfer-Encoding: base64\r\n\r\nSGk=\r\n--b--\r\n
        """

    private static func literal(_ section: String, _ text: String) -> Rule {
        Rule(
            "UID FETCH 12", "BODY.PEEK[\(section)]",
            answer: "* 2 FETCH (UID 12 BODY[\(section)]<0> {\(text.utf8.count)}\r\n\(text))\r\n%TAG% OK done\r\n")
    }

    private func expect(_ page: Page<Message>, _ problems: [String], subject: String? = "Bad one") throws {
        #expect(page.data.map(\.subject) == ["Good 3", subject, "Good 1"])
        #expect(page.data.map(\.problems) == [[], problems, []])
        #expect(page.data[1].keywords == ["$seen"] && page.data[1].size == 300)
    }

    @Test func `an unreadable ENVELOPE is read from the header`() async throws {
        let broken = "* 2 FETCH (\(Self.basics(2)) ENVELOPE (((( \(Self.structure))\r\n"
        let mailbox = try await ScriptedMailbox(
            messages: 3,
            [
                Self.literal("HEADER", Self.header), Self.literal("", Self.raw),
                Rule("FETCH", "ENVELOPE", answer: Self.whole(1) + broken + Self.whole(3) + "%TAG% OK done\r\n"),
            ])
        let page = try await mailbox.list()
        #expect(page.data.map(\.subject) == ["Good 3", "Bad one", "Good 1"])
        #expect(page.data[1].problems.contains("unreadable-envelope"))
        #expect(page.data[1].messageID == "bad@x")
        await mailbox.close()
    }

    @Test func `an unreadable BODYSTRUCTURE is read from the message`() async throws {
        let broken = "* 2 FETCH (\(Self.basics(2)) \(Self.envelope(2)) BODYSTRUCTURE (\"A\" \"B\" 5 5 5 (\"x\")))\r\n"
        let mailbox = try await ScriptedMailbox(
            messages: 3,
            [
                Self.literal("", Self.raw),
                Rule("FETCH", "ENVELOPE", answer: Self.whole(1) + broken + Self.whole(3) + "%TAG% OK done\r\n"),
            ])
        let page = try await mailbox.list()
        try expect(page, ["unreadable-bodystructure"], subject: "Good 2")
        #expect(page.data[1].hasAttachment && page.data[1].attachments.map(\.name) == ["a.txt"])
        await mailbox.close()
    }

    /// What Exchange and others do: NO to the whole, as long as the message is among those asked for.
    @Test func `a message that makes the server refuse is singled out`() async throws {
        let refused = "%TAG% NO The message could not be processed.\r\n"
        let mailbox = try await ScriptedMailbox(
            messages: 3,
            [
                Self.literal("", Self.raw),
                Rule(
                    "FETCH 1:* (UID)",
                    answer: (1...3).map { "* \($0) FETCH (UID \($0 + 10))\r\n" }.joined() + "%TAG% OK\r\n"),
                Rule("UID FETCH 11:12 ", "ENVELOPE", answer: refused),
                Rule("UID FETCH 11 ", "ENVELOPE", answer: Self.whole(1) + "%TAG% OK done\r\n"),
                Rule("UID FETCH 13 ", "ENVELOPE", answer: Self.whole(3) + "%TAG% OK done\r\n"),
                Rule("UID FETCH 12 ", "RFC822.SIZE", answer: "* 2 FETCH (\(Self.basics(2)))\r\n%TAG% OK done\r\n"),
                Rule("FETCH", answer: refused),
            ])
        let page = try await mailbox.list()
        try expect(page, ["unreadable-envelope", "unreadable-bodystructure"])
        #expect(page.data[1].attachments.map(\.name) == ["a.txt"])
        await mailbox.close()
    }

    @Test func `a message of which nothing can be had is listed by its id alone`() async throws {
        let refused = "%TAG% NO [SERVERBUG] Internal error occurred.\r\n"
        let mailbox = try await ScriptedMailbox(
            messages: 3,
            [
                Rule(
                    "FETCH 1:* (UID)",
                    answer: (1...3).map { "* \($0) FETCH (UID \($0 + 10))\r\n" }.joined() + "%TAG% OK\r\n"),
                Rule("UID FETCH 11:12 ", answer: refused),
                Rule("UID FETCH 11 ", "ENVELOPE", answer: Self.whole(1) + "%TAG% OK done\r\n"),
                Rule("UID FETCH 13 ", "ENVELOPE", answer: Self.whole(3) + "%TAG% OK done\r\n"),
                Rule("FETCH", answer: refused),
            ])
        let page = try await mailbox.list()
        #expect(page.data.count == 3)
        #expect(page.data.map(\.problems).filter { $0.contains("unreadable-fetch") }.count == 1)
        await mailbox.close()
    }

    @Test func `a server that refuses all is not called tolerable`() async throws {
        let mailbox = try await ScriptedMailbox(
            messages: 3,
            [
                Rule(
                    "FETCH 1:* (UID)",
                    answer: (1...3).map { "* \($0) FETCH (UID \($0 + 10))\r\n" }.joined() + "%TAG% OK\r\n"),
                Rule("FETCH", answer: "%TAG% NO [SERVERBUG] broken\r\n"),
            ])
        await #expect(throws: (any Error).self) { try await mailbox.list() }
        #expect(mailbox.fetches.count < 40)
        await mailbox.close()
    }

    @Test func `a message that the server leaves out is asked for once more`() async throws {
        let mailbox = try await ScriptedMailbox(
            messages: 3,
            [
                Self.literal("", Self.raw),
                Rule(
                    "FETCH 1:* (UID)",
                    answer: (1...3).map { "* \($0) FETCH (UID \($0 + 10))\r\n" }.joined() + "%TAG% OK\r\n"),
                Rule("UID FETCH 12 ", "RFC822.SIZE", answer: "* 2 FETCH (\(Self.basics(2)))\r\n%TAG% OK done\r\n"),
                Rule("FETCH", "ENVELOPE", answer: Self.whole(1) + Self.whole(3) + "%TAG% OK done\r\n"),
            ])
        try expect(try await mailbox.list(), ["unreadable-envelope", "unreadable-bodystructure"])
        await mailbox.close()
    }

    @Test func `a message without a structure is shown, and its attachment opened`() async throws {
        let basics = "* 2 FETCH (\(Self.basics(2)) BODY[HEADER] {\(Self.header.utf8.count)}\r\n\(Self.header))\r\n"
        let mailbox = try await ScriptedMailbox(
            messages: 3,
            [
                Self.literal("", Self.raw), Rule("FETCH 12 ", "RFC822.SIZE", answer: basics + "%TAG% OK done\r\n"),
            ])
        let id = try await mailbox.id(uid: 12)
        let message = try await mailbox.service.message(
            id, of: mailbox.account, options: MessageOptions(), deadline: mailbox.deadline)
        #expect(message.text == "Hello" && message.problems.contains("unreadable-bodystructure"))
        #expect(message.attachments.map(\.id.rawValue) == ["2"])
        let content = try await mailbox.service.attachment(
            PartID(rawValue: "2"), of: id, of: mailbox.account, needsSize: false, deadline: mailbox.deadline)
        let octets = Octets()
        try await content.stream(nil) { await octets.add($0) }
        #expect(await octets.all == Array("Hi".utf8) && content.size == 2 && content.name == "a.txt")
        await mailbox.close()
    }
}

/// Collects what is streamed.
actor Octets {
    private(set) var all: [UInt8] = []
    func add(_ octets: [UInt8]) { all += octets }
}
