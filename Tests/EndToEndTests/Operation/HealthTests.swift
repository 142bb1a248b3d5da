import Foundation
import MailServers
import Testing

/// An account's proof of life.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct HealthTests {
    /// The health document, once it is as it is waited for.
    private func health(
        of account: MailAccount, _ what: String, until isDone: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        try await eventually(what) {
            try await account.api.get("\(account.path)/health").expecting(200)
        } until: {
            isDone($0)
        }
    }

    private func support(_ name: String, in health: JSONValue) -> String? {
        health["features"].array.first { $0["name"].string == name }?["support"].string
    }

    @Test func `tells of a watched account what its servers do themselves, and how far the sync is`() async throws {
        let bridge = try await Bridge.shared()
        let account = try await bridge.newAccount()
        let health = try await health(of: account, "the account is watched") {
            $0["sync"]["phase"] == "watching" && $0["sync"]["remaining"] == 0
        }
        let sync = health["sync"]
        #expect(health["accountId"].string == account.id)
        #expect(sync["watching"] == "notify" && sync["tier"] == "qresync")
        #expect(sync["lastError"].isNull && sync["nextAttemptAt"].isNull)
        #expect(sync["lagSeconds"].int != nil && !sync["lastContactAt"].isNull && !sync["lastCheckedAt"].isNull)
        #expect(sync["mailboxes"].int == 6)
        let imap = health["imap"]
        #expect(imap["state"] == "connected" && imap["serverName"] == "Dovecot" && imap["lastError"].isNull)
        #expect(imap["sessions"]["watching"] == 1 && imap["sessions"]["budget"].int ?? 0 > 0)
        #expect(imap["capabilities"].array.contains("QRESYNC") && imap["capabilities"].array.contains("NOTIFY"))
        #expect(health["pop3"].isNull)
        for name in ["push", "changes", "moves", "expunge", "sort", "search"] {
            #expect(support(name, in: health) == "native", "\(name)")
        }
        #expect(support("messageIds", in: health) == "emulated")
        #expect(support("quota", in: health) == "missing" && support("nativeSearch", in: health) == "missing")

        #expect(health["smtp"]["state"] == "unused" && health["smtp"]["capabilities"] == [])
        let sent = try await account.submit([
            "to": [.string(account.user.email)], "subject": "Hello", "text": "Hello.",
        ])
        #expect(try await account.settled(sent)["state"] == "sent")
        let used = try await self.health(of: account, "the message was announced") { !$0["sync"]["lastEventAt"].isNull }
        #expect(used["smtp"]["capabilities"].array.contains("PIPELINING") && !used["smtp"]["lastContactAt"].isNull)
    }

    @Test func `tells why a server cannot be reached, and when it is tried again`() async throws {
        let bridge = try await Bridge.shared()
        let imap = try LoopbackProxy(.forward(to: bridge.host.dovecot.ports.imaps))
        defer { imap.stop() }
        let draft = try bridge.host.draft(for: bridge.host.newUser())
            .setting("/imap/port", to: .number(Double(imap.port)))
        let account = try await bridge.addAccount(draft)
        _ = try await health(of: account, "the account is watched") { $0["sync"]["phase"] == "watching" }
        imap.stop()
        let broken = try await health(of: account, "the server is missed") {
            $0["sync"]["phase"] == "backing-off" && $0["sync"]["lastError"]["code"] == "connection-refused"
        }
        #expect(broken["sync"]["lastError"]["protocol"] == "imap" && !broken["sync"]["nextAttemptAt"].isNull)
        #expect(broken["sync"]["watching"].isNull)
        #expect(broken["imap"]["state"] == "failing" && broken["imap"]["sessions"]["watching"] == 0)
        #expect(broken["imap"]["lastError"]["code"] == "connection-refused")
    }

    @Test func `says of an account without a server that keeps mail that there is nothing to be in step with`()
        async throws
    {
        let bridge = try await Bridge.shared()
        let account = try await bridge.addAccount(Endpoint.sender, query: "?verify=false")
        let health = try await account.api.get("\(account.path)/health").expecting(200)
        #expect(health["sync"].isNull && health["imap"].isNull && health["features"] == [])
        #expect(health["smtp"]["state"] == "unused")
        try await bridge.api.get("/v1/accounts/nobody/health").problem(404, "account-not-found")
    }
}
