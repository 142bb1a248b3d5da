import Foundation
import MailServers
import Testing

/// Mail that goes out, as those who get it see it: recipients have Dovecot, senders each kind of server.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct SendingTests {
    private static let attachment = [UInt8]((0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) })

    /// The messages that came, once there are as many as expected.
    private func arrivals(_ account: MailAccount, count: Int = 1, in mailbox: String = "INBOX") async throws
        -> [[UInt8]]
    {
        try await eventually("messages in \(mailbox) of \(account.user.email)") {
            try await account.stored(in: mailbox)
        } until: {
            $0.count >= count
        }
    }

    @Test(arguments: MailStore.allCases, ["starttls", "tls"])
    func `a message with text, html and a file arrives at both recipients and in Sent`(
        store: MailStore, security: String
    ) async throws {
        let bridge = try await Bridge.shared()
        let ports = bridge.host.postfix.ports
        let sender = try bridge.host.newUser()
        let smtp = bridge.host.server(security == "tls" ? ports.smtps : ports.submission, security)
        let imap = try await store.settings(bridge.host, security)
        let draft = bridge.host.draft(for: sender).setting("/smtp", to: smtp).setting("/imap", to: imap)
        var account = try await bridge.addAccount(draft)
        account.user = sender
        account.store = store
        let (to, cc, bcc) = (
            try await bridge.newAccount(), try await bridge.newAccount(), try await bridge.newAccount()
        )
        let answer = try await account.api.post(
            "\(account.path)/submissions",
            [
                "from": .string("Jörg Absender <\(sender.email)>"),
                "to": [["name": "田中", "email": .string(to.user.email)]], "cc": [.string(cc.user.email)],
                "bcc": [.string(bcc.user.email)], "subject": "日本語の件名 – und ein langer deutscher Nachsatz, der umbricht",
                "text": "Grüße.\n.\n..zwei Punkte\nEnde", "html": "<p>Grüße &amp; Küsse</p>",
                "headers": [["name": "X-Project", "value": "Ärger"]],
                "attachments": [
                    ["name": "報告書.pdf", "type": "application/pdf", "content": .string(Self.base64(Self.attachment))]
                ],
            ])
        let submission = try answer.expecting(202)
        let id = try #require(submission["id"].string)
        #expect(answer["Location"] == "\(account.path)/submissions/\(id)")
        let sent = try await account.settled(submission)
        #expect(sent["state"] == "sent", "\(sent)")
        #expect(sent["attempts"] == 1)
        #expect(sent["recipients"].array.map(\.["email"].string) == [to, cc, bcc].map(\.user.email))
        for recipient in sent["recipients"].array {
            #expect(recipient["state"] == "accepted")
            #expect(recipient["code"] == 250)
            #expect(recipient["enhancedCode"] == "2.1.5" || recipient["enhancedCode"] == "2.0.0", "\(recipient)")
        }

        let messageID = try #require(submission["messageId"].string)
        let copy = try #require(try await arrivals(account, in: "Sent").first)
        for recipient in [to, cc, bcc] {
            let raw = try #require(try await arrivals(recipient).first)
            // What Postfix and Dovecot put in front is theirs; the rest is what we sent, to the octet.
            #expect(raw.suffix(copy.count) == copy[...])
            let mail = try await PythonMail.read(raw)
            #expect(mail.defects == [])
            #expect(mail["Subject"] == "日本語の件名 – und ein langer deutscher Nachsatz, der umbricht")
            #expect(mail["From"] == "Jörg Absender <\(sender.email)>")
            #expect(mail["To"] == "田中 <\(to.user.email)>")
            #expect(mail["Cc"] == cc.user.email)
            #expect(mail["Bcc"] == nil)
            #expect(mail["X-Project"] == "Ärger")
            #expect(mail["Message-ID"] == "<\(messageID)>")
            let text = try #require(mail.part("text/plain"))
            let lines = String(decoding: text.content, as: UTF8.self).replacing("\r\n", with: "\n")
            #expect(lines.trimmingCharacters(in: .newlines) == "Grüße.\n.\n..zwei Punkte\nEnde")
            let html = try #require(mail.part("text/html"))
            #expect(String(decoding: html.content, as: UTF8.self).contains("<p>Grüße &amp; Küsse</p>"))
            let file = try #require(mail.part("application/pdf"))
            #expect(file.name == "報告書.pdf")
            #expect(file.content == Self.attachment)
            let own = try await recipient.onlyMessage()
            let shown = try await recipient.api.get(recipient.message(own["id"])).expecting(200)
            #expect(shown["attachments"][0]["name"] == "報告書.pdf")
            #expect(shown["problems"] == [])
        }
        let filed = try await eventually("the copy in Sent is known") {
            try await account.api.get("\(account.path)/submissions/\(id)").expecting(200)["sentMessageId"]
        } until: {
            !$0.isNull
        }
        #expect(try await account.onlyMessage(in: "sent")["id"] == filed)
        #expect(try await account.onlyMessage(in: "sent")["keywords"] == ["$seen": true])
        let listed = try await account.api.get("\(account.path)/submissions").expecting(200)
        #expect(listed["data"].array.map(\.["id"].string) == [id])
    }

    @Test(arguments: MailStore.allCases) func `a finished message is sent as it is but for Bcc`(
        store: MailStore
    ) async throws {
        let bridge = try await Bridge.shared()
        let (account, to, bcc) = (
            try await store.newAccount(), try await bridge.newAccount(), try await bridge.newAccount()
        )
        let head = """
            From: "Somebody  Else" <\(account.user.email)>
            To: \(to.user.email)
            X-Odd:   folded
            \tand kept\u{20}
            Date: Tue, 14 Nov 2023 22:13:20 +0000
            Message-ID: <raw-\(account.id)@outside.test>
            Subject: raw

            """
        let body = ".\n..leading dots\ntrailing space \nlong \(String(repeating: "x", count: 900))\n"
        let raw = TestMail.crlf("Bcc: \(bcc.user.email)\n" + head + "\n" + body)
        let answer = try await account.api.send(
            "POST", "\(account.path)/submissions", headers: [("Content-Type", "message/rfc822")], body: raw)
        let settled = try await account.settled(answer.expecting(202))
        #expect(settled["state"] == "sent", "\(settled)")
        #expect(settled["messageId"] == .string("raw-\(account.id)@outside.test"))
        let expected = TestMail.crlf(head + "\n" + body)
        for recipient in [to, bcc] {
            let arrived = try #require(try await arrivals(recipient).first)
            #expect(arrived.suffix(expected.count) == expected[...])
        }
        #expect(try await arrivals(account, in: "Sent") == [expected])
    }

    @Test(arguments: MailStore.allCases) func `an envelope of its own decides who gets a finished message`(
        store: MailStore
    ) async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await store.newAccount(), try await bridge.newAccount())
        let raw = TestMail.plain("Elsewhere", from: account.user.email, to: "shown@outside.test")
        let answer = try await account.api.send(
            "POST",
            "\(account.path)/submissions?rcptTo=\(to.user.email.percentEncoded)&saveToSent=false",
            headers: [("Content-Type", "message/rfc822")], body: raw)
        let settled = try await account.settled(answer.expecting(202))
        #expect(settled["state"] == "sent")
        #expect(settled["sentMessageId"].isNull)
        #expect(try await arrivals(to).first?.suffix(raw.count) == raw[...])
        #expect(try await account.stored(in: "Sent").isEmpty)
    }

    @Test(arguments: MailStore.allCases) func `a refused recipient leaves the others their mail`(
        store: MailStore
    ) async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await store.newAccount(), try await bridge.newAccount())
        let submission = try await account.submit([
            "to": [.string(to.user.email), "nobody@example.test"], "subject": "Partly", "text": "Hello.",
        ])
        let settled = try await account.settled(submission)
        #expect(settled["state"] == "partially-sent", "\(settled)")
        #expect(settled["recipients"][0]["state"] == "accepted")
        let refused = settled["recipients"][1]
        #expect(refused["state"] == "refused")
        #expect(refused["code"] == 550)
        #expect(refused["enhancedCode"] == "5.1.1")
        #expect(refused["text"].string?.contains("nobody@example.test") == true)
        #expect(try await arrivals(to).count == 1)
        #expect(try await arrivals(account, in: "Sent").count == 1)
    }

    @Test(arguments: MailStore.allCases) func `when all recipients are refused nothing is sent and nothing filed`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let submission = try await account.submit([
            "to": ["nobody@example.test", "no-one@example.test"], "subject": "Not at all", "text": "Hello.",
        ])
        let settled = try await account.settled(submission)
        #expect(settled["state"] == "failed", "\(settled)")
        #expect(settled["recipients"].array.allSatisfy { $0["state"] == "refused" && $0["code"] == 550 })
        #expect(settled["error"]["code"].string?.isEmpty == false)
        #expect(settled["nextAttemptAt"].isNull)
        #expect(try await account.stored(in: "Sent").isEmpty)
    }

    @Test(arguments: MailStore.allCases) func `a file of 5 MB arrives byte-exact`(
        store: MailStore
    ) async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await store.newAccount(), try await bridge.newAccount())
        let file = try TestMail.randomOctets(5 << 20)
        let submission = try await account.submit([
            "to": [.string(to.user.email)], "subject": "Large", "text": "See the file.",
            "attachments": [["name": "large.bin", "content": .string(file.base64EncodedString())]],
        ])
        #expect(try await account.settled(submission, within: .seconds(60))["state"] == "sent")
        #expect(try await arrivals(to).count == 1)
        let message = try await to.api.get(to.message(try await to.onlyMessage()["id"])).expecting(200)
        let id = try #require(message["attachments"][0]["id"].string)
        let download = try await to.api.get("\(to.message(message["id"]))/attachments/\(id)")
        #expect(Data(download.body) == file)
    }

    @Test func `an account without IMAP sends`() async throws {
        let bridge = try await Bridge.shared()
        let to = try await bridge.newAccount()
        let sender = try bridge.host.newUser()
        let account = try await bridge.addAccount(bridge.host.draft(for: sender).removing("imap"))
        let submission = try await account.submit(["to": [.string(to.user.email)], "text": "Hello."])
        #expect(try await account.settled(submission)["state"] == "sent")
        #expect(try await arrivals(to).count == 1)
        try await account.api.get("\(account.path)/messages").problem(409, "protocol-not-configured")
        try await account.api.get("\(account.path)/mailboxes").problem(409, "protocol-not-configured")
    }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
