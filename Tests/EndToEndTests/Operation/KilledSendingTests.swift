import MailServers
import Testing

/// SIGKILL in each phase of a message's way out: what was not accepted is sent once, what was is never sent again.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct KilledSendingTests {
    /// How far the server's answers come before the program dies.
    enum Phase: Int, Sendable, CaseIterable, CustomTestStringConvertible {
        case connected, greeted, introduced, authenticated, sender, recipient, content, accepted

        var testDescription: String { "\(self)" }
    }

    /// A Postfix that speaks without TLS, so that its lines can be counted on the way.
    private static let sharedHost = Task(name: "plaintext host") {
        var options = PostfixServer.Options()
        options.allowsPlaintext = true
        return try await MailHost.start(
            users: (1...40).map { MailUser("plain\($0)@example.test") }, postfix: options)
    }

    /// Lines that a server says until it has answered what leads to this phase.
    private static func lines(_ phase: Phase, _ host: MailHost) async throws -> Int {
        let port = host.postfix.ports.submission
        let hello = try await onThread {
            let stream = try SocketStream(port: port)
            _ = try stream.readLine()
            try stream.send("EHLO [127.0.0.1]\r\n")
            var count = 0
            while let line = try stream.readLine() {
                count += 1
                if line.hasPrefix("250 ") { break }
            }
            return count
        }
        return switch phase {
        case .connected: 0
        case .greeted: 1
        case .introduced: 1 + hello
        case .authenticated: 2 + hello
        case .sender: 3 + hello
        case .recipient: 4 + hello
        case .content, .accepted: 5 + hello
        }
    }

    @Test(arguments: Phase.allCases) func `killed in this phase, the program says what is true and repeats nothing`(
        phase: Phase
    ) async throws {
        let host = try await Self.sharedHost.value
        let bridge = try await Bridge.start(host: host)
        let target = host.postfix.ports.submission
        let smtp = try LoopbackProxy(.cut(to: target, afterLines: try await Self.lines(phase, host), .stall))
        defer { smtp.stop() }
        let (from, to) = (try host.newUser(), try host.newUser())
        let server: JSONValue = [
            "host": "127.0.0.1", "port": .number(Double(smtp.port)), "security": "none",
        ]
        var account = try await bridge.addAccount(
            host.draft(for: from).setting("/smtp", to: server).removing("imap"), query: "?verify=false")
        account.user = from
        let recipient = MailAccount(id: "", api: bridge.api, host: host, user: to)
        let submission = try await account.submit(["to": [.string(to.email)], "subject": "Once", "text": "Hello."])
        try await eventually("the phase is reached") { smtp.cutCount == 1 }
        if phase == .accepted {
            // The server took it, and its answer is kept from us.
            try await eventually("it arrived") { try await recipient.stored().count == 1 }
        }
        try await bridge.process.kill()
        smtp.set(.forward(to: target))
        let next = try await bridge.restart()
        let restarted = MailAccount(id: account.id, api: next.api, host: host, user: from)
        let settled = try await restarted.settled(submission)
        // With the go-ahead for the content the message may be out, dot and all, before the program dies.
        let isOpen = phase == .content && settled["state"] == "unknown"
        #expect(settled["state"] == (phase == .accepted || isOpen ? "unknown" : "sent"), "\(settled)")
        if !isOpen {
            try await eventually("it arrived") { try await recipient.stored().count == 1 }
        }
        // What comes through the queue later than a message of now would have come twice.
        let marker = try await restarted.submit(["to": [.string(to.email)], "subject": "Marker", "text": "End."])
        #expect(try await restarted.settled(marker)["state"] == "sent")
        try await eventually("the marker arrived") {
            try await recipient.stored().contains { String(decoding: $0, as: UTF8.self).contains("Subject: Marker") }
        }
        let came = try await recipient.stored().count { String(decoding: $0, as: UTF8.self).contains("Subject: Once") }
        #expect(isOpen ? came <= 1 : came == 1)
        try await next.process.stop()
    }

    /// The server takes the message, its answer is lost, and it has put the message into Sent, as some do: that settles it.
    @Test func `an unknown outcome is settled by what lies in Sent`() async throws {
        let host = try await Self.sharedHost.value
        let bridge = try await Bridge.start(host: host)
        let lines = try await Self.lines(.accepted, host)
        let smtp = try LoopbackProxy(.cut(to: host.postfix.ports.submission, afterLines: lines, .stall))
        defer { smtp.stop() }
        let (from, to) = (try host.newUser(), try host.newUser())
        let server: JSONValue = ["host": "127.0.0.1", "port": .number(Double(smtp.port)), "security": "none"]
        var account = try await bridge.addAccount(
            host.draft(for: from).setting("/smtp", to: server), query: "?verify=false")
        account.user = from
        let recipient = MailAccount(id: "", api: bridge.api, host: host, user: to)
        let submission = try await account.submit(["to": [.string(to.email)], "subject": "Taken", "text": "Hello."])
        try await eventually("it arrived") { try await recipient.stored().count == 1 }
        try await bridge.process.kill()
        let raw = try #require(try await recipient.stored().first)
        try await account.seed(mailbox: "Sent", [SeedMessage(raw)])
        let next = try await bridge.restart()
        let restarted = MailAccount(id: account.id, api: next.api, host: host, user: from)
        let id = try #require(submission["id"].string)
        let settled = try await eventually("it is found") {
            try await restarted.api.get("\(restarted.path)/submissions/\(id)").expecting(200)
        } until: {
            $0["state"] == "sent"
        }
        #expect(settled["sentCopy"]["state"] == "by-server" && settled["sentMessageId"].string != nil)
        #expect(settled["recipients"][0]["state"] == "accepted" && settled["error"].isNull)
        let events = try await next.api.get("/v1/events?types=submission.unknown,submission.sent").expecting(200)
        #expect(events["data"].array.map(\.["type"].string) == ["submission.unknown", "submission.sent"])
        #expect(try await recipient.stored().count == 1)
        #expect(try await restarted.stored(in: "Sent").count == 1)
        try await next.process.stop()
    }

    @Test func `killed while the copy in Sent is made, the program makes one, and sends nothing again`() async throws {
        let bridge = try await Bridge.start()
        let imap = try LoopbackProxy(.hold)
        defer { imap.stop() }
        let (from, to) = (try bridge.host.newUser(), try bridge.host.newUser())
        let draft = bridge.host.draft(for: from).setting("/imap/port", to: .number(Double(imap.port)))
        var account = try await bridge.addAccount(draft, query: "?verify=false")
        account.user = from
        let submission = try await account.submit(["to": [.string(to.email)], "subject": "Copied", "text": "Hello."])
        let sent = try await account.settled(submission)
        #expect(sent["state"] == "sent")
        #expect(sent["sentCopy"]["state"] == "pending")
        try await bridge.process.kill()
        imap.set(.forward(to: bridge.host.dovecot.ports.imaps))
        let next = try await bridge.restart()
        let restarted = MailAccount(id: account.id, api: next.api, host: bridge.host, user: from)
        let id = try #require(submission["id"].string)
        let copied = try await eventually("the copy is made") {
            try await restarted.api.get("\(restarted.path)/submissions/\(id)").expecting(200)
        } until: {
            $0["sentCopy"]["state"] != "pending"
        }
        #expect(copied["sentCopy"]["state"] == "filed" && copied["sentMessageId"].string != nil)
        #expect(copied["attempts"] == 1)
        #expect(try await restarted.stored(in: "Sent").count == 1)
        let recipient = MailAccount(id: "", api: next.api, host: bridge.host, user: to)
        try await eventually("it arrived") { try await !recipient.stored().isEmpty }
        #expect(try await recipient.stored().count == 1)
        try await next.process.stop()
    }
}
