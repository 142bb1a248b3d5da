import Foundation
import MailServers
import Testing

/// When, how and how often a message is sent, as its sender asks for it.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct SendingTermsTests {
    private func shown(_ submission: JSONValue, _ account: MailAccount) async throws -> JSONValue {
        guard let id = submission["id"].string else { throw ServerFailure("A submission without an id") }
        return try await account.api.get("\(account.path)/submissions/\(id)").expecting(200)
    }

    private func target(_ submission: JSONValue, _ account: MailAccount) throws -> String {
        "\(account.path)/submissions/\(try #require(submission["id"].string))"
    }

    private func time(in seconds: Double) -> JSONValue {
        .string(Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(Date(timeIntervalSinceNow: seconds)))
    }

    @Test func `a message for later waits, and goes when its time has come`() async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        let due = Date(timeIntervalSinceNow: 6)
        let submission = try await account.submit([
            "to": [.string(to.user.email)], "text": "Later.", "sendAt": time(in: 6),
        ])
        #expect(submission["state"] == "scheduled" && submission["attempts"] == 0)
        #expect(submission["sendAt"] == submission["nextAttemptAt"])
        let settled = try await account.settled(submission)
        #expect(settled["state"] == "sent")
        #expect(Date.now >= due)
        try await eventually("it arrived") { try await to.stored().count == 1 }
    }

    @Test(arguments: MailStore.allCases) func `the copy in Sent has the keywords that were asked for`(
        store: MailStore
    ) async throws {
        let account = try await store.newAccount()
        let submission = try await account.submit([
            "to": [.string(account.user.email)], "text": "Kept.", "keywords": ["$flagged": true, "project-x": true],
        ])
        let copied = try await eventually("the copy in Sent is known") {
            try await account.api.get(target(submission, account)).expecting(200)["sentMessageId"]
        } until: {
            !$0.isNull
        }
        let copy = try await account.api.get(account.message(copied)).expecting(200)
        #expect(copy["keywords"] == ["$flagged": true, "$seen": true, "project-x": true])
    }

    @Test func `a message for later can be canceled, or sent now`() async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        func later(_ subject: String) async throws -> JSONValue {
            try await account.submit([
                "to": [.string(to.user.email)], "subject": .string(subject), "text": "x",
                "sendAt": time(in: 86_400 * 400),
            ])
        }
        let (canceled, hurried) = (try await later("Never"), try await later("Now"))
        try await account.api.delete(target(canceled, account)).expecting(204)
        #expect(try await shown(canceled, account)["state"] == "canceled")
        try await account.api.delete(target(canceled, account)).problem(409, "submission-not-waiting")
        try await account.api.post(target(canceled, account) + "/retry").problem(409, "submission-not-waiting")
        #expect(try await account.api.post(target(hurried, account) + "/retry").expecting(202)["state"] == "queued")
        #expect(try await account.settled(hurried)["state"] == "sent")
        try await account.api.delete(target(hurried, account)).problem(409, "submission-not-waiting")
        try await eventually("it arrived") { try await to.stored().count == 1 }
        let text = try await to.stored().map { String(decoding: $0, as: UTF8.self) }.joined()
        #expect(text.contains("Subject: Now") && !text.contains("Subject: Never"))
    }

    @Test func `what cannot be meant is refused with its place`() async throws {
        let account = try await Bridge.shared().newAccount()
        let draft: JSONValue = ["to": ["joe@example.test"], "text": "x"]
        for (pointer, value) in [
            ("/sendAt", time(in: -3600)), ("/sendAt", "tomorrow"), ("/priority", 10), ("/requireTls", "yes"),
            ("/dsn", ["notify": ["never", "failure"]]), ("/dsn", ["notify": []]), ("/dsn", ["return": "all"]),
            ("/deliverBy", ["onLate": "return"]), ("/deliverBy", ["seconds": 0]),
            ("/holdUntil", time(in: -1)), ("/holdUntil", "later"),
        ] as [(String, JSONValue)] {
            let problem = try await account.api.post("\(account.path)/submissions", draft.setting(pointer, to: value))
                .problem(422, "invalid-request")
            #expect(problem["errors"][0]["pointer"].string?.hasPrefix(pointer) == true, "\(problem)")
        }
        #expect(try await account.api.get("\(account.path)/submissions").expecting(200)["data"] == [])
    }

    @Test func `a report of success comes back, and names the submission`() async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        let submission = try await account.submit([
            "to": [.string(to.user.email)], "subject": "With report", "text": "x",
            "dsn": ["notify": ["success"], "return": "headers"], "priority": 3,
        ])
        #expect(try await account.settled(submission)["state"] == "sent")
        try await eventually("the report came") { try await account.stored().count == 1 }
        let report = String(decoding: try #require(try await account.stored().first), as: UTF8.self)
        #expect(report.contains("Original-Envelope-Id: \(submission["id"].string ?? "?")"), "\(report)")
        #expect(report.contains("Original-Recipient: rfc822;\(to.user.email)"))
        #expect(report.contains("text/rfc822-headers"))
    }

    @Test func `what must go by TLS all the way does not go where that is not promised`() async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        let submission = try await account.submit([
            "to": [.string(to.user.email)], "text": "Secret.", "requireTls": true,
        ])
        let settled = try await account.settled(submission)
        #expect(settled["state"] == "failed" && settled["error"]["code"] == "requiretls-unavailable")
        let late = try await account.submit([
            "to": [.string(to.user.email)], "text": "In time.", "deliverBy": ["seconds": 60],
        ])
        #expect(try await account.settled(late)["error"]["code"] == "deliverby-unavailable")
        let held = try await account.submit([
            "to": [.string(to.user.email)], "text": "Tomorrow.", "holdUntil": time(in: 86_400),
        ])
        #expect(try await account.settled(held)["error"]["code"] == "futurerelease-unavailable")
        #expect(try await to.stored().isEmpty)
    }

    @Test func `what waits for a server that complained is no attempt, and can be canceled`() async throws {
        let server = try ScriptedServer([
            .send("220 here\r\n"),
            .serve([
                ScriptedServer.Rule("EHLO", "250 here\r\n"),
                ScriptedServer.Rule("MAIL FROM", "450 4.7.1 too many messages, slow down\r\n"),
                ScriptedServer.Rule("RSET", "250 2.0.0 so be it\r\n"),
            ]),
        ])
        let bridge = try await Bridge.shared()
        let account = try await bridge.addAccount(Self.plainSMTP(server.port), query: "?verify=false")
        let due = time(in: 2)
        var submissions: [JSONValue] = []
        for _ in 0..<8 {
            submissions.append(try await account.submit(["to": ["joe@example.test"], "text": "x", "sendAt": due]))
        }
        try await eventually("the server has complained") {
            server.received.contains { $0.hasPrefix("MAIL FROM") }
        }
        // By two connections at once, one message each; then the account rests for eight seconds at least.
        func states() async throws -> [JSONValue] {
            var states: [JSONValue] = []
            for submission in submissions { states.append(try await shown(submission, account)) }
            return states
        }
        let resting: [JSONValue] = try await eventually("none is held") {
            try await states()
        } until: { (all: [JSONValue]) -> Bool in
            all.allSatisfy { $0["state"] != "sending" } && all.contains { $0["attempts"] == 1 }
        }
        let untried: [JSONValue] = resting.filter { $0["attempts"] == 0 }
        #expect(untried.count >= 4)
        for submission in untried { #expect(!submission["nextAttemptAt"].isNull) }
        for submission in untried { try await account.api.delete(target(submission, account)).expecting(204) }
    }

    private static func plainSMTP(_ port: UInt16) -> JSONValue {
        [
            "email": "a@example.test", "credentials": ["username": "a", "password": "p"],
            "smtp": ["host": "127.0.0.1", "port": .number(Double(port)), "security": "none"],
        ]
    }

    /// None of Debian's servers has FUTURERELEASE.
    @Test func `a server that can is asked to keep the message until then`() async throws {
        let server = try ScriptedServer([
            .send("220 here\r\n"), .expect("EHLO"),
            .send("250-here\r\n250 FUTURERELEASE 86400 2099-12-31T00:00:00Z\r\n"),
            .expect("MAIL FROM"), .send("550 5.7.1 not you\r\n"), .stall,
        ])
        let bridge = try await Bridge.shared()
        let account = try await bridge.addAccount(Self.plainSMTP(server.port), query: "?verify=false")
        let submission = try await account.submit([
            "to": ["joe@example.test"], "text": "In an hour.", "holdUntil": time(in: 3600),
        ])
        #expect(try await account.settled(submission)["state"] == "failed")
        let line = try #require(server.received.first { $0.hasPrefix("MAIL FROM") })
        let seconds = try #require(line.split(separator: "HOLDFOR=").last?.split(separator: " ").first)
        #expect((3000...3600).contains(Int(seconds) ?? 0), "\(line)")
    }

    /// Dovecot takes mail for its users from whoever reaches its LMTP port.
    @Test func `mail is handed to a server of LMTP, which answers for each recipient`() async throws {
        let bridge = try await Bridge.shared()
        let to = try await bridge.newAccount()
        let smtp = bridge.host.server(bridge.host.dovecot.ports.lmtp, "none").setting("/lmtp", to: true)
        let account = try await bridge.addAccount([
            "email": "robot@example.test", "credentials": ["username": "robot", "password": "p"], "smtp": smtp,
        ])
        #expect(try await bridge.api.get(account.path).expecting(200)["smtp"]["lmtp"] == true)
        let submission = try await account.submit([
            "to": [.string(to.user.email), "nobody@example.test"], "subject": "By LMTP", "text": "x",
        ])
        let settled = try await account.settled(submission)
        #expect(settled["state"] == "partially-sent" && settled["recipients"][1]["code"] == 550, "\(settled)")
        try await eventually("it arrived") { try await to.stored().count == 1 }
        try await bridge.api.patch(account.path, ["smtp": ["lmtp": false]]).problem(422, "verification-failed")
        let imap: JSONValue = [
            "imap": bridge.host.server(bridge.host.dovecot.ports.imaps, "tls").setting("/lmtp", to: true)
        ]
        let problem = try await bridge.api.patch(account.path, imap).problem(422, "invalid-request")
        #expect(problem["errors"][0]["pointer"] == "/imap/lmtp")
    }

    /// Postfix with a policy service that greylists one of the two, and takes 100 kB at most.
    @Test func `greylisted recipients are tried again, the others are not`() async throws {
        let policy = try PolicyServer { $0.hasPrefix("grey") }
        let users = ["from", "grey", "white"].map { MailUser("\($0)@example.test") }
        var options = PostfixServer.Options()
        options.messageSizeLimit = 100_000
        options.configuration = """
            smtpd_recipient_restrictions = reject_unlisted_recipient, check_policy_service inet:127.0.0.1:\(policy.port), permit_sasl_authenticated, reject
            """
        let host = try await MailHost.start(users: users, postfix: options)
        let bridge = try await Bridge.start(host: host)
        let account = try await bridge.addAccount(of: users[0])
        let submission = try await account.submit([
            "to": [.string(users[1].email), .string(users[2].email)], "subject": "Grey", "text": "x",
        ])
        let deferred = try await eventually("one is put off") {
            try await shown(submission, account)
        } until: {
            $0["recipients"][0]["state"] == "deferred"
        }
        #expect(deferred["state"] == "queued" && deferred["attempts"] == 1)
        #expect(deferred["recipients"][0]["code"] == 450 && deferred["recipients"][0]["enhancedCode"] == "4.7.1")
        #expect(deferred["recipients"][1]["state"] == "accepted")
        let next = try #require(deferred["nextAttemptAt"].string)
        #expect(next > (deferred["createdAt"].string ?? ""))
        let events = try await bridge.api.get("/v1/events?types=submission.deferred&limit=10").expecting(200)
        #expect(events["data"].array.map(\.["data"]["id"]) == [submission["id"]])
        try await account.api.post(target(submission, account) + "/retry").expecting(202)
        let settled = try await account.settled(submission)
        #expect(settled["state"] == "sent" && settled["attempts"] == 2, "\(settled)")
        for user in users.dropFirst() {
            let recipient = MailAccount(id: "", api: bridge.api, host: host, user: user)
            try await eventually("it arrived") { try await recipient.stored().count == 1 }
        }
        let large = try await account.submit([
            "to": [.string(users[2].email)], "text": .string(String(repeating: "0123456789\n", count: 12_000)),
        ])
        let refused = try await account.settled(large)
        #expect(refused["state"] == "failed" && refused["error"]["code"] == "too-large", "\(refused)")
        try await bridge.process.stop()
        withExtendedLifetime(policy) {}
    }

    @Test func `of two who send one draft at once, both get the one submission`() async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        let draft = try await account.api.post(
            "\(account.path)/drafts", ["to": [.string(to.user.email)], "subject": "Draft", "text": "x"]
        ).expecting(201)
        let path = "\(account.path)/drafts/\(try #require(draft["id"].string))/send"
        async let first = account.api.post(path)
        async let second = account.api.post(path)
        let answers = try await [first, second]
        // Who comes after the draft was removed finds none.
        let ids = try answers.filter { $0.status != 404 }.map { try $0.expecting(202)["id"] }
        #expect(!ids.isEmpty && Set(ids.map(\.string)).count == 1)
        #expect(try await account.settled(answers.first { $0.status == 202 }?.json ?? .null)["state"] == "sent")
        try await eventually("it arrived") { try await to.stored().count == 1 }
        #expect(try await account.api.get("\(account.path)/submissions").expecting(200)["data"].array.count == 1)
    }
}
