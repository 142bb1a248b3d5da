import Foundation
import MailServers
import Synchronization
import Testing

/// `mailbridge keys rotate` as an operator runs it, while nodes work.
@Suite(.timeLimit(.minutes(5)))
struct KeyRotationTests {
    private static let old = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    private static let new = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="

    /// Runs a rotation until there is a value under the new data key, whoever sealed it, and kills it before it can write another one.
    ///
    /// It comes after the killer where there is too little processor for both: else it may be over before that looks.
    private static let killer = """
        import sqlite3, subprocess, sys, time
        store = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
        rotation = subprocess.Popen(["nice", "-n", "19", *sys.argv[2:]])
        while rotation.poll() is None:
            store.execute("BEGIN IMMEDIATE")
            if store.execute("SELECT 1 FROM submissions WHERE substr(envelope, 1, 5) = x'0100000002'").fetchone():
                rotation.kill()
                rotation.wait()
                print("killed")
                break
            store.execute("ROLLBACK")
            time.sleep(0.005)
        """

    /// What is to be opened later: a login, and mail that waits.
    private func scheduled(_ account: MailAccount, _ subject: String) async throws -> JSONValue {
        try await account.submit([
            "to": [.string(account.user.email)], "subject": .string(subject), "text": "Hello.",
            "sendAt": .string(Date(timeIntervalSinceNow: 3600).formatted(.iso8601)),
        ])
    }

    private func expectSent(_ submissions: [JSONValue], _ account: MailAccount) async throws {
        for submission in submissions {
            let id = try #require(submission["id"].string)
            try await account.api.post("\(account.path)/submissions/\(id)/retry", [:]).expecting(202)
            #expect(try await account.settled(submission)["state"] == "sent")
        }
    }

    @Test func `on SQLite the server goes on, and a killed rotation is run again`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        let key = bridge.folder("data/secret.key")
        let old = try String(contentsOfFile: key, encoding: .utf8)
        let submissions = Mutex([try await scheduled(account, "before")])
        try (Self.new + "\n" + old).write(toFile: key, atomically: false, encoding: .utf8)

        let isOver = Mutex(false)
        let writing = Task {
            while !isOver.withLock({ $0 }) {
                let submission = try await scheduled(account, "meanwhile")
                submissions.withLock { $0.append(submission) }
            }
        }
        try await eventually("the writer has begun") { submissions.withLock { $0.count } >= 3 }
        let killer = [try Command.locate("python3"), "-c", Self.killer, bridge.folder("data/mailbridge.db")]
        let killed = try await MailbridgeProcess.run(["keys", "rotate"], data: bridge.folder, under: killer)
        #expect(killed.status == 0 && killed.output == "killed\n", "\(killed.output)")
        let seen = submissions.withLock { $0.count }
        try await eventually("the writer goes on after the kill") { submissions.withLock { $0.count } >= seen + 2 }
        let rotated = try await MailbridgeProcess.run(["keys", "rotate"], data: bridge.folder)
        let late = submissions.withLock { $0.count }
        try await eventually("the writer goes on after the rotation") { submissions.withLock { $0.count } >= late + 2 }
        #expect(rotated.status == 0 && rotated.output.contains("may be removed"), "\(rotated.output)")
        #expect(!rotated.output.contains("Sealed anew: 0."), "\(rotated.output)")
        #expect(!rotated.output.contains(Self.new) && !bridge.process.output.contains(Self.new))
        isOver.withLock { $0 = true }
        try await writing.value
        try await bridge.process.stop()

        try (Self.new + "\n").write(toFile: key, atomically: false, encoding: .utf8)
        let next = try await bridge.restart()
        let same = MailAccount(id: account.id, api: next.api, host: account.host, user: account.user)
        _ = try await same.list("mailbox=inbox")
        let all = submissions.withLock { $0 }
        try await expectSent([all[0], all[all.count / 2], all[all.count - 1]], same)
        #expect(
            try await MailbridgeProcess.run(["keys", "rotate"], data: next.folder).output.contains("one secret key"))
        try await next.process.stop()
        try old.write(toFile: key, atomically: false, encoding: .utf8)
        let refused = try await MailbridgeProcess.run(["serve"], data: next.folder)
        #expect(refused.status != 0 && refused.output.contains("another secret key"), "\(refused.output)")
    }

    @Test func `on PostgreSQL a node without the new key is waited for and named`() async throws {
        let host = try await MailHost.shared()
        let schema = try await PostgreSQLServer.shared().newSchema()
        let folders = try (0..<2).map { _ in try TemporaryFolder("node", inMemory: true) }
        func settings(_ key: String) -> [String: String] {
            ["MAILBRIDGE_DATABASE": schema.url(), "MAILBRIDGE_SECRET_KEY": key]
        }
        var nodes: [MailbridgeProcess] = []
        for folder in folders {
            nodes.append(try await MailbridgeProcess.start(data: folder, settings: settings(Self.old)))
        }
        let user = try host.newUser()
        let made = try await APIClient(nodes[0].client).post("/v1/accounts", host.draft(for: user)).expecting(201)
        let id = try #require(made["id"].string)
        func account(_ node: Int) -> MailAccount {
            MailAccount(id: id, api: APIClient(nodes[node].client), host: host, user: user)
        }
        let both = "\(Self.new),\(Self.old)"
        var submissions = [try await scheduled(account(0), "before")]

        // One of them has it.
        try await nodes[0].stop()
        nodes[0] = try await MailbridgeProcess.start(data: folders[0], settings: settings(both))
        let early = try await MailbridgeProcess.run(
            ["keys", "rotate", "--wait", "6"], data: folders[0], settings: settings(both))
        #expect(early.status != 0 && early.output.contains("do not have the first secret key"), "\(early.output)")
        submissions.append(try await scheduled(account(1), "by the node without it"))
        submissions.append(try await scheduled(account(0), "by the node with it"))

        try await nodes[1].stop()
        nodes[1] = try await MailbridgeProcess.start(data: folders[1], settings: settings(both))
        let rotated = try await MailbridgeProcess.run(["keys", "rotate"], data: folders[0], settings: settings(both))
        #expect(rotated.status == 0 && rotated.output.contains("may be removed"), "\(rotated.output)")
        for node in 0..<2 {
            submissions.append(try await scheduled(account(node), "after"))
            try await nodes[node].stop()
            nodes[node] = try await MailbridgeProcess.start(data: folders[node], settings: settings(Self.new))
        }
        _ = try await account(1).list("mailbox=inbox")
        try await expectSent(submissions, account(1))
        for node in nodes { try await node.stop() }
    }
}
