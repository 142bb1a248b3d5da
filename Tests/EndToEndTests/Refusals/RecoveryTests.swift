import MailServers
import Testing

/// Accounts whose servers, settings or sessions failed, and that work again.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct RecoveryTests {
    @Test func `a server that comes back is used again, without a restart and without anybody's help`() async throws {
        let bridge = try await Bridge.shared()
        let user = try bridge.host.newUser()
        let imap = try LoopbackProxy(.forward(to: bridge.host.dovecot.ports.imaps))
        defer { imap.stop() }
        let draft = bridge.host.draft(for: user).setting("/imap/port", to: .number(Double(imap.port)))
        let account = try await bridge.addAccount(draft)
        func state() async throws -> JSONValue { try await bridge.api.get(account.path).expecting(200)["state"] }
        try await account.api.get("\(account.path)/mailboxes").expecting(200)
        #expect(try await state() == "connected")

        imap.set(.reset, cutting: true)
        try await account.api.get("\(account.path)/mailboxes").problem(503, "account-unavailable")
        try await eventually("unreachable") { try await state() == "unreachable" }

        imap.set(.hold)
        let held = try await account.api.get("\(account.path)/mailboxes", headers: [("Prefer", "wait=1")])
        try held.problem(504, "upstream-timeout")

        imap.set(.forward(to: bridge.host.dovecot.ports.imaps))
        try await account.api.get("\(account.path)/mailboxes").expecting(200)
        try await eventually("connected") { try await state() == "connected" }
        #expect(try await bridge.api.get(account.path).expecting(200)["lastError"].isNull)
    }

    @Test func `a session that the server ended between two requests is replaced without the caller's noticing`()
        async throws
    {
        let bridge = try await Bridge.shared()
        let user = try bridge.host.newUser()
        let imap = try LoopbackProxy(.forward(to: bridge.host.dovecot.ports.imaps))
        defer { imap.stop() }
        let draft = bridge.host.draft(for: user).setting("/imap/port", to: .number(Double(imap.port)))
        let account = try await bridge.addAccount(draft)
        for _ in 0..<5 {
            try await account.api.get("\(account.path)/messages?mailbox=inbox").expecting(200)
            imap.set(.forward(to: bridge.host.dovecot.ports.imaps), cutting: true)
        }
        try await account.api.get("\(account.path)/mailboxes").expecting(200)
    }

    @Test func `a new password heals an account, and a wrong one does not harm it`() async throws {
        let bridge = try await Bridge.shared()
        let user = try bridge.host.newUser()
        let draft = bridge.host.draft(for: user).setting("/credentials/password", to: "outdated")
        let account = try await bridge.addAccount(draft, query: "?verify=false")
        try await account.api.get("\(account.path)/mailboxes").problem(502, "upstream-authentication-failed")
        let wrong: JSONValue = ["credentials": ["password": "also wrong"]]
        try await account.api.patch(account.path, wrong).problem(422, "verification-failed")
        let right: JSONValue = ["credentials": ["password": .string(user.password)]]
        #expect(try await account.api.patch(account.path, right).expecting(200)["state"] == "connected")
        try await account.api.get("\(account.path)/mailboxes").expecting(200)
    }

    @Test func `reconnect asks the servers now`() async throws {
        let bridge = try await Bridge.shared()
        let smtp = try LoopbackProxy(.reset)
        defer { smtp.stop() }
        let draft = bridge.host.draft(for: try bridge.host.newUser())
            .setting("/smtp/port", to: .number(Double(smtp.port)))
        let account = try await bridge.addAccount(draft, query: "?verify=false")
        let failed = try await account.api.post("\(account.path)/reconnect").expecting(200)
        #expect(failed["state"] == "unreachable")
        #expect(failed["lastError"]["protocol"] == "smtp")
        smtp.set(.forward(to: bridge.host.postfix.ports.submission))
        let healed = try await account.api.post("\(account.path)/reconnect").expecting(200)
        #expect(healed["state"] == "connected")
        #expect(healed["lastError"].isNull)
    }

    @Test func `a disabled account makes no connection`() async throws {
        let bridge = try await Bridge.shared()
        let imap = try LoopbackProxy(.forward(to: bridge.host.dovecot.ports.imaps))
        defer { imap.stop() }
        let draft = bridge.host.draft(for: try bridge.host.newUser())
            .setting("/imap/port", to: .number(Double(imap.port)))
        let account = try await bridge.addAccount(draft)
        // Else its first reading may be dialling.
        try await eventually("the account is watched") {
            let sync = try await account.api.get("\(account.path)/health").expecting(200)["sync"]
            return sync["phase"] == "watching" && sync["remaining"] == 0
        }
        #expect(try await account.api.patch(account.path, ["isDisabled": true]).expecting(200)["state"] == "disabled")
        let before = imap.connectionCount
        try await account.api.get("\(account.path)/mailboxes").problem(409, "account-disabled")
        try await account.api.post("\(account.path)/reconnect").problem(409, "account-disabled")
        #expect(imap.connectionCount == before)
        #expect(try await account.api.patch(account.path, ["isDisabled": false]).expecting(200)["state"] == "connected")
        try await account.api.get("\(account.path)/mailboxes").expecting(200)
    }
}
