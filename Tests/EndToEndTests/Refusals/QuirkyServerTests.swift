import MailServers
import Testing

/// Servers that announce what they cannot do, and answer what nobody asked: the API is the same before them.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct QuirkyServerTests {
    private typealias Rule = ScriptedServer.Rule

    private static let capabilities =
        "CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN LIST-EXTENDED LIST-STATUS UIDPLUS ENABLE UTF8=ACCEPT ID"

    /// ID and ENABLE are unknown though announced.
    private static let refusals = [
        Rule("AUTHENTICATE", "%TAG% OK in\r\n"),
        Rule(" ID ", "%TAG% BAD Unknown command\r\n"), Rule("ENABLE", "%TAG% BAD Unknown command\r\n"),
        Rule("STATUS", "* STATUS \"INBOX\" (MESSAGES 4 UNSEEN 1)\r\n%TAG% OK done\r\n"),
        Rule("LSUB", "%TAG% BAD Unknown command\r\n"), Rule("LOGOUT", "* BYE bye\r\n%TAG% OK done\r\n"),
    ]

    /// The rules answer what a request asks, and nobody else.
    private static let bridge = Task(name: "bridge without sync") {
        try await Bridge.start(settings: ["MAILBRIDGE_SYNC": "off"])
    }

    private static let inbox = "* LIST () \"/\" \"INBOX\"\r\n"

    private func account(
        _ rules: [ScriptedServer.Rule], announcing words: String = ""
    ) async throws -> (MailAccount, ScriptedServer) {
        let capabilities = words.isEmpty ? Self.capabilities : "\(Self.capabilities) \(words)"
        let again = Rule("CAPABILITY", "* \(capabilities)\r\n%TAG% OK done\r\n")
        let server = try ScriptedServer([
            .send("* OK [\(capabilities)] ready\r\n"), .serve(rules + [again] + Self.refusals),
        ])
        let bridge = try await Self.bridge.value
        let draft = bridge.host.draft(for: try bridge.host.newUser()).setting(
            "/imap", to: ["host": "127.0.0.1", "port": .number(Double(server.port)), "security": "none"])
        return (try await bridge.addAccount(draft, query: "?verify=false"), server)
    }

    @Test func `a LIST that is called BAD is asked for with less, and so it stays`() async throws {
        let (account, server) = try await account([
            Rule("RETURN (", "%TAG% BAD Command Argument Error. 11\r\n"),
            Rule(
                "LIST",
                """
                \(Self.inbox)* LIST (\\HasNoChildren) "/" "/Archiv"\r\n* LIST (\\NonExistent) "/" "Gone"\r
                * LIST (\\NoInferiors) NIL "Flat"\r\n%TAG% OK done\r\n
                """),
        ])
        for _ in 0..<3 {
            let list = try await account.api.get("\(account.path)/mailboxes").expecting(200)["data"].array
            #expect(list.map(\.["name"].string) == ["INBOX", "Archiv", "Flat", "Gone"])
            #expect(list.map(\.["isSelectable"].bool) == [true, true, true, false])
            #expect(list.allSatisfy { $0["parentId"].isNull && $0["isSubscribed"] == true })
            #expect(list[0]["totalEmails"] == 4)
        }
        // Each session asks once: those of the sync, too.
        #expect(server.received.count { $0.contains("RETURN (") } <= server.connectionCount)
        #expect(server.received.count { $0.contains("LIST \"\" \"*\"") } > server.connectionCount)
        #expect(server.received.contains { $0.contains("ENABLE UTF8=ACCEPT") })
        server.stop()
    }

    @Test func `a list that has nothing, or that the server cannot make, leaves what was known`() async throws {
        let (account, server) = try await account([
            Rule("LIST", "\(Self.inbox)%TAG% OK done\r\n"),
            Rule("EXAMINE", "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n%TAG% OK [READ-ONLY] done\r\n"),
        ])
        let mailboxes = "\(account.path)/mailboxes"
        try await account.api.get(mailboxes).expecting(200)
        let answers = [
            ("* LIST (\\Noselect) \"/\" \"INBOX\"\r\n%TAG% OK done\r\n", "protocol-violation", "upstream-error"),
            ("%TAG% OK done\r\n", "protocol-violation", "upstream-error"),
            ("%TAG% NO [SERVERBUG] Internal error\r\n", "SERVERBUG", "upstream-broken"),
        ]
        for (answer, code, slug) in answers {
            server.answer("LIST", with: answer)
            let problem = try await account.api.get(mailboxes).problem(502, slug)
            #expect(problem["upstream"]["code"].string == code)
            #expect(try await account.list("mailbox=inbox")["data"] == [])
        }
        server.answer("LIST", with: "\(Self.inbox)%TAG% OK done\r\n")
        try await account.api.get(mailboxes).expecting(200)
        server.stop()
    }

    @Test func `rows in any order, twice, without UID or date, and gone ones make a page all the same`() async throws {
        let envelope = "ENVELOPE (\"x\" \"%@\" NIL NIL NIL NIL NIL NIL NIL NIL)"
        func row(_ sequence: Int, _ uid: Int?, _ date: String?) -> String {
            let items = [
                uid.map { "UID \($0)" }, date.map { "INTERNALDATE \"\($0)\"" }, "FLAGS ()",
                envelope.replacing("%@", with: "s\(sequence)"),
            ]
            return "* \(sequence) FETCH (\(items.compactMap(\.self).joined(separator: " ")))\r\n"
        }
        let rows =
            row(3, 30, "09-Dec-2024 09:00:03 +0000") + row(1, 10, nil) + row(4, nil, "09-Dec-2024 09:00:04 +0000")
            + row(2, 20, " 9-Dec-2024  09:00:02") + row(3, 30, "09-Dec-2024 09:00:03 +0000")
        let (account, server) = try await account([
            Rule("LIST", "\(Self.inbox)%TAG% OK done\r\n"),
            // Neither UIDVALIDITY nor UIDNEXT.
            Rule("EXAMINE", "* 4 EXISTS\r\n%TAG% OK [READ-ONLY] done\r\n"),
            Rule("FETCH", rows + "%TAG% NO Some of the requested messages no longer exist (Failure)\r\n"),
        ])
        let page = try await account.list("mailbox=inbox")
        #expect(page["data"].array.map(\.["subject"].string) == ["s3", "s2", "s1"])
        #expect(page["data"][1]["receivedAt"] == "2024-12-09T09:00:02.000Z")
        #expect(page["nextCursor"].isNull)
        server.stop()
    }

    @Test(arguments: [
        ("%TAG% BAD User is authenticated but not connected.\r\n", "30"),
        ("%TAG% BAD Request is throttled. Suggested Backoff Time: 89117 milliseconds\r\n", "90"),
        ("Server Unavailable. 15\r\n", "30"),
    ])
    func `a server that wants to be left alone is, and the caller hears how long`(
        answer: String, pause: String
    ) async throws {
        let (account, server) = try await account([Rule("LIST", answer)])
        let refused = try await account.api.get("\(account.path)/mailboxes")
        let problem = try refused.problem(503, "account-unavailable")
        #expect(refused["Retry-After"] == pause)
        #expect(answer.contains(problem["upstream"]["text"].string ?? "-"))
        server.stop()
    }

    /// RFC 8440, 4.
    @Test func `rights come with the list and without another question, and may be left out of it`() async throws {
        let rights = "* MYRIGHTS \"INBOX\" lrs\r\n"
        let (account, server) = try await account(
            [
                Rule("RETURN (", "\(Self.inbox)\(rights)* LIST () \"/\" \"Secret\"\r\n%TAG% OK done\r\n"),
                Rule("MYRIGHTS \"Secret\"", "* MYRIGHTS \"Secret\" l\r\n%TAG% OK done\r\n"),
            ], announcing: "ACL LIST-MYRIGHTS")
        let list = try await account.api.get("\(account.path)/mailboxes").expecting(200)["data"].array
        #expect(list[0]["myRights"]["mayReadItems"] == true && list[0]["myRights"]["mayAddItems"] == false)
        #expect(list[1]["name"] == "Secret" && list[1]["myRights"].isNull)
        let inbox = try await account.api.get("\(account.path)/mailboxes/inbox").expecting(200)
        #expect(inbox["myRights"] == list[0]["myRights"])
        #expect(!server.received.contains { $0.contains(" MYRIGHTS \"") })
        #expect(server.received.contains { $0.contains("RETURN (SUBSCRIBED CHILDREN MYRIGHTS STATUS (") })
        // What the list leaves out is asked for where one mailbox is shown.
        let secret = try await account.api.get("\(account.path)/mailboxes/\(list[1]["id"].string ?? "")").expecting(200)
        #expect(secret["myRights"]["mayReadItems"] == false)
        #expect(server.received.count { $0.contains(" MYRIGHTS \"Secret\"") } == 1)
        server.stop()
    }

    /// RFC 8514.
    @Test func `a server without save dates is asked for none, and nothing is found by another date`() async throws {
        let row = "* 1 FETCH (UID 10 FLAGS () RFC822.SIZE 9 INTERNALDATE \"09-Dec-2004 09:00:03 +0000\")\r\n"
        let (account, server) = try await account([
            Rule("LIST", "\(Self.inbox)%TAG% OK done\r\n"),
            Rule("EXAMINE", "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n%TAG% OK [READ-ONLY] done\r\n"),
            Rule("SELECT", "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n%TAG% OK [READ-WRITE] done\r\n"),
            Rule("SEARCH", "* SEARCH 10\r\n%TAG% OK done\r\n"), Rule("FETCH", row + "%TAG% OK done\r\n"),
        ])
        let messages = "\(account.path)/messages"
        #expect(try await account.list("mailbox=inbox&fields=savedAt")["data"][0]["savedAt"].isNull)
        let problem = try await account.api.get("\(messages)?mailbox=inbox&savedBefore=2024-01-01")
            .problem(502, "upstream-unsupported")
        #expect(problem["detail"].string?.contains("SAVEDATE") == true)
        // In a tree, where the rest of the condition alone would decide.
        let filter: JSONValue = [
            "operator": "OR", "conditions": [["hasAttachment": false], ["savedAfter": "2024-01-01T00:00:00Z"]],
        ]
        try await account.api.post("\(messages)/search", ["mailbox": "inbox", "filter": filter])
            .problem(502, "upstream-unsupported")
        let batch: JSONValue = [
            "mailbox": "inbox", "filter": ["savedBefore": "2024-01-01"],
            "action": ["delete": true, "permanently": true],
        ]
        try await account.api.post("\(messages)/batch", batch).problem(502, "upstream-unsupported")
        #expect(!server.received.contains { $0.contains("SAVED") || $0.contains("STORE") || $0.contains("EXPUNGE") })
        server.stop()
    }
}
