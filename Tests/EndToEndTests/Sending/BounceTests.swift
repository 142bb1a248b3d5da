import Foundation
import MailServers
import Testing

/// Mail that comes back: real bounces of Postfix, and reports that others write.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct BounceTests {
    /// A Postfix that takes mail for `elsewhere.test` and then hears from the server there that nobody has that name.
    private func start() async throws -> Bridge {
        var options = PostfixServer.Options()
        options.configuration = "transport_maps = inline:{ elsewhere.test=$virtual_transport }"
        let users = (1...10).map { MailUser("user\($0)@example.test") }
        return try await Bridge.start(host: MailHost.start(users: users, postfix: options))
    }

    private func event(_ type: String, of account: MailAccount, after: Int = 0) async throws -> [JSONValue] {
        try await account.events.all(after: after).filter { $0["type"] == .string(type) }
    }

    private func show(_ submission: JSONValue, of account: MailAccount) async throws -> JSONValue {
        try await account.api.get("\(account.path)/submissions/\(submission["id"].string ?? "")").expecting(200)
    }

    @Test func `a bounce of Postfix names the submission and the recipient, once`() async throws {
        let bridge = try await start()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        try await account.isRead()
        let submission = try await account.submit([
            "to": [.string(to.user.email), "Jane <jane@elsewhere.test>"], "subject": "Come back", "text": "Hello.",
        ])
        #expect(try await account.settled(submission)["state"] == "sent")
        let told = try await eventually("the bounce is told") {
            try await event("message.bounced", of: account)
        } until: {
            !$0.isEmpty
        }
        #expect(told.count == 1)
        let data = told[0]["data"]
        #expect(told[0]["accountId"].string == account.id)
        #expect(data["submissionId"] == submission["id"], "\(told)")
        #expect(data["originalMessageId"] == submission["messageId"])
        #expect(data["messageAccountId"].string == account.id)
        let recipient = data["recipients"][0]
        #expect(recipient["email"] == "jane@elsewhere.test" && recipient["action"] == "failed", "\(data)")
        #expect(recipient["enhancedCode"] == "5.1.1")
        #expect(recipient["text"].string?.hasPrefix("550 5.1.1 <jane@elsewhere.test>") == true, "\(data)")
        #expect(data["recipients"].array.count == 1)
        let shown = try await show(submission, of: account)
        #expect(shown["recipients"].array.map(\.["state"]) == ["accepted", "bounced"])
        let reports = shown["recipients"][1]["reports"].array
        #expect(reports.map(\.["messageId"]) == [data["messageId"]])
        let bounce = try await account.list("mailbox=inbox&from=MAILER-DAEMON")["data"].array
        #expect(bounce.map(\.["id"]) == [data["messageId"]])
        try await bridge.process.stop()
    }

    @Test func `a bounce is told once though the program is killed again and again`() async throws {
        var bridge = try await start()
        var account = try await bridge.newAccount()
        try await account.isRead()
        let submission = try await account.submit(["to": ["jane@elsewhere.test"], "text": "Hello."])
        _ = try await account.settled(submission)
        for _ in 0..<4 {
            try await bridge.process.kill()
            bridge = try await bridge.restart()
            let user = account.user
            account = MailAccount(id: account.id, api: bridge.api, host: bridge.host)
            account.user = user
            _ = try await bridge.api.get("/v1/accounts").expecting(200)
        }
        let told = try await eventually("the bounce is told", within: .seconds(60)) {
            try await event("message.bounced", of: account)
        } until: {
            !$0.isEmpty
        }
        #expect(told.count == 1)
        #expect(try await show(submission, of: account)["recipients"][0]["state"] == "bounced")
        // Another bounce comes behind the first: by then whatever was left of it has been done.
        let next = try await account.submit(["to": ["joe@elsewhere.test"], "text": "Hello."])
        let all = try await eventually("the next bounce is told", within: .seconds(60)) {
            try await event("message.bounced", of: account)
        } until: { events in
            events.contains { $0["data"]["submissionId"] == next["id"] }
        }
        #expect(all.count == 2)
        try await bridge.process.stop()
    }

    @Test func `complaints, receipts, answers and delays reach the recipient that they tell of`() async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        try await account.isRead()
        let submission = try await account.submit([
            "to": [.string(to.user.email)], "subject": "Hello", "text": "Hello.",
        ])
        #expect(try await account.settled(submission)["state"] == "sent")
        let id = submission["messageId"].string ?? ""
        try await account.deliver(Reports.complaint(of: id, by: to.user.email))
        try await account.deliver(Reports.receipt(of: id, by: to.user.email))
        try await account.deliver(Reports.vacation(of: id, by: to.user.email))
        try await account.deliver(Reports.delay(of: id, to: to.user.email))
        try await account.deliver(TestMail.plain("Re: Hello", from: to.user.email))
        let shown = try await eventually("four reports are known") {
            try await show(submission, of: account)["recipients"][0]
        } until: {
            $0["reports"].array.count == 4
        }
        let actions = Set(shown["reports"].array.compactMap(\.["action"].string))
        #expect(actions == ["complained", "displayed", "auto-replied", "delayed"])
        #expect(shown["state"] == "accepted")
        let complaint = try await event("message.complained", of: account)
        #expect(complaint.map(\.["data"]["feedbackType"]) == ["abuse"])
        #expect(complaint.map(\.["data"]["submissionId"]) == [submission["id"]])
        #expect(try await event("message.bounced", of: account).isEmpty)
        let log = try await bridge.api.get("/v1/events?account=\(account.id)&types=submission.deferred").expecting(200)
        #expect(log["data"].array.map(\.["data"]["id"]) == [submission["id"]])
    }

    @Test func `a report in another account's mail, and one of mail that was not submitted here`() async throws {
        let bridge = try await Bridge.shared()
        let (account, other) = (try await bridge.newAccount(), try await bridge.newAccount())
        try await account.isRead()
        try await other.isRead()
        let submission = try await account.submit(["to": [.string(other.user.email)], "text": "Hello."])
        #expect(try await account.settled(submission)["state"] == "sent")
        let id = submission["messageId"].string ?? ""
        try await other.deliver(Reports.complaint(of: id, by: other.user.email))
        try await other.deliver(Reports.complaint(of: "unknown@elsewhere.test", by: "x@elsewhere.test"))
        let mine = try await eventually("the complaint is told to whom it concerns") {
            try await event("message.complained", of: account)
        } until: {
            !$0.isEmpty
        }
        #expect(mine.map(\.["data"]["messageAccountId"].string) == [other.id])
        let theirs = try await eventually("the other one to the mailbox that it came to") {
            try await event("message.complained", of: other)
        } until: {
            !$0.isEmpty
        }
        #expect(theirs.map(\.["data"]["submissionId"].isNull) == [true])
        #expect(theirs.map(\.["data"]["recipients"][0]["email"]) == ["x@elsewhere.test"])
    }
}

/// Reports as other programs write them.
private enum Reports {
    private static func report(_ type: String, _ part: String, _ fields: String, of id: String) -> [UInt8] {
        TestMail.crlf(
            """
            From: postmaster@elsewhere.test
            To: me@example.test
            Subject: A report
            Date: Tue, 14 Nov 2023 22:13:20 +0000
            Message-ID: <\(UUID().uuidString)@elsewhere.test>
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=\(type); boundary=b

            --b
            Content-Type: text/plain

            For people.
            --b
            Content-Type: message/\(part)

            \(fields)

            --b
            Content-Type: text/rfc822-headers

            Message-ID: <\(id)>
            Subject: Hello

            --b--

            """)
    }

    static func complaint(of id: String, by email: String) -> [UInt8] {
        report(
            "feedback-report", "feedback-report",
            "Feedback-Type: abuse\nUser-Agent: test/1\nVersion: 1\nOriginal-Rcpt-To: <\(email)>", of: id)
    }

    static func receipt(of id: String, by email: String) -> [UInt8] {
        report(
            "disposition-notification", "disposition-notification",
            "Final-Recipient: rfc822; \(email)\nOriginal-Message-ID: <\(id)>\n"
                + "Disposition: manual-action/MDN-sent-manually; displayed", of: id)
    }

    static func delay(of id: String, to email: String) -> [UInt8] {
        report(
            "delivery-status", "delivery-status",
            "Reporting-MTA: dns; mx.elsewhere.test\n\nFinal-Recipient: rfc822; \(email)\nAction: delayed\nStatus: 4.4.1",
            of: id)
    }

    static func vacation(of id: String, by email: String) -> [UInt8] {
        TestMail.crlf(
            """
            From: \(email)
            To: me@example.test
            Subject: Automatic reply: Hello
            Date: Tue, 14 Nov 2023 22:13:20 +0000
            Message-ID: <\(UUID().uuidString)@elsewhere.test>
            In-Reply-To: <\(id)>
            Auto-Submitted: auto-replied (vacation)

            I am away.

            """)
    }
}
