import IMAP
import Testing

/// Commands and responses of extensions, with the examples of their RFCs.
@Suite struct ExtensionTests {
    static func capabilities(_ words: String) -> CapabilitySet {
        CapabilitySet(words.split(separator: " ").map { Capability(String($0)) })
    }

    @Test func `asks for quotas and adds them up by root`() throws {
        let scripted = try Scripted.selected("IMAP4rev1 QUOTA ACL")
        let quota = scripted.submit(GetQuotaRootCommand(.inbox))
        #expect(scripted.sent == "A2 GETQUOTAROOT \"INBOX\"\r\n")
        try scripted.receive(
            "* QUOTAROOT INBOX \"\" \"user limits\"", "* QUOTA \"\" (STORAGE 10 512 MESSAGE 3 1000)",
            "* QUOTA \"user limits\" ()", "A2 OK done")
        let result = try quota.value
        #expect(result.map(\.root) == ["", "user limits"])
        #expect(result.first?.storage ?? (0, 0) == (10_240, 524_288))
        #expect(result.first?.resources.last == Quota.Resource(name: "MESSAGE", usage: 3, limit: 1_000))
        let rights = scripted.submit(MyRightsCommand(.inbox))
        #expect(scripted.sent == "A3 MYRIGHTS \"INBOX\"\r\n")
        try scripted.receive("* MYRIGHTS INBOX lrswid", "A3 OK done")
        let mine = try #require(try rights.value)
        #expect(mine.mayRead && mine.mayInsert && mine.mayDeleteMessages && !mine.mayCreateMailboxes)
    }

    @Test(arguments: [
        ("* QUOTA \"\" (STORAGE 18446744073709551615 18446744073709551615)", UInt64.max),
        ("* QUOTA \"\" (STORAGE 1 1)", 1_024),
    ]) func `a quota of any size is one`(line: String, limit: UInt64) throws {
        guard case .quota(let quota) = try Reading.untagged(line + "\r\n") else {
            Issue.record("no quota")
            return
        }
        #expect(quota.storage?.limit == limit)
    }

    /// RFC 7162, 3.2.5.2.
    @Test func `selects and learns what changed in one answer`() throws {
        let scripted = try Scripted(greeting: "* PREAUTH [CAPABILITY IMAP4rev1 QRESYNC ENABLE] hi")
        let enable = scripted.submit(EnableCommand([.qresync]))
        try scripted.receive("* ENABLED QRESYNC", "A1 OK done")
        #expect(try enable.value == [.qresync])
        #expect(scripted.session.enabled == [.qresync])
        _ = scripted.sent
        let resync = scripted.submit(
            ResyncCommand(.inbox, uidValidity: 67_890_007, since: 90_060_115_194_045_000, knownUIDs: .from(41)))
        #expect(scripted.sent == "A2 SELECT \"INBOX\" (QRESYNC (67890007 90060115194045000 41:*))\r\n")
        try scripted.receive(
            "* OK [CLOSED]", "* 100 EXISTS", "* OK [UIDVALIDITY 67890007] UIDVALIDITY", "* OK [UIDNEXT 600] next",
            "* OK [HIGHESTMODSEQ 90060115205545359] high", "* VANISHED (EARLIER) 41,43:116,118",
            "* 49 FETCH (UID 117 FLAGS (\\Seen \\Answered) MODSEQ (90060115194045001))", "A2 OK [READ-WRITE] mailbox")
        let result = try resync.value
        #expect(result.mailbox.exists == 100 && result.mailbox.uidValidity == 67_890_007)
        #expect(result.vanished.description == "41,43:116,118")
        #expect(result.changed.map(\.uid) == [117])
        #expect(scripted.session.selected?.exists == 100)
        let changes = scripted.submit(FetchChangesCommand(.from(300), since: 12_345, wantsVanished: true))
        #expect(scripted.sent == "A3 UID FETCH 300:* (UID FLAGS MODSEQ) (CHANGEDSINCE 12345 VANISHED)\r\n")
        try scripted.receive(
            "* VANISHED (EARLIER) 300:310,405,411", "* 1 FETCH (UID 404 MODSEQ (65402) FLAGS (\\Seen))", "A3 OK done")
        #expect(try changes.value.vanished.count == 13)
        #expect(try changes.value.changed.first?.modificationSequence == 65_402)
        // What vanishes while we are here lowers the count; earlier ones do not.
        try scripted.receive("* VANISHED 404:405")
        #expect(scripted.session.selected?.exists == 98)
    }

    @Test func `asks to be told of many mailboxes`() throws {
        let capabilities = Self.capabilities("IMAP4rev1 NOTIFY")
        let command = NotifyCommand(
            [
                .init(.selectedDelayed, [.messageNew(fetching: [.uid, .flags]), .messageExpunge, .flagChange]),
                .init(.mailboxes([.inbox, MailboxName("a b")]), [.messageNew(), .messageExpunge]),
                .init(.subtree(MailboxName("x")), []),
            ], startsWithStatus: true)
        #expect(
            try CommandTests.encode(command, capabilities)
                == """
                NOTIFY SET STATUS (SELECTED-DELAYED (MessageNew (UID FLAGS) MessageExpunge FlagChange)) \
                (MAILBOXES ("INBOX" "a b") (MessageNew MessageExpunge)) (SUBTREE "x" NONE)
                """)
        #expect(try CommandTests.encode(NotifyCommand([]), capabilities) == "NOTIFY NONE")
    }

    @Test func `appends many at once, in UTF-8 and with NUL`() throws {
        let many = MultiAppendCommand(
            to: .inbox, [.init(flags: [.seen], octets: [0x61]), .init(internalDate: 0, octets: [0x62, 0x63])])
        #expect(
            try CommandTests.encode(many, Self.capabilities("MULTIAPPEND LITERAL+"))
                == "APPEND \"INBOX\" (\\Seen) {1+}\r\na \"01-Jan-1970 00:00:00 +0000\" {2+}\r\nbc")
        #expect(throws: IMAPError.unsupported(.multiAppend)) { try CommandTests.encode(many, CapabilitySet()) }
        let header = Array("Subject: Gr\u{FC}\u{DF}e\r\n\r\n".utf8)
        var encoder = CommandEncoder(
            capabilities: Self.capabilities("UTF8=ACCEPT ENABLE LITERAL+"), mailboxEncoding: .utf8)
        try AppendCommand(to: MailboxName("Entw\u{FC}rfe"), message: header).encode(into: &encoder)
        #expect(
            encoder.segments.map { String(decoding: $0.octets, as: UTF8.self) }
                == ["APPEND \"Entw\u{FC}rfe\" UTF8 (~{20+}\r\nSubject: Gr\u{FC}\u{DF}e\r\n\r\n)"])
        let binary = AppendCommand(to: .inbox, message: [0x61, 0])
        #expect(
            try CommandTests.encode(binary, Self.capabilities("BINARY LITERAL+")) == "APPEND \"INBOX\" ~{2+}\r\na\0")
        #expect(throws: IMAPError.unsafeText) { try CommandTests.encode(binary, CapabilitySet()) }
    }

    @Test func `knows a mailbox by either encoding`() {
        let old = MailboxName("Gr\u{FC}\u{DF}e & mehr")
        let new = MailboxName("Gr\u{FC}\u{DF}e & mehr", encoding: .utf8)
        #expect(old == new && old.hashValue == new.hashValue)
        #expect(old.wire != new.wire && old.wire(in: .utf8) == new.wire)
        #expect(MailboxName("a") == MailboxName("a", encoding: .utf8))
        #expect(MailboxName("a&-b") != MailboxName("a&-b", encoding: .utf8) || MailboxName("a&-b").text == "a&-b")
    }

    @Test func `changes Gmail's labels`() throws {
        #expect(
            try CommandTests.encode(
                StoreLabelsCommand(UIDSet(4), .add, ["\\Starred", "Gr\u{FC}n", "a b"]), Self.capabilities("X-GM-EXT-1"))
                == #"UID STORE 4 +X-GM-LABELS.SILENT (\Starred "Gr&APw-n" "a b")"#)
    }

    @Test(arguments: [
        ("INPROGRESS (\"A7\" 454 1000)", ResponseCode.inProgress(tag: "A7", done: 454, goal: 1_000)),
        ("INPROGRESS (NIL 4 NIL)", .inProgress(tag: nil, done: 4, goal: nil)),
        ("INPROGRESS", .inProgress(tag: nil, done: nil, goal: nil)),
        ("NOTIFICATIONOVERFLOW", .notificationOverflow), ("BADEVENT (MessageNew MessageExpunge)", .badEvent),
        ("MESSAGELIMIT 1000 23221", .messageLimit(1_000, lowestUnprocessed: 23_221)),
        ("MESSAGELIMIT 1000", .messageLimit(1_000, lowestUnprocessed: nil)), ("UIDREQUIRED", .uidRequired),
    ]) func `reads response codes of extensions`(text: String, code: ResponseCode) throws {
        #expect(
            try Reading.untagged("* OK [\(text)] text\r\n") == .condition(.ok, ResponseText(code: code, text: "text")))
    }

    @Test func `reads a UIDFETCH of RFC 9586`() throws {
        let message = try #require(try Reading.message("* 25001 UIDFETCH (FLAGS (\\Seen))\r\n"))
        #expect(message.uid == 25_001 && message.sequence == 0 && message.flags == [.seen])
    }

    @Test func `reads limits out of capabilities`() {
        let set = Self.capabilities("IMAP4rev1 APPENDLIMIT=35651584 MESSAGELIMIT=1000")
        #expect(set.appendLimit == 35_651_584 && set.messageLimit == 1_000)
        #expect(Self.capabilities("APPENDLIMIT").appendLimit == nil)
    }

    @Test func `forgets a login`() throws {
        let scripted = try Scripted.selected("IMAP4rev1 UNAUTHENTICATE")
        scripted.submit(UnauthenticateCommand())
        try scripted.receive("A2 OK gone")
        #expect(scripted.session.state == .notAuthenticated && scripted.session.capabilities.isEmpty)
        #expect(scripted.events == [.completed(.unauthenticates)])
    }

    @Test func `reads Yahoo's rows in whatever order they come`() throws {
        let messages = try Transcript("yahoo").messages
        #expect(messages.map(\.uid) == [204, 101, 205, 101, nil])
        #expect(messages.map { $0.extras?.emailID } == ["AFh4", "AFh1", "AFh5", "AFh1", "AFh3"])
        #expect(messages[0].extras?.threadID == "7" && messages[2].extras?.threadID == nil)
        #expect(messages.allSatisfy { $0.problems.isEmpty })
    }

    @Test func `reads Courier's quoted field names, its namespaces and its rights`() throws {
        let courier = try Transcript("courier").responses
        let fields = try #require(try Transcript("courier").messages.first?.sections.first)
        #expect(fields.section == Section(.headerFields(["references", "subject"])))
        #expect(fields.bytes == Array("Subject: x\r\n\r\n".utf8))
        let isWhole = courier.allSatisfy { response in
            switch response {
            case .untagged(.unknown), .untagged(.malformed): false
            default: true
            }
        }
        #expect(isWhole)
        guard case .untagged(.namespace(let namespaces)) = courier[1] else {
            Issue.record("no namespaces")
            return
        }
        #expect(namespaces.personal.first?.prefix.text == "INBOX." && namespaces.shared.count == 2)
    }
}
