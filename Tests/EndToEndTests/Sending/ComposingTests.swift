import Foundation
import MailServers
import Testing

/// Messages made of what lies elsewhere: on the mail server, or in a form.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct ComposingTests {
    private static let picture = [UInt8]((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 97) })

    /// An account with one message in its inbox: text and html, a picture inside it and a file.
    private func received(
        _ store: MailStore, headers: String = ""
    ) async throws -> (account: MailAccount, message: JSONValue) {
        let account = try await store.newAccount()
        let raw = TestMail.crlf(
            """
            From: Bob <bob@outside.test>
            To: \(account.user.email), eve@outside.test
            Cc: carl@outside.test
            Subject: AW: Lunch
            Date: Tue, 14 Nov 2023 22:13:20 +0000
            Message-ID: <lunch-\(account.id)@outside.test>
            References: <first@outside.test>
            \(headers)MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=m

            --m
            Content-Type: multipart/related; boundary=r

            --r
            Content-Type: multipart/alternative; boundary=a

            --a
            Content-Type: text/plain; charset=utf-8

            At noon, Jörg?
            --a
            Content-Type: text/html; charset=utf-8

            <p onclick="x()">At <b>noon</b>? <img src="cid:pic@x"><script>x()</script></p>
            --a--
            --r
            Content-Type: image/png
            Content-ID: <pic@x>
            Content-Disposition: inline; filename=pic.png
            Content-Transfer-Encoding: base64

            \(TestMail.base64(Self.picture))
            --r--
            --m
            Content-Type: text/csv; charset=iso-8859-1
            Content-Disposition: attachment; filename*=utf-8''p%C3%A4per.csv
            Content-Transfer-Encoding: quoted-printable

            a;=FC
            --m--

            """)
        try await account.seed([SeedMessage(raw)])
        return (account, try await account.onlyMessage())
    }

    @Test(arguments: MailStore.allCases) func `an attachment of a stored message goes along by its name`(
        store: MailStore
    ) async throws {
        let (account, message) = try await received(store)
        let to = try await Bridge.shared().newAccount()
        let file = try #require(message["attachments"].array.first { $0["type"] == "text/csv" })
        let submission = try await account.submit([
            "to": [.string(to.user.email)], "text": "See the file.",
            "attachments": [
                ["messageId": message["id"], "attachmentId": file["id"]],
                ["messageId": message["id"], "attachmentId": file["id"], "name": "other.txt", "type": "text/plain"],
            ],
        ])
        #expect(try await account.settled(submission)["state"] == "sent")
        let mail = try await PythonMail.read(try #require(try await to.arrivals().first))
        #expect(mail.defects == [])
        let csv = try #require(mail.part("text/csv"))
        #expect(csv.name == "päper.csv" && csv.content.starts(with: [0x61, 0x3B, 0xFC]))
        #expect(mail.parts.last?.name == "other.txt" && mail.parts.last?.content == csv.content)
    }

    @Test(arguments: MailStore.allCases)
    func `an answer to all is addressed, threaded and quoted, and marks the original`(
        store: MailStore
    ) async throws {
        let (account, message) = try await received(store)
        let (to, cc) = (try await Bridge.shared().newAccount(), try await Bridge.shared().newAccount())
        let submission = try await account.submit([
            "reference": ["messageId": message["id"], "action": "replyAll", "quote": true], "text": "Ja.",
            "html": "<p>Ja.</p>", "envelope": ["rcptTo": [.string(to.user.email), .string(cc.user.email)]],
        ])
        #expect(try await account.settled(submission)["state"] == "sent")
        let mail = try await PythonMail.read(try #require(try await to.arrivals().first))
        #expect(mail.defects == [])
        #expect(mail["Subject"] == "Re: Lunch")
        #expect(mail["To"] == "Bob <bob@outside.test>")
        #expect(mail["Cc"] == "eve@outside.test, carl@outside.test")
        #expect(mail["In-Reply-To"] == "<lunch-\(account.id)@outside.test>")
        #expect(mail["References"] == "<first@outside.test> <lunch-\(account.id)@outside.test>")
        let text = String(decoding: try #require(mail.part("text/plain")).content, as: UTF8.self)
        #expect(text.contains("Ja.\r\n\r\nOn ") && text.contains("Bob wrote:\r\n> At noon, Jörg?"))
        let html = String(decoding: try #require(mail.part("text/html")).content, as: UTF8.self)
        #expect(html.contains("<blockquote type=\"cite\">") && html.contains("cid:pic@x"))
        #expect(!html.contains("script") && !html.contains("onclick"))
        #expect(mail.part("image/png")?.content == Self.picture)
        #expect(mail.part("text/csv") == nil)
        try await eventually("the original is marked") {
            try await account.onlyMessage()["keywords"]["$answered"] == true
        }
    }

    @Test(arguments: MailStore.allCases) func `what is passed on comes with its files, and the original is marked`(
        store: MailStore
    ) async throws {
        let (account, message) = try await received(store)
        let to = try await Bridge.shared().newAccount()
        let submission = try await account.submit([
            "to": [.string(to.user.email)], "reference": ["messageId": message["id"], "action": "forward"],
        ])
        #expect(try await account.settled(submission)["state"] == "sent")
        let mail = try await PythonMail.read(try #require(try await to.arrivals().first))
        #expect(mail["Subject"] == "Fwd: AW: Lunch")
        #expect(mail["In-Reply-To"] == nil)
        let text = String(decoding: try #require(mail.part("text/plain")).content, as: UTF8.self)
        #expect(text.contains("From: Bob <bob@outside.test>") && text.contains("At noon, Jörg?"))
        #expect(mail.part("image/png")?.content == Self.picture)
        #expect(mail.part("text/csv")?.name == "päper.csv")
        try await eventually("the original is marked") {
            try await account.onlyMessage()["keywords"]["$forwarded"] == true
        }
    }

    @Test func `an answer that is refused marks nothing`() async throws {
        let (account, message) = try await received(.dovecot)
        let submission = try await account.submit([
            "reference": ["messageId": message["id"], "action": "reply"], "text": "x", "to": ["nobody@example.test"],
        ])
        #expect(try await account.settled(submission)["state"] == "failed")
        // The next one shows that the first was looked at: events come in order.
        let other = try await account.submit([
            "reference": ["messageId": message["id"], "action": "forward"], "text": "x",
            "to": [.string(account.user.email)],
        ])
        #expect(try await account.settled(other)["state"] == "sent")
        try await eventually("the original is marked as passed on, and not as answered") {
            let found = try await account.list("mailbox=inbox&subject=AW")["data"].array.filter {
                $0["id"] == message["id"]
            }
            return found.first?["keywords"] == ["$forwarded": true]
        }
    }

    @Test(arguments: MailStore.allCases) func `a draft may be an answer too`(store: MailStore) async throws {
        let (account, message) = try await received(store)
        let kept = try await account.api.post(
            "\(account.path)/drafts",
            ["reference": ["messageId": message["id"], "action": "reply", "includeAttachments": true], "text": "Ja."]
        ).expecting(201)
        #expect(kept["to"].array.map(\.["email"].string) == ["bob@outside.test"])
        #expect(kept["attachments"].array.count == 2)
        let to = try await Bridge.shared().newAccount()
        let id = try #require(kept["id"].string)
        let draft: JSONValue = [
            "reference": ["messageId": message["id"], "action": "reply"], "text": "Ja.", "to": [.string(to.user.email)],
        ]
        let replaced = try await account.api.send(
            "PUT", "\(account.path)/drafts/\(id)", headers: [("Content-Type", "application/json")],
            body: draft.encoded()
        ).expecting(200)
        let next = try #require(replaced["id"].string)
        let sent = try await account.api.post("\(account.path)/drafts/\(next)/send").expecting(202)
        #expect(try await account.settled(sent)["state"] == "sent")
        let text = String(decoding: try #require(try await to.arrivals().first), as: UTF8.self)
        #expect(text.contains("In-Reply-To: <lunch-\(account.id)@outside.test>") && !text.contains("X-Mailbridge"))
        try await eventually("the original is marked") {
            try await account.onlyMessage()["keywords"]["$answered"] == true
        }
    }

    @Test(arguments: MailStore.allCases) func `files of a form are sent as they are, one of them inside the html`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let to = try await Bridge.shared().newAccount()
        var form = try Form([
            "to": [.string(to.user.email)], "subject": "Files", "html": "<img src=\"cid:logo@x\">",
            "attachments": [["part": "logo", "cid": "logo@x", "name": "logo.png"]],
        ])
        let file = [UInt8](try TestMail.randomOctets(600_000))
        form.add("logo", fileName: "C:\\pic.png", type: "image/png", content: Self.picture)
        form.add("upload", fileName: "größe %22a%22.bin", type: "application/x-thing", content: file)
        form.add("upload", content: Array("just text".utf8))
        let submission = try await account.submit(form).expecting(202)
        #expect(try await account.settled(submission)["state"] == "sent")
        let mail = try await PythonMail.read(try #require(try await to.arrivals().first))
        #expect(mail.defects == [])
        let logo = try #require(mail.part("image/png"))
        #expect(logo.name == "logo.png" && logo.content == Self.picture)
        let upload = try #require(mail.part("application/x-thing"))
        #expect(upload.name == "größe \"a\".bin" || upload.name == "größe _a_.bin", "\(upload.name ?? "")")
        #expect(upload.content == file)
        #expect(mail.parts.last?.content == Array("just text".utf8))
    }

    @Test func `the same form with another boundary is the same request`() async throws {
        let account = try await Bridge.shared().newAccount()
        let key = [("Idempotency-Key", "form-\(account.id)")]
        var forms: [Form] = []
        for content in ["one", "one", "two"] {
            var form = try Form(["to": [.string(account.user.email)], "text": "Once."])
            form.add("file", fileName: "a.txt", content: Array(content.utf8))
            forms.append(form)
        }
        let first = try await account.submit(forms[0], headers: key).expecting(202)
        #expect(try await account.submit(forms[1], headers: key).expecting(202)["id"] == first["id"])
        try await account.submit(forms[2], headers: key).problem(422, "idempotency-key-reused")
    }

    @Test(arguments: ["form", "message/rfc822"])
    func `a large message flows into the queue and the program grows by less than 8 MB`(way: String) async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        // To somebody whom the server refuses: what is measured is the way into the queue, and nothing has to arrive.
        let to = "nobody@example.test"
        func send(_ size: Int) async throws -> TestHTTPResponse {
            let content = try TestMail.randomOctets(size)
            if way == "form" {
                var form = try Form(["to": [.string(to)], "text": "Large."])
                form.add("file", fileName: "large.bin", content: [UInt8](content))
                return try await account.submit(form)
            }
            return try await account.api.send(
                "POST", "\(account.path)/submissions?rcptTo=\(to)", headers: [("Content-Type", "message/rfc822")],
                body: TestMail.large(content))
        }
        for _ in 0..<3 { try await send(200_000).expecting(202) }
        let watch = MemoryWatch(bridge.process, from: try bridge.process.residentMemory)
        let answer = try await watch.during { try await send(24 << 20) }
        try answer.expecting(202)
        #expect(watch.growth < 8 << 20, "grew the program by \(watch.growth >> 10) KiB")
        try await bridge.process.stop()
    }
}
