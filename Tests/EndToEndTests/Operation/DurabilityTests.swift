import Foundation
import MailServers
import Testing

/// What was accepted is sent, whatever happens to the program in between.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct DurabilityTests {
    /// A program whose account submits through a proxy, so that the server can go away.
    private struct Setting {
        var bridge: Bridge
        var account: MailAccount
        var recipient: MailAccount
        var smtp: LoopbackProxy

        func submit(_ subject: String) async throws -> JSONValue {
            try await account.submit([
                "to": [.string(recipient.user.email)], "subject": .string(subject), "text": "Hello.",
            ])
        }

        /// The account as the program that goes on sees it.
        func restarted() async throws -> (Bridge, MailAccount) {
            let next = try await bridge.restart()
            return (next, MailAccount(id: account.id, api: next.api, host: account.host, user: account.user))
        }

        func arrivedSubjects() async throws -> [String] {
            try await recipient.stored().map { raw in
                let lines = String(decoding: raw, as: UTF8.self).split(separator: "\r\n")
                return lines.first { $0.hasPrefix("Subject: ") }.map { String($0.dropFirst(9)) } ?? ""
            }
        }
    }

    private func setUp(
        host: MailHost? = nil, mode: LoopbackProxy.Mode = .hold, settings: [String: String] = [:]
    ) async throws -> Setting {
        let bridge = try await Bridge.start(host: host, settings: settings)
        let smtp = try LoopbackProxy(mode)
        let user = try bridge.host.newUser()
        let draft = bridge.host.draft(for: user).setting("/smtp/port", to: .number(Double(smtp.port)))
        var account = try await bridge.addAccount(draft, query: "?verify=false")
        account.user = user
        return Setting(bridge: bridge, account: account, recipient: try await bridge.newAccount(), smtp: smtp)
    }

    @Test func `what was accepted just before a power failure is sent once, by a server that moved meanwhile`()
        async throws
    {
        let users = (1...2).map { MailUser("user\($0)@example.test") }
        let host = try await MailHost.start(users: users)
        let setting = try await setUp(host: host)
        defer { setting.smtp.stop() }
        let submission = try await setting.submit("Survivor")
        try await setting.bridge.process.kill()
        try await host.postfix.stop()
        let relay = try await PostfixServer.start(dovecot: host.dovecot)
        setting.smtp.set(.forward(to: relay.ports.submission))
        let (next, account) = try await setting.restarted()
        #expect(try await account.settled(submission)["state"] == "sent")
        try await eventually("it arrived") { try await !setting.recipient.stored().isEmpty }
        #expect(try await setting.arrivedSubjects() == ["Survivor"])
        try await eventually("the copy is in Sent") { try await account.stored(in: "Sent").count == 1 }
        try await next.process.stop()
        withExtendedLifetime(relay) {}
    }

    @Test func `a power failure in the midst of sending loses nothing and repeats nothing`() async throws {
        let bridge = try await Bridge.shared()
        let setting = try await setUp(mode: .forward(to: bridge.host.postfix.ports.submission))
        defer { setting.smtp.stop() }
        var submissions: [(subject: String, submission: JSONValue)] = []
        for index in 0..<20 {
            submissions.append(("Message \(index)", try await setting.submit("Message \(index)")))
        }
        try await setting.bridge.process.kill()
        let (next, account) = try await setting.restarted()
        var states: [String: JSONValue] = [:]
        for (subject, submission) in submissions {
            states[subject] = try await account.settled(submission)["state"]
        }
        let sent = submissions.map(\.subject).filter { states[$0] == "sent" }
        // Nobody can know whether a message arrived whose last octet was on the wire; there are as many as were under way.
        let unknown = submissions.map(\.subject).filter { states[$0] == "unknown" }
        #expect(sent.count + unknown.count == 20, "\(states)")
        #expect(unknown.count <= 3)
        try await eventually("all arrived") {
            let arrived = try await Set(setting.arrivedSubjects())
            return sent.allSatisfy { arrived.contains($0) }
        }
        let arrived = try await setting.arrivedSubjects()
        #expect(arrived.count == Set(arrived).count, "some came twice: \(arrived.sorted())")
        try await next.process.stop()
    }

    @Test func `a graceful stop leaves what is queued to the next start`() async throws {
        let setting = try await setUp(settings: ["MAILBRIDGE_DRAIN_TIMEOUT": "1"])
        defer { setting.smtp.stop() }
        let submissions = [
            try await setting.submit("One"), try await setting.submit("Two"), try await setting.submit("Three"),
        ]
        try await eventually("a delivery is under way") { setting.smtp.connectionCount > 0 }
        let started = ContinuousClock.now
        #expect(try await setting.bridge.process.stop(seconds: 30) == 0)
        #expect(ContinuousClock.now - started < .seconds(15))
        setting.smtp.set(.forward(to: setting.bridge.host.postfix.ports.submission))
        let (next, account) = try await setting.restarted()
        for submission in submissions { #expect(try await account.settled(submission)["state"] == "sent") }
        try await eventually("all arrived") { try await setting.recipient.stored().count == 3 }
        #expect(try await Set(setting.arrivedSubjects()) == ["One", "Two", "Three"])
        try await next.process.stop()
    }

    @Test func `a server that is away defers, and the reason is shown`() async throws {
        let setting = try await setUp(mode: .reset)
        defer { setting.smtp.stop() }
        let submission = try await setting.submit("Later")
        let id = try #require(submission["id"].string)
        let target = "\(setting.account.path)/submissions/\(id)"
        let deferred = try await eventually("the first attempt failed") {
            try await setting.bridge.api.get(target).expecting(200)
        } until: {
            $0["attempts"] == 1 && $0["state"] == "queued"
        }
        #expect(!deferred["nextAttemptAt"].isNull)
        #expect(deferred["recipients"][0]["state"] == "deferred")
        #expect(deferred["error"]["code"].string?.isEmpty == false)
        try await eventually("the account says so") {
            try await setting.bridge.api.get(setting.account.path).expecting(200)["state"] == "unreachable"
        }
        try await setting.bridge.process.stop()
    }

    @Test func `SIGTERM lets a request in flight finish and takes no new ones`() async throws {
        // Else it may be the sync that dials.
        let bridge = try await Bridge.start(settings: ["MAILBRIDGE_SYNC": "off"])
        let imap = try LoopbackProxy(.hold)
        defer { imap.stop() }
        let draft = bridge.host.draft(for: try bridge.host.newUser())
            .setting("/imap/port", to: .number(Double(imap.port)))
        let account = try await bridge.addAccount(draft, query: "?verify=false")
        async let inFlight = account.api.get("\(account.path)/mailboxes")
        try await eventually("the request waits for the mail server") { imap.connectionCount > 0 }
        async let status = bridge.process.stop(seconds: 30)
        try await eventually("new connections are refused") {
            (try? await bridge.api.get("/healthz")) == nil
        }
        #expect(bridge.process.isRunning)
        imap.set(.forward(to: bridge.host.dovecot.ports.imaps))
        #expect(try await inFlight.expecting(200)["data"].array.count == 6)
        #expect(try await status == 0)
    }
}
