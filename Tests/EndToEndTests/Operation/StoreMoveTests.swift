import Foundation
import MailServers
import Testing

/// `mailbridge copy-store`: an installation that outgrew one machine goes on where it was.
@Suite(.timeLimit(.minutes(5)))
struct StoreMoveTests {
    /// All mail that was announced, once it has this subject among it.
    private func told(_ account: MailAccount, until subject: String) async throws -> [JSONValue] {
        try await eventually("\(subject) is told", within: .seconds(60)) {
            try await account.events.all().filter { $0["type"] == "message.created" }
        } until: { events in
            events.contains { $0["data"]["subject"].string == subject }
        }
    }

    @Test func `ids, events and queued mail are the same, and nothing is told twice`() async throws {
        let bridge = try await Bridge.start()
        let account = try await bridge.newAccount()
        try await account.isRead()
        let host = account.host
        for number in 1...5 {
            try await host.dovecot.deliver(account.user, TestMail.plain("mail \(number)", to: account.user.email))
        }
        let told = try await told(account, until: "mail 5")
        let submission = try await account.submit([
            "to": [.string(account.user.email)], "subject": "queued", "text": "Hello.",
            "sendAt": .string(Date(timeIntervalSinceNow: 3600).formatted(.iso8601)),
        ])
        let listed = try await account.listAll("mailbox=inbox&fields=id")
        let schema = try await PostgreSQLServer.shared().newSchema()
        let move = ["copy-store", "--from", "sqlite:" + bridge.folder("data/mailbridge.db"), "--to", schema.url()]

        let early = try await MailbridgeProcess.run(move)
        #expect(early.status != 0 && early.output.contains("in use"), "\(early.output)")
        try await bridge.process.stop()
        // What comes while nobody watches is news to the new one.
        try await host.dovecot.deliver(account.user, TestMail.plain("meanwhile", to: account.user.email))
        let moved = try await MailbridgeProcess.run(move)
        #expect(moved.status == 0 && moved.output.contains("compared the counts"), "\(moved.output)")
        let again = try await MailbridgeProcess.run(move)
        #expect(again.status != 0 && again.output.contains("not empty"), "\(again.output)")

        let folder = try TemporaryFolder("moved", inMemory: true)
        let settings = ["MAILBRIDGE_DATABASE": schema.url()]
        let stranger = try await MailbridgeProcess.run(["serve"], data: folder, settings: settings)
        #expect(stranger.status != 0, "without its key")
        let key = try String(contentsOfFile: bridge.folder("data/secret.key"), encoding: .utf8)
        let process = try await MailbridgeProcess.start(
            data: folder, settings: settings.merging(["MAILBRIDGE_SECRET_KEY": key]) { $1 })
        let same = MailAccount(id: account.id, api: APIClient(process.client), host: host, user: account.user)
        let now = try await self.told(same, until: "meanwhile")
        #expect(now.prefix(5).map(\.["id"]) == told.map(\.["id"]))
        #expect(now.map(\.["data"]["subject"]) == told.map(\.["data"]["subject"]) + ["meanwhile"])
        #expect(try await same.listAll("mailbox=inbox&fields=id").suffix(5) == listed.suffix(5))
        let id = try #require(submission["id"].string)
        try await same.api.post("\(same.path)/submissions/\(id)/retry", [:]).expecting(202)
        #expect(try await same.settled(submission)["state"] == "sent")
        // The next event comes after all of them: nothing else was told.
        try await host.dovecot.deliver(account.user, TestMail.plain("last", to: account.user.email))
        let subjects = try await self.told(same, until: "last").compactMap(\.["data"]["subject"].string)
        // The message that was sent to itself lies in Sent too.
        #expect(Set(subjects).count >= 7 && subjects.filter { $0 != "queued" }.count == 7, "\(subjects)")
        try await process.stop()
    }
}
