import IMAP
import Testing

/// What is right by the grammar and still not what the standards promise.
@Suite struct ServerHabitTests {
    @Test func `a FETCH of messages that are gone brings those that are there`() throws {
        for refusal in ["Some of the requested messages no longer exist (Failure)", "[EXPUNGEISSUED] gone"] {
            let scripted = try Scripted.selected()
            let fetch = scripted.submit(FetchCommand(.uids(UIDSet([3, 4])), items: [.uid, .flags]))
            try scripted.receive("* 3 FETCH (UID 3 FLAGS (\\Seen))", "A2 NO \(refusal)")
            #expect(try fetch.value.map(\.uid) == [3])
        }
        let scripted = try Scripted.selected()
        let fetch = scripted.submit(FetchCommand(.uids(UIDSet(3)), items: [.uid]))
        try scripted.receive("A2 NO [SERVERBUG] no")
        #expect(fetch.error != nil)
    }

    @Test(arguments: [["* OK [COPYUID 9 3 71]", "A2 OK Success"], ["A2 OK [COPYUID 9 3 71] Success"]])
    func `COPYUID counts tagged and untagged`(lines: [String]) throws {
        for command in ["COPY", "MOVE"] {
            let scripted = try Scripted.selected()
            let copied: CopiedUIDs?
            if command == "COPY" {
                let pending = scripted.submit(CopyCommand(.uids(UIDSet(3)), to: MailboxName("Spam")))
                for line in lines { try scripted.receive(line) }
                copied = try pending.value
            } else {
                let pending = scripted.submit(MoveCommand(.uids(UIDSet(3)), to: MailboxName("Spam")))
                for line in lines { try scripted.receive(line) }
                copied = try pending.value
            }
            #expect(copied?.pairs()?.first?.destination == 71)
        }
    }

    @Test func `XLIST is asked where it is all there is, and its INBOX is INBOX`() throws {
        for (capabilities, command) in [
            ("IMAP4rev1 XLIST", "XLIST"), ("IMAP4rev1 XLIST SPECIAL-USE", "LIST"), ("IMAP4rev1", "LIST"),
        ] {
            let scripted = try Scripted(greeting: "* PREAUTH [CAPABILITY \(capabilities)] hi")
            let list = scripted.submit(ListCommand())
            #expect(scripted.sent == "A1 \(command) \"\" \"*\"\r\n")
            try scripted.receive(
                #"* \#(command) (\HasNoChildren \Inbox) "/" "Posteingang""#, #"* LIST () "/" "/Archiv""#, "A1 OK done")
            #expect(try list.value.map(\.name.text) == ["INBOX", "/Archiv"])
        }
    }

    @Test func `a flat namespace has no delimiter`() throws {
        var lists: [MailboxListing] = []
        for case .untagged(.list(let listing)) in try Transcript("naver").responses { lists.append(listing) }
        #expect(lists.map(\.delimiter) == [nil, nil, nil])
        #expect(lists.last?.name.text == "보낸 메일함")
        for case .untagged(.namespace(let namespaces)) in try Transcript("naver").responses {
            #expect(namespaces.personal == [Namespace(prefix: MailboxName(""), delimiter: nil)])
        }
    }

    @Test func `a SELECT that tells nothing of UIDs is a SELECT`() throws {
        let scripted = try Scripted(greeting: "* PREAUTH [CAPABILITY IMAP4rev1] hi")
        let select = scripted.submit(SelectCommand(.inbox))
        try scripted.receive(
            "* 2 EXISTS", "* OK [HIGHESTMODSEQ nan] x", "* OK [NOMODSEQ] x", "A1 OK [READ-WRITE] SELECT completed")
        let mailbox = try select.value
        #expect(mailbox.exists == 2 && mailbox.uidValidity == nil && mailbox.uidNext == nil)
        #expect(mailbox.highestModificationSequence == nil)
    }

    @Test func `rows in any order, twice, and without what was asked for`() throws {
        let scripted = try Scripted.selected()
        let fetch = scripted.submit(FetchCommand(.uids(.all), items: [.uid, .flags, .internalDate]))
        for response in try Transcript("yahoo").responses {
            if case .untagged(.fetch) = response { _ = try scripted.session.receive(response) }
        }
        try scripted.receive("A2 OK done")
        // The row without a UID belongs to nobody; the one that came twice is the caller's to see.
        #expect(try fetch.value.map(\.uid) == [204, 101, 205, 101])
        let rows = try Transcript("naver").messages
        #expect(rows.map(\.uid) == [8, 7] && rows.map(\.internalDate) == [nil, 1_733_702_400_000])
        #expect(rows.map(\.flags) == [[.seen], nil])
    }

    @Test(
        arguments: [
            ("imap.mail.yahoo.com", nil, Duration.seconds(180), ServerHabits.Polling.noop),
            ("imap.aol.com", nil, .seconds(180), .noop), ("imap.rambler.ru", nil, .seconds(55), .noop),
            ("IMAP.163.com", nil, nil, .status), ("mail.example.cn", "Coremail Imap", nil, .status),
            ("imap.naver.com", nil, nil, .select), ("imap.notyahoo.com", "Dovecot", nil, .noop),
        ] as [(String, String?, Duration?, ServerHabits.Polling)])
    func `habits go by name`(host: String, name: String?, renewal: Duration?, polling: ServerHabits.Polling) {
        let habits = ServerHabits(host: host, identification: name.map { ["name": $0] } ?? [:])
        #expect(habits.idleRenewal == renewal && habits.polling == polling)
        #expect(ServerHabits(host: "imap.larksuite.com").hasReliableEnvelope == false)
    }
}
