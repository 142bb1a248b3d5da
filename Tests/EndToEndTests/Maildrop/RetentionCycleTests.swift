import Foundation
import MailServers
import Testing

/// The cycle of look, delivery, deletion and QUIT, broken off at each of its moments: nothing is deleted that was not taken, and nothing is
/// told twice.
@Suite(.timeLimit(.minutes(10)))
struct RetentionCycleTests {
    /// A rule, and what makes a message due that was delivered under it.
    enum Rule: String, Sendable, CaseIterable {
        case deleteAfterDelivery
        case deleteAfterDays

        var retention: JSONValue {
            self == .deleteAfterDays ? ["policy": "deleteAfterDays", "days": 1] : ["policy": "deleteAfterDelivery"]
        }
    }

    /// A program, an account behind a proxy, and a webhook that takes what it is told.
    private struct World {
        var bridge: Bridge
        let proxy: LoopbackProxy
        let target: UInt16
        var account: MailAccount
        let receiver: WebhookReceiver
        let path: String
        let rule: Rule

        /// Lets two days go by for all that the maildrop has.
        func age() async throws {
            guard rule == .deleteAfterDays else { return }
            try await Self.sql(bridge, "UPDATE pop3_seen SET seen_at = seen_at - 172800000")
        }

        /// SQLite's own program of Python, beside the running one or while none runs.
        static func sql(_ bridge: Bridge, _ statement: String) async throws {
            let file = bridge.folder("data/mailbridge.db")
            _ = try await onThread {
                try Command.check([
                    Command.locate("python3"), "-c",
                    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=30); c.execute(sys.argv[2]); c.commit()",
                    file, statement,
                ])
            }
        }

        func taken() async throws -> Set<String> {
            Set(try await receiver.calls(path).filter { $0.status == 200 }.map(\.id))
        }
    }

    private func start(_ store: MailStore, _ rule: Rule, _ path: String) async throws -> World {
        let host = try await MailHost.shared()
        var bridge = try await Bridge.start(settings: Bridge.quickMaildrops)
        let receiver = try await WebhookReceiver.start()
        _ = try await WebhookAtReceiver.make(bridge.api, receiver, path, ["types": ["message.created"]])
        let target: UInt16 =
            switch store {
            case .dovecot: host.dovecot.ports.pop3
            case .cyrus: try await MailStore.cyrusServer.ports.pop3
            }
        let proxy = try LoopbackProxy(.forward(to: target))
        let user = try host.newUser()
        let draft = try await host.draft(for: user).removing("imap").setting(
            "/pop3", to: store.maildrop(of: host, "none", port: proxy.port, retention: rule.retention))
        let made = try await bridge.addAccount(draft)
        try await made.isRead()
        if rule == .deleteAfterDays {
            // The rule is as old as what it is to be about.
            try await bridge.process.stop()
            try await World.sql(
                bridge,
                "UPDATE accounts SET servers = json_set(servers, '$.retention.since', json_extract(servers, '$.retention.since') - 864000000)"
            )
            bridge = try await bridge.restart(settings: Bridge.quickMaildrops)
        }
        let account = MailAccount(id: made.id, api: bridge.api, host: host, user: user, store: store)
        return World(
            bridge: bridge, proxy: proxy, target: target, account: account, receiver: receiver, path: path, rule: rule)
    }

    /// At each command the session that deletes is cut, before the server hears it and before its answer is heard.
    @Test(arguments: [(MailStore.dovecot, Rule.deleteAfterDelivery), (.cyrus, .deleteAfterDays)], [false, true])
    func `a session that deletes is cut at each of its commands, and all or nothing is deleted, and told once`(
        of: (store: MailStore, rule: Rule), isHeard: Bool
    ) async throws {
        let (store, rule) = of
        let world = try await start(store, rule, "/ok/command")
        let (account, proxy) = (world.account, world.proxy)
        defer { proxy.stop() }
        var sent = 0
        var command = 1
        while command <= 30 {
            sent += 1
            try await account.deliver(TestMail.plain("command \(sent)"))
            let created = try await account.events.count(2 * sent - 1)
            #expect(created[2 * sent - 2]["type"] == "message.created")
            proxy.set(.hold)
            let before = proxy.connectionCount
            try await eventually("it is taken") { try await world.taken().count >= sent }
            try await eventually("the next visit stands at the door") { proxy.connectionCount > before }
            try await world.age()
            // The visit that was under way may have been quick enough to delete it: then another takes its place.
            let isThere = try await !account.stored().isEmpty
            let cuts = proxy.cutCount
            if isThere {
                proxy.set(.cutCommand(to: world.target, command, isHeard: isHeard))
                try await eventually("it was cut, or has no such command any more") {
                    if proxy.cutCount > cuts { return true }
                    return try await account.stored().isEmpty
                }
            }
            let isOver = isThere && proxy.cutCount == cuts
            proxy.set(.forward(to: world.target))
            try await account.api.post("\(account.path)/reconnect").expecting(200)
            _ = try await account.events.count(2 * sent)
            #expect(try await account.stored().isEmpty)
            if isOver { break }
            if isThere { command += 1 }
        }
        #expect(command > 6, "a session that deletes logs in, lists, reads, deletes and takes leave")
        try await check(world, account, sent)
    }

    /// At each line that the server says the connection ends, whatever the cycle is at.
    @Test func `a connection that breaks at any line loses nothing and announces nothing twice`() async throws {
        let world = try await start(.dovecot, .deleteAfterDelivery, "/ok/line")
        let (account, proxy) = (world.account, world.proxy)
        defer { proxy.stop() }
        var sent = 0
        for lines in stride(from: 1, through: 40, by: 3) {
            for _ in 0..<3 {
                sent += 1
                try await account.deliver(TestMail.plain("line \(sent)"))
            }
            let before = proxy.connectionCount
            proxy.set(.cut(to: world.target, afterLines: lines, .close))
            try await eventually("a visit was cut", within: .seconds(60)) { proxy.connectionCount > before + 1 }
            proxy.set(.forward(to: world.target))
            // So that the next look is not put off.
            try await account.api.post("\(account.path)/reconnect").expecting(200)
        }
        let total = sent
        try await eventually("all are told of, taken, and gone", within: .seconds(120)) {
            let events = try await account.events.all()
            return try await account.stored().isEmpty && events.count == 2 * total
        }
        try await check(world, account, total)
    }

    @Test(arguments: Rule.allCases)
    func `the program is killed at any moment of the cycle, and nothing is lost or told twice`(rule: Rule) async throws
    {
        var world = try await start(.dovecot, rule, "/moody/\(rule.rawValue)")
        defer { world.proxy.stop() }
        var sent: Set<String> = []
        for _ in 0..<8 {
            for _ in 0..<8 {
                let subject = "kill \(sent.count)"
                sent.insert(subject)
                try await world.account.deliver(TestMail.plain(subject))
            }
            // Sound: the moment of the kill is meant to be any
            try await Task.sleep(for: .milliseconds(Int.random(in: 200...1_800)))
            try await world.bridge.process.kill()
            try await world.age()
            // Nothing happens now: whatever the server has no more was taken.
            let left = Set(try await world.account.stored().compactMap(Self.subject))
            let taken = Set(
                try await world.receiver.calls(world.path).filter { $0.status == 200 }
                    .compactMap { $0.event["data"]["subject"].string })
            #expect(sent.subtracting(left).isSubset(of: taken), "deleted without having been taken")
            world.bridge = try await world.bridge.restart(settings: Bridge.quickMaildrops)
            world.account = MailAccount(
                id: world.account.id, api: world.bridge.api, host: world.account.host, user: world.account.user)
        }
        let (again, total) = (world.account, sent.count)
        try await eventually("all are told of, taken, and gone", within: .seconds(180)) {
            // Each visit finds them two days older.
            try await world.age()
            let events = try await again.events.all()
            return try await again.stored().isEmpty && events.count == 2 * total
        }
        try await check(world, again, total)
    }

    private static func subject(_ raw: [UInt8]) -> String? {
        String(decoding: raw, as: UTF8.self).split(separator: "\r\n").first { $0.hasPrefix("Subject: ") }
            .map { String($0.dropFirst(9)) }
    }

    /// Each message was announced under one id, taken by the receiver, and told to be gone once.
    private func check(_ world: World, _ account: MailAccount, _ total: Int) async throws {
        let events = try await account.events.all()
        let created = events.filter { $0["type"] == "message.created" }
        let deleted = events.filter { $0["type"] == "message.deleted" }
        #expect(created.count == total && deleted.count == total)
        #expect(Set(created.compactMap(\.["data"]["id"].string)).count == total)
        #expect(Set(created.compactMap(\.["data"]["subject"].string)).count == total)
        #expect(Set(deleted.compactMap(\.["data"]["id"].string)) == Set(created.compactMap(\.["data"]["id"].string)))
        let taken = try await world.taken()
        #expect(taken.isSuperset(of: created.compactMap(\.["id"].string)), "deleted without having been taken")
    }
}
