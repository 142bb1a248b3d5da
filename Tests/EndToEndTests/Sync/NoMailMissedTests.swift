import MailServers
import Synchronization
import Testing

/// No mail missed, none announced twice, whatever dies meanwhile.
@Suite(.timeLimit(.minutes(6)), .serialized)
struct NoMailMissedTests {
    private static let settings = [
        "MAILBRIDGE_WEBHOOK_ALLOW_PRIVATE": "true", "MAILBRIDGE_POLL_INTERVAL": "2",
    ]

    @Test(arguments: MailStore.allCases)
    func `500 messages are announced once each while the program is killed again and again`(
        store: MailStore
    ) async throws {
        let host = try await MailHost.shared()
        var bridge = try await Bridge.start(settings: Self.settings)
        let user = try host.newUser()
        var account = try await bridge.addAccount(store.draft(for: user, of: host))
        account.user = user
        account.store = store
        try await account.isRead()
        let receiver = try await WebhookReceiver.start()
        let webhook = try await WebhookAtReceiver.make(
            bridge.api, receiver, "/moody/all", ["types": ["message.created"]])
        let expected = Set((0..<500).map { "burst \($0)" })
        let isOver = Flag()
        let delivering = Task(name: "deliver") { [account] in
            defer { isOver.raise() }
            for start in stride(from: 0, to: 500, by: 25) {
                for number in start..<(start + 25) { try await account.deliver(TestMail.plain("burst \(number)")) }
            }
        }
        // Killed at any moment, as long as mail comes in and six times at the least.
        var kills = 0
        while kills < 6 || !isOver.isRaised {
            // Sound: the moment of the kill is meant to be any
            try await Task.sleep(for: .milliseconds(Int.random(in: 400...1_200)))
            try await bridge.process.kill()
            kills += 1
            bridge = try await bridge.restart(settings: Self.settings)
        }
        try await delivering.value
        let again = MailEvents(api: bridge.api, account: account.id)
        let events = try await again.count(500, within: .seconds(120))
        let created = events.filter { $0["type"].string == "message.created" }
        #expect(created.count == 500, "announced under exactly one event id each")
        #expect(Set(created.compactMap(\.["data"]["subject"].string)) == expected)
        #expect(Set(created.compactMap(\.["id"].string)).count == 500)

        // The log has no hole.
        let whole = try await bridge.api.get("/v1/events?limit=1").expecting(200)
        var sequences: [Int] = []
        var place = (whole["oldest"].int ?? 1) - 1
        while place < (whole["newest"].int ?? 0) {
            let page = try await bridge.api.get("/v1/events?after=\(place)&limit=500").expecting(200)
            sequences += page["data"].array.compactMap(\.["sequence"].int)
            place = page["next"].int ?? Int.max
        }
        #expect(sequences == Array(1...(sequences.last ?? 1)))

        // Each was delivered at least once, under that one id.
        let ids = Set(created.compactMap(\.["id"].string))
        try await eventually("all are delivered", within: .seconds(120)) {
            let calls = try await receiver.calls("/moody/all").filter { $0.status == 200 }
            let missing = ids.subtracting(calls.map(\.id))
            let shown = try await bridge.api.get(webhook.target).expecting(200)
            let open = try await bridge.api.get("\(webhook.target)/deliveries?state=pending&limit=5")
            return "\(missing.count) missing; \(shown); \(open.text)"
        } until: {
            $0.hasPrefix("0 missing")
        }
        let calls = try await receiver.calls("/moody/all")
        let bySubject = Dictionary(grouping: calls, by: { $0.event["data"]["subject"].string ?? "" })
        #expect(bySubject.values.allSatisfy { Set($0.map(\.id)).count == 1 })
        #expect(calls.allSatisfy { $0.verified == [0] })
        withExtendedLifetime(bridge) {}
    }

    @Test(arguments: MailStore.allCases)
    func `a connection that carries nothing any more is found, and mail that came meanwhile is announced`(
        store: MailStore
    ) async throws {
        let host = try await MailHost.shared()
        let bridge = try await Bridge.start(settings: Self.settings)
        let user = try host.newUser()
        let port: UInt16
        switch store {
        case .dovecot: port = host.dovecot.ports.imap
        case .cyrus: port = try await MailStore.cyrusServer.ports.imap
        }
        let proxy = try LoopbackProxy(.forward(to: port))
        let draft = host.draft(for: user).setting(
            "/imap", to: ["host": "127.0.0.1", "port": .number(Double(proxy.port)), "security": "none"])
        var account = try await bridge.addAccount(draft)
        account.user = user
        account.store = store
        try await account.isRead()
        proxy.freeze()
        try await account.deliver(TestMail.plain("unheard"))
        let events = try await account.events.count(1, within: .seconds(120))
        #expect(events.map(\.["data"]["subject"].string) == ["unheard"])
        proxy.stop()
        withExtendedLifetime(bridge) {}
    }
}

/// Something that has happened.
private final class Flag: Sendable {
    private let state = Mutex(false)
    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}
