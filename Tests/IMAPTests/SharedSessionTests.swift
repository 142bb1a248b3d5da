import IMAP
import Testing

/// Several users of one session, and literals that are not held.
@Suite struct SharedSessionTests {
    @Test func `fetches of the same message follow each other, others run together`() throws {
        let scripted = try Scripted.selected()
        scripted.submit(FetchCommand(.uids(UIDSet(1...5)), items: [.uid]))
        scripted.submit(FetchCommand(.uids(UIDSet(6...9)), items: [.uid]))
        scripted.submit(FetchCommand(.uids(UIDSet(5)), items: [.uid]))
        #expect(scripted.sent == "A2 UID FETCH 1:5 (UID)\r\nA3 UID FETCH 6:9 (UID)\r\n")
        try scripted.receive("A3 OK done")
        #expect(scripted.sent.isEmpty)
        try scripted.receive("A2 OK done")
        #expect(scripted.sent == "A4 UID FETCH 5 (UID)\r\n")
    }

    @Test func `a question for news goes behind a FETCH by sequence numbers, not before it`() throws {
        let scripted = try Scripted.selected()
        scripted.submit(FetchCommand(.sequences(.from(2)), items: [.uid]))
        scripted.submit(NoopCommand())
        #expect(scripted.sent == "A2 FETCH 2:* (UID)\r\nA3 NOOP\r\n")
        let before = scripted.session.newsCount
        try scripted.receive("* 2 FETCH (UID 8)", "A2 OK done")
        #expect(scripted.session.newsCount == before)
        try scripted.receive("* 1 EXPUNGE", "* 1 FETCH (FLAGS (\\Seen))", "A3 OK done")
        #expect(scripted.session.newsCount == before + 2)
    }

    @Test func `a literal from elsewhere waits for the server, and comes in its place`() throws {
        let scripted = try Scripted.selected("IMAP4rev1 LITERAL+")
        let source = LiteralSource(size: 5) { nil }
        scripted.submit(AppendCommand(to: .inbox, flags: [.seen], message: source, hasEightBitHeader: false))
        scripted.submit(NoopCommand())
        #expect(scripted.sent == "A2 APPEND \"INBOX\" (\\Seen) {5}\r\n")
        #expect(!scripted.session.hasOutput && scripted.session.takeSource() == nil)
        try scripted.receive("+ go ahead")
        #expect(scripted.sent.isEmpty)
        #expect(scripted.session.takeSource()?.size == 5)
        #expect(scripted.sent == "\r\nA3 NOOP\r\n")
    }

    @Test func `a server that wants no such literal is not sent one`() throws {
        let scripted = try Scripted.selected()
        let append = scripted.submit(
            AppendCommand(
                to: .inbox, message: LiteralSource(size: 5) { nil }, hasEightBitHeader: false))
        _ = scripted.sent
        try scripted.receive("A2 NO [TOOBIG] too big")
        #expect(append.error == .no(ResponseText(code: .tooBig, text: "too big")))
        #expect(!scripted.session.hasOutput)
    }
}
