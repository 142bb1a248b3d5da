import IMAP
import Testing

@Suite struct CommandTests {
    static let everything = CapabilitySet(
        [
            "IMAP4rev1", "ESEARCH", "LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE", "CONDSTORE", "UIDPLUS", "WITHIN",
            "X-GM-EXT-1", "OBJECTID", "MOVE", "ENABLE", "NAMESPACE", "UNSELECT",
        ].map { Capability($0) })

    static func encode(_ command: some IMAPCommand, _ capabilities: CapabilitySet = everything) throws(IMAPError)
        -> String
    {
        var encoder = CommandEncoder(capabilities: capabilities)
        try command.encode(into: &encoder)
        return encoder.segments.map { String(decoding: $0.octets, as: UTF8.self) }.joined(separator: "|")
    }

    @Test func `lists with what the server has`() throws {
        let list = ListCommand(status: StatusItem.counts + [.size])
        #expect(
            try Self.encode(list)
                == #"LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY))"#
        )
        #expect(try Self.encode(list, CapabilitySet()) == #"LIST "" "*""#)
    }

    /// RFC 8440, 4: rights follow the line of their mailbox, and the server may leave them out.
    @Test func `lists what may be done in each mailbox`() throws {
        let list = ListCommand(returning: ListCommand.ReturnOption.usual + [.myRights], status: [.messages])
        var capabilities = Self.everything
        #expect(!(try Self.encode(list, capabilities)).contains("MYRIGHTS"))
        capabilities.insert(.listMyRights)
        #expect(
            try Self.encode(list, capabilities)
                == #"LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE MYRIGHTS STATUS (MESSAGES))"#)
        let scripted = try Scripted(greeting: "* PREAUTH [CAPABILITY IMAP4rev1 LIST-EXTENDED LIST-MYRIGHTS] hi")
        let asked = scripted.submit(ListCommand(pattern: MailboxName("%"), returning: [.myRights]))
        #expect(scripted.sent == "A1 LIST \"\" \"%\" RETURN (MYRIGHTS)\r\n")
        try scripted.receive(
            #"* LIST () "/" "INBOX""#, #"* MYRIGHTS "INBOX" lrswipkxtecda"#, #"* LIST () "/" "foo""#,
            #"* MYRIGHTS "foo" lrs"#, #"* LIST (\Noselect) "/" "closed""#, #"* MYRIGHTS "elsewhere" lr"#, "A1 OK done")
        let result = try asked.value
        #expect(result.map(\.rights?.mayInsert) == [true, false, nil])
        #expect(result.map(\.rights?.mayRead) == [true, true, nil])
    }

    @Test func `fetches only what the server knows`() throws {
        let fetch = FetchCommand(
            .uids(UIDSet([1, 2, 3, 9])),
            items: [
                .uid, .gmailLabels, .preview, .body(Section(part: [1, 2], .mime)),
                .body(.message, partial: 0..<2_048), .body(Section(.headerFields(["From", "To"])), setsSeen: true),
            ])
        #expect(
            try Self.encode(fetch) == """
                UID FETCH 1:3,9 (UID X-GM-LABELS BODY.PEEK[1.2.MIME] BODY.PEEK[]<0.2048> BODY[HEADER.FIELDS (From To)])
                """)
        #expect(throws: IMAPError.wrongState) { try Self.encode(FetchCommand(.uids(UIDSet()), items: [.uid])) }
    }

    @Test func `searches with parentheses where they are needed`() throws {
        let key = SearchKey.and([
            .not(.and([.from("a"), .to("b")])), .or(.flag(.seen), .and([.flag(.flagged), .larger(10)])),
            .since(CalendarDay(year: 2_024, month: 2, day: 29)), .not(.flag(.keyword("$Junk"))),
        ])
        #expect(
            try Self.encode(SearchCommand(key)) == """
                UID SEARCH RETURN (ALL) NOT (FROM "a" TO "b") OR SEEN (FLAGGED LARGER 10) SINCE 29-Feb-2024 UNKEYWORD $Junk
                """)
        #expect(try Self.encode(SearchCommand(.any([])), CapabilitySet()) == "UID SEARCH NOT ALL")
        #expect(
            try Self.encode(SearchCommand(.any([.flag(.seen), .flag(.draft), .flag(.deleted)])), CapabilitySet())
                == "UID SEARCH OR SEEN OR DRAFT DELETED")
    }

    /// RFC 8514, 4.3.
    @Test func `searches by the day of saving where the server records it`() throws {
        let key = SearchKey.and([
            .savedSince(CalendarDay(year: 2_018, month: 4, day: 1)),
            .not(.savedBefore(CalendarDay(year: 2_018, month: 5, day: 2))),
        ])
        var capabilities = CapabilitySet()
        #expect(throws: IMAPError.unsupported(.saveDate)) { try Self.encode(SearchCommand(key), capabilities) }
        capabilities.insert(.saveDate)
        #expect(
            try Self.encode(SearchCommand(key), capabilities)
                == "UID SEARCH SAVEDSINCE 1-Apr-2018 NOT SAVEDBEFORE 2-May-2018")
    }

    /// RFC 8514: NIL where the mailbox records none.
    @Test func `reads when a message was saved, in whichever response it comes`() throws {
        let scripted = try Scripted.selected("IMAP4rev1 SAVEDATE OBJECTID")
        let asked = scripted.submit(FetchCommand(.uids(UIDSet([8, 9])), items: [.uid, .saveDate, .emailID]))
        #expect(scripted.sent == "A2 UID FETCH 8:9 (UID SAVEDATE EMAILID)\r\n")
        try scripted.receive(
            #"* 3 FETCH (UID 9 SAVEDATE "11-Apr-2018 21:53:52 +0300")"#, "* 3 FETCH (UID 9 EMAILID (M1))",
            "* 2 FETCH (UID 8 SAVEDATE NIL)", "A2 OK done")
        let fetched = try asked.value
        #expect(fetched.map(\.extras?.saveDate) == [1_523_472_832_000, nil])
        #expect(fetched.map(\.extras?.emailID) == ["M1", nil])
    }

    @Test func `text beyond ASCII is announced and sent as a literal`() throws {
        #expect(
            try Self.encode(SearchCommand(.subject("Gr\u{FC}\u{DF}e")), CapabilitySet())
                == "UID SEARCH CHARSET UTF-8 SUBJECT {7}\r\n|Gr\u{FC}\u{DF}e")
    }

    @Test func `a search deeper than any user means is refused`() {
        var key = SearchKey.all
        for _ in 0..<1_000 { key = .not(.not(key)) }
        let deep = SearchCommand(key)
        #expect(throws: IMAPError.limit(.nesting)) { try Self.encode(deep) }
    }

    @Test(arguments: ["a\r\nA2 DELETE INBOX", "a\nb", "a\0b", "\r"])
    func `no text breaks out of its place`(text: String) {
        #expect(throws: IMAPError.unsafeText) { try Self.encode(SearchCommand(.subject(text))) }
        #expect(throws: IMAPError.unsafeText) { try Self.encode(StoreCommand(.uids(.all), .add, [.keyword(text)])) }
        #expect(throws: IMAPError.unsafeText) { try Self.encode(IDCommand([(name: "name", value: text)])) }
        #expect(throws: IMAPError.unsafeText) {
            try Self.encode(StatusCommand(MailboxName(wire: Array(text.utf8))))
        }
        #expect(throws: IMAPError.unsafeText) {
            try Self.encode(FetchCommand(.uids(.all), items: [.body(Section(.headerFields([text])))]))
        }
    }

    @Test(arguments: ["a b", "a)", "(a", "a\"b", "a]", "%", "", "\u{FC}", "a{3}"])
    func `a keyword that is no atom is refused`(keyword: String) {
        #expect(throws: IMAPError.unsafeText) { try Self.encode(StoreCommand(.uids(.all), .add, [.keyword(keyword)])) }
    }

    @Test func `quotes and backslashes are escaped, long texts become literals`() throws {
        #expect(throws: IMAPError.unsupported(.createSpecialUse)) {
            try Self.encode(CreateCommand(MailboxName("a"), use: .archive))
        }
        #expect(try Self.encode(CreateCommand(MailboxName(#"a"b\c"#))) == #"CREATE "a\"b\\c""#)
        let long = String(repeating: "x", count: 1_000)
        #expect(try Self.encode(SearchCommand(.body(long)), CapabilitySet()) == "UID SEARCH BODY {1000}\r\n|\(long)")
    }

    @Test func `what a command writes, the grammar reads back`() throws {
        for text in ["plain", #"quo"te\"#, "tab\tbed", "Gr\u{FC}\u{DF}e", "", "{5}", "NIL", "a (b) [c]"] {
            var encoder = CommandEncoder()
            try encoder.string(text)
            let wire = encoder.segments.flatMap(\.octets)
            let line =
                Array("* 1 FETCH (X-GM-LABELS (".utf8) + wire + Array(") PREVIEW ".utf8) + wire + Array(")\r\n".utf8)
            guard case .untagged(.fetch(let message)) = try Reading.all(line).first else {
                Issue.record("not read: \(text)")
                continue
            }
            #expect(message.extras?.preview == text)
        }
    }

    @Test func `verbs need what they need`() {
        let none = CapabilitySet()
        #expect(throws: IMAPError.unsupported(.move)) {
            try Self.encode(MoveCommand(.uids(UIDSet(1)), to: .inbox), none)
        }
        #expect(throws: IMAPError.unsupported(.uidPlus)) { try Self.encode(ExpungeCommand(uids: UIDSet(1)), none) }
        #expect(throws: IMAPError.unsupported(.startTLS)) { try Self.encode(StartTLSCommand(), none) }
        #expect(throws: IMAPError.unsupported(.idle)) { try Self.encode(IdleCommand(), none) }
        #expect(throws: IMAPError.unsupported(.unselect)) { try Self.encode(UnselectCommand(), none) }
    }

    @Test func `stores flags silently and conditionally`() throws {
        let store = StoreCommand(.uids(UIDSet(7)), .remove, [.seen, .keyword("$Junk")], unchangedSince: 12)
        #expect(try Self.encode(store) == #"UID STORE 7 (UNCHANGEDSINCE 12) -FLAGS.SILENT (\Seen $Junk)"#)
        #expect(throws: IMAPError.unsupported(.condStore)) { try Self.encode(store, CapabilitySet()) }
    }

    @Test func `the pipelining rule keeps sequence numbers and flags apart`() {
        let fetch = FetchCommand(.sequences(NumberSet(1)), items: [.envelope]).pipelining
        let uidFetch = FetchCommand(.uids(UIDSet(1)), items: [.flags]).pipelining
        let store = StoreCommand(.uids(UIDSet(1)), .add, [.seen]).pipelining
        let otherStore = StoreCommand(.uids(UIDSet(2)), .add, [.seen]).pipelining
        let otherFetch = FetchCommand(.uids(UIDSet(2)), items: [.flags]).pipelining
        // Answers of two FETCHes of one message could not be told apart.
        #expect(!fetch.maySend(beside: [fetch]))
        #expect(!fetch.maySend(beside: [uidFetch]))
        #expect(!uidFetch.maySend(beside: [fetch]))
        #expect(!uidFetch.maySend(beside: [uidFetch]))
        #expect(uidFetch.maySend(beside: [otherFetch, otherStore]))
        #expect(!uidFetch.maySend(beside: [store]))
        #expect(!store.maySend(beside: [uidFetch]))
        #expect(store.maySend(beside: [otherStore]))
        #expect(!NoopCommand().pipelining.maySend(beside: [IdleCommand().pipelining]))
        #expect(!SelectCommand(.inbox).pipelining.maySend(beside: [store]))
        #expect(!store.maySend(beside: [SelectCommand(.inbox).pipelining]))
        #expect(!LogoutCommand().pipelining.maySend(beside: [NoopCommand().pipelining]))
        #expect(!ListCommand().pipelining.maySend(beside: [ListCommand().pipelining]))
    }
}
