import Foundation
import MailServers
import Testing

/// Mail servers that cannot be used, each in its own way: told when an account is added, and when one is used.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct ServerFaultTests {
    @Test(arguments: ServerFault.all, ["imap", "smtp"])
    func `settings that do not work are refused with the reason, and not stored`(
        fault: ServerFault, mailProtocol: String
    ) async throws {
        let bridge = try await Bridge.shared()
        let draft = bridge.host.draft(for: try bridge.host.newUser())
        let broken = try await fault.breaking(draft, bridge.host, mailProtocol)
        let id = "acc-\(UUID().uuidString)"
        let started = ContinuousClock.now
        let answer = try await bridge.api.post(
            "/v1/accounts", broken.draft.setting("/id", to: .string(id)), headers: fault.patience)
        let duration = ContinuousClock.now - started
        let problem = try answer.problem(422, "verification-failed")
        if fault.stalls { #expect(duration < .seconds(20), "asked to wait 8 s at most, took \(duration)") }
        #expect(problem["errors"].array.map(\.["pointer"].string) == ["/\(mailProtocol)"], "\(answer.text)")
        #expect(problem["errors"][0]["code"] == .string(fault.code), "\(answer.text)")
        #expect(problem["upstream"]["protocol"] == .string(mailProtocol))
        #expect(!answer.text.contains("correct horse"))
        try await bridge.api.get("/v1/accounts/\(id)").problem(404, "account-not-found")

        // The same without the intention to store.
        let verified = try await bridge.api.post("/v1/verify", broken.draft, headers: fault.patience)
        let result = try verified.expecting(200)
        #expect(result["ok"] == false)
        #expect(result[mailProtocol]["code"] == .string(fault.code))
        #expect(result[mailProtocol == "imap" ? "smtp" : "imap"]["ok"] == true, "\(verified.text)")
        withExtendedLifetime(broken.server) {}
    }

    @Test(arguments: ServerFault.all) func `an account whose server fails says so in every answer`(fault: ServerFault)
        async throws
    {
        let bridge = try await Bridge.shared()
        let draft = bridge.host.draft(for: try bridge.host.newUser())
        let broken = try await fault.breaking(draft, bridge.host, "imap")
        let account = try await bridge.addAccount(broken.draft, query: "?verify=false")
        // The sync tries too, and may have been faster.
        let state = try await bridge.api.get(account.path).expecting(200)["state"]
        #expect(["connecting", .string(fault.state)].contains(state))
        for target in fault.stalls ? ["mailboxes"] : ["mailboxes", "messages?mailbox=inbox", "messages"] {
            let started = ContinuousClock.now
            let answer = try await bridge.api.get("\(account.path)/\(target)", headers: fault.patience)
            let duration = ContinuousClock.now - started
            let problem = try answer.problem(fault.status, fault.slug)
            if fault.stalls { #expect(duration < .seconds(20), "asked to wait 8 s at most, took \(duration)") }
            #expect(problem["upstream"]["protocol"] == "imap")
            if fault.status == 503 { #expect(answer["Retry-After"] != nil) }
        }
        let shown = try await eventually("the state is \(fault.state)") {
            try await bridge.api.get(account.path).expecting(200)
        } until: {
            $0["state"] == .string(fault.state)
        }
        #expect(shown["lastError"]["protocol"] == "imap")
        #expect(shown["lastError"]["code"] == .string(fault.code))
        #expect(shown["lastError"]["text"].string?.isEmpty == false)
        withExtendedLifetime(broken.server) {}
    }

    @Test(arguments: ServerFault.all.filter { !$0.stalls })
    func `a submission says why it waits`(fault: ServerFault) async throws {
        let bridge = try await Bridge.shared()
        let draft = bridge.host.draft(for: try bridge.host.newUser())
        let broken = try await fault.breaking(draft, bridge.host, "smtp")
        let account = try await bridge.addAccount(broken.draft, query: "?verify=false")
        let submission = try await account.submit(["to": ["user1@example.test"], "text": "Never to arrive."])
        let id = try #require(submission["id"].string)
        let waiting = try await eventually("the first attempt failed") {
            try await bridge.api.get("\(account.path)/submissions/\(id)").expecting(200)
        } until: {
            $0["attempts"] == 1 && $0["state"] != "sending"
        }
        #expect(waiting["state"] == "queued")
        #expect(waiting["error"]["code"] == .string(fault.code), "\(waiting)")
        #expect(waiting["recipients"][0]["state"] == "deferred")
        #expect(!waiting["nextAttemptAt"].isNull)
        let shown = try await eventually("the state is \(fault.state)") {
            try await bridge.api.get(account.path).expecting(200)
        } until: {
            $0["state"] == .string(fault.state)
        }
        #expect(shown["lastError"]["protocol"] == "smtp")
        #expect(shown["lastError"]["code"] == .string(fault.code))
        // What waits for a server that will not take it goes with the account.
        #expect(try await bridge.api.delete(account.path).status == 204)
        try await bridge.api.get("\(account.path)/submissions/\(id)").problem(404, "account-not-found")
        withExtendedLifetime(broken.server) {}
    }

    @Test func `both servers' faults are told together`() async throws {
        let bridge = try await Bridge.shared()
        let draft = bridge.host.draft(for: try bridge.host.newUser())
            .setting("/credentials/password", to: "wrong")
        let problem = try await bridge.api.post("/v1/accounts", draft).problem(422, "verification-failed")
        #expect(problem["errors"].array.map(\.["pointer"].string) == ["/imap", "/smtp"])
        #expect(problem["errors"].array.map(\.["code"].string) == ["authentication-failed", "authentication-failed"])
    }
}
