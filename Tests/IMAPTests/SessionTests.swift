import IMAP
import SASL
import Testing
import Wire

@Suite struct SessionTests {
    @Test func `plain authentication sends its message along where SASL-IR allows`() throws {
        let scripted = try Scripted(greeting: "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi")
        let plain = PLAIN(username: "tim", password: Secret("tanstaaftanstaaf"))
        let login = scripted.submit(try AuthenticateCommand(plain, capabilities: scripted.session.capabilities))
        #expect(scripted.sent == "A1 AUTHENTICATE PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n")
        try scripted.receive("A1 OK [CAPABILITY IMAP4rev1 IDLE] in")
        try login.value
        #expect(scripted.session.state == .authenticated)
        #expect(scripted.session.capabilities.names == ["IDLE", "IMAP4REV1"])
    }

    @Test func `plain authentication waits for the plus otherwise`() throws {
        let scripted = try Scripted(greeting: "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi")
        let plain = PLAIN(username: "tim", password: Secret("tanstaaftanstaaf"))
        scripted.submit(try AuthenticateCommand(plain, capabilities: scripted.session.capabilities))
        #expect(scripted.sent == "A1 AUTHENTICATE PLAIN\r\n")
        try scripted.receive("+")
        #expect(scripted.sent == "AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n")
        try scripted.receive("A1 OK in")
        #expect(scripted.session.capabilities.isEmpty)
    }

    @Test func `login authentication answers both prompts`() throws {
        let scripted = try Scripted(greeting: "* OK [CAPABILITY IMAP4rev1 AUTH=LOGIN] hi")
        let mechanism = LOGIN(username: "tim", password: Secret("pw"))
        let login = scripted.submit(try AuthenticateCommand(mechanism, capabilities: scripted.session.capabilities))
        #expect(scripted.sent == "A1 AUTHENTICATE LOGIN\r\n")
        try scripted.receive("+ VXNlcm5hbWU6")
        #expect(scripted.sent == "dGlt\r\n")
        try scripted.receive("+ UGFzc3dvcmQ6")
        #expect(scripted.sent == "cHc=\r\n")
        try scripted.receive("A1 NO [AUTHENTICATIONFAILED] wrong")
        #expect(login.error == .no(ResponseText(code: .authenticationFailed, text: "wrong")))
        #expect(scripted.session.state == .notAuthenticated)
    }

    @Test func `a success before the mechanism is done is not believed`() throws {
        let scripted = try Scripted(greeting: "* OK [CAPABILITY IMAP4rev1 AUTH=LOGIN] hi")
        let mechanism = LOGIN(username: "tim", password: Secret("pw"))
        let login = scripted.submit(try AuthenticateCommand(mechanism, capabilities: scripted.session.capabilities))
        #expect(throws: IMAPError.authenticationDialogue) { try scripted.receive("A1 OK surely") }
        #expect(login.error == .authenticationDialogue)
    }

    @Test func `LOGINDISABLED keeps the password at home`() throws {
        let scripted = try Scripted(greeting: "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS] hi")
        let login = scripted.submit(LoginCommand(username: "u", password: Secret("p")))
        #expect(login.error == .unsupported(.loginDisabled))
        #expect(scripted.sent.isEmpty)
    }

    @Test func `capabilities are forgotten after STARTTLS`() throws {
        let scripted = try Scripted(greeting: "* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi")
        scripted.submit(StartTLSCommand())
        #expect(scripted.sent == "A1 STARTTLS\r\n")
        let later = scripted.submit(CapabilityCommand())
        #expect(scripted.sent.isEmpty)
        try scripted.receive("A1 OK [CAPABILITY IMAP4rev1 AUTH=EVIL] begin TLS")
        #expect(scripted.events.last == .completed(.startTLS))
        #expect(scripted.session.capabilities.isEmpty)
        try scripted.receive("* CAPABILITY IMAP4rev1 AUTH=PLAIN", "A2 OK done")
        #expect(try later.value.authenticationMechanisms == ["PLAIN"])
    }

    @Test func `selects, follows the server's news and deselects when a select fails`() throws {
        let scripted = try Scripted.selected()
        #expect(scripted.session.selected?.uidValidity == 7)
        try scripted.receive("* 5 EXISTS", "* 1 EXPUNGE", "* 2 FETCH (UID 4 FLAGS (\\Seen))")
        #expect(scripted.session.selected?.exists == 4)
        #expect(scripted.events.count == 3)
        #expect(scripted.events.first == .unsolicited(.exists(5)))
        let failed = scripted.submit(SelectCommand(MailboxName("nosuch"), readOnly: true))
        #expect(scripted.sent == "A2 EXAMINE \"nosuch\"\r\n")
        try scripted.receive("* OK [CLOSED] bye", "A2 NO [NONEXISTENT] no")
        #expect(failed.error?.serverText?.code == .nonExistent)
        #expect(scripted.session.state == .authenticated)
        #expect(scripted.submit(SearchCommand(.all)).error == .wrongState)
    }

    @Test func `news before CLOSED belong to the old mailbox`() throws {
        let scripted = try Scripted.selected()
        let select = scripted.submit(SelectCommand(MailboxName("other")))
        try scripted.receive(
            "* 99 EXISTS", "* OK [CLOSED] old one", "* 1 EXISTS", "* OK [UIDVALIDITY 8] v", "A2 OK [READ-ONLY] done")
        #expect(try select.value.exists == 1)
        #expect(try select.value.readOnly)
        #expect(scripted.session.selected == (try select.value))
    }

    @Test func `a literal goes out when the server asks, and holds everybody else back`() throws {
        let scripted = try Scripted.selected()
        let append = scripted.submit(
            AppendCommand(
                to: MailboxName("Entw\u{FC}rfe"), flags: [.seen, .keyword("$Forwarded")], internalDate: 0,
                message: Array("a\r\nb".utf8)))
        scripted.submit(NoopCommand())
        #expect(
            scripted.sent
                == "A2 APPEND \"Entw&APw-rfe\" (\\Seen $Forwarded) \"01-Jan-1970 00:00:00 +0000\" {4}\r\n")
        try scripted.receive("+ go ahead")
        #expect(scripted.sent == "a\r\nb\r\nA3 NOOP\r\n")
        try scripted.receive("A2 OK [APPENDUID 38505 3955] done")
        #expect(try append.value == .init(uidValidity: 38_505, uid: 3_955))
    }

    @Test func `a literal refused is not sent`() throws {
        let scripted = try Scripted.selected()
        let append = scripted.submit(AppendCommand(to: .inbox, message: Array("secret".utf8)))
        _ = scripted.sent
        try scripted.receive("A2 NO [OVERQUOTA] full")
        #expect(append.error?.serverText?.code == .overQuota)
        scripted.submit(NoopCommand())
        #expect(scripted.sent == "A3 NOOP\r\n")
    }

    @Test(arguments: [("LITERAL+", 5_000, true), ("LITERAL-", 4_096, true), ("LITERAL-", 4_097, false)])
    func `literals go unasked where the server takes them`(capability: String, size: Int, unasked: Bool) throws {
        let scripted = try Scripted.selected("IMAP4rev1 \(capability)")
        scripted.submit(AppendCommand(to: .inbox, message: [UInt8](repeating: 0x61, count: size)))
        let sent = scripted.sent
        #expect(sent.contains(unasked ? "{\(size)+}" : "{\(size)}"))
        #expect((sent.utf8.count > size) == unasked)
    }

    @Test func `commands that cannot be confused run side by side`() throws {
        let scripted = try Scripted.selected()
        let first = scripted.submit(FetchCommand(.uids(UIDSet(1)), items: [.uid, .size]))
        let second = scripted.submit(FetchCommand(.uids(UIDSet(2)), items: [.uid, .size]))
        let search = scripted.submit(SearchCommand(.flag(.seen)))
        let other = scripted.submit(SearchCommand(.not(.flag(.seen))))
        let select = scripted.submit(SelectCommand(MailboxName("x")))
        #expect(
            scripted.sent == """
                A2 UID FETCH 1 (UID RFC822.SIZE)\r\nA3 UID FETCH 2 (UID RFC822.SIZE)\r\nA4 UID SEARCH SEEN\r\n
                """)
        try scripted.receive(
            "* 2 FETCH (UID 2 RFC822.SIZE 20)", "* 1 FETCH (UID 1 RFC822.SIZE 10)", "A3 OK a", "A2 OK b")
        #expect(try first.value.map(\.size) == [10])
        #expect(try second.value.map(\.size) == [20])
        try scripted.receive("* SEARCH 4 2", "* SEARCH 9", "A4 OK found")
        #expect(try search.value.all?.description == "2,4,9")
        #expect(scripted.sent == "A5 UID SEARCH UNSEEN\r\n")
        try scripted.receive("A5 OK nothing")
        #expect(try other.value.all?.isEmpty == true)
        #expect(try other.value.count == 0)
        #expect(scripted.sent == "A6 SELECT \"x\"\r\n")
        #expect(select.outcome == nil)
    }

    @Test func `idling ends with DONE, not before the server said plus`() throws {
        let scripted = try Scripted.selected()
        let idle = scripted.submit(IdleCommand())
        scripted.submit(NoopCommand())
        #expect(scripted.sent == "A2 IDLE\r\n")
        scripted.session.endIdle()
        #expect(scripted.sent.isEmpty)
        try scripted.receive("+ idling")
        #expect(scripted.sent == "DONE\r\n")
        try scripted.receive("* 4 EXISTS", "A2 OK done")
        try idle.value
        #expect(scripted.sent == "A3 NOOP\r\n")
        #expect(scripted.session.selected?.exists == 4)
    }

    @Test func `a BYE tells everybody why`() throws {
        let scripted = try Scripted.selected()
        let fetch = scripted.submit(FetchCommand(.uids(.all), items: [.flags]))
        let queued = scripted.submit(SelectCommand(.inbox))
        try scripted.receive("* BYE [UNAVAILABLE] maintenance")
        let text = ResponseText(code: .unavailable, text: "maintenance")
        #expect(fetch.error == .bye(text))
        #expect(queued.error == .bye(text))
        #expect(scripted.session.state == .loggedOut)
        #expect(scripted.submit(NoopCommand()).error == .closed)
    }

    @Test func `logs out in peace`() throws {
        let scripted = try Scripted.selected()
        let logout = scripted.submit(LogoutCommand())
        try scripted.receive("* BYE see you", "A2 OK done")
        try logout.value
        #expect(scripted.session.state == .loggedOut)
    }

    @Test(arguments: ["A9 OK surprise", "+ what"])
    func `answers to nothing end the session`(line: String) throws {
        let scripted = try Scripted.selected()
        scripted.submit(NoopCommand())
        do {
            try scripted.receive(line)
            Issue.record("no error")
        } catch let error as IMAPError {
            guard case .protocolViolation = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request", "220 mx.example.org ESMTP", "+OK POP3 ready", "* 3 EXISTS"])
    func `another protocol's greeting is refused`(line: String) throws {
        #expect(throws: IMAPError.self) { try Scripted(greeting: line) }
    }

    @Test func `a greeting of BYE carries the server's words`() throws {
        #expect(throws: IMAPError.bye(ResponseText(text: "too many connections"))) {
            try Scripted(greeting: "* BYE too many connections")
        }
    }

    @Test func `a queue has a limit`() throws {
        let scripted = try Scripted.selected()
        for _ in 0..<64 { scripted.submit(LogoutCommand()) }
        #expect(scripted.submit(NoopCommand()).error == .limit(.commandsInFlight))
    }

    @Test func `a command not sent can be taken back`() throws {
        let scripted = try Scripted.selected()
        scripted.submit(SelectCommand(.inbox))
        let search = scripted.submit(SearchCommand(.all))
        let noop = scripted.submit(LogoutCommand())
        let flight = try #require(search.flight)
        let first = scripted.session.withdraw(flight)
        let second = scripted.session.withdraw(flight)
        #expect(first && !second)
        #expect(noop.outcome == nil)
    }

    @Test func `MOVE collects its COPYUID wherever it comes`() throws {
        for lines in [["* OK [COPYUID 5 1 9] moved", "* 1 EXPUNGE", "A2 OK done"], ["A2 OK [COPYUID 5 1 9] done"]] {
            let scripted = try Scripted.selected()
            let move = scripted.submit(MoveCommand(.uids(UIDSet(1)), to: MailboxName("Trash")))
            for line in lines { try scripted.receive(line) }
            #expect(try move.value?.pairs()?.first?.destination == 9)
        }
    }

    @Test func `secrets of a login show nowhere`() {
        let login = LoginCommand(username: "u", password: Secret("hunter2"))
        var text = "\(login) \(String(reflecting: login)) "
        dump(login, to: &text)
        #expect(!text.contains("hunter2"))
    }
}
