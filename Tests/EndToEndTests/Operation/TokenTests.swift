import Foundation
import MailServers
import Testing

/// Tokens over HTTP and on the command line, and where secrets must not be.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct TokenTests {
    private func create(_ bridge: Bridge, _ draft: JSONValue) async throws -> (id: String, secret: String) {
        let answer = try await bridge.api.post("/v1/tokens", draft)
        let made = try answer.expecting(201)
        #expect(answer["Cache-Control"] == "no-store")
        return (try #require(made["id"].string), try #require(made["token"].string))
    }

    @Test func `a token does what its scopes say, until it is revoked`() async throws {
        let bridge = try await Bridge.shared()
        let account = try await bridge.newAccount()
        let (id, secret) = try await create(bridge, ["name": "reader", "scopes": ["read"]])
        let reader = bridge.api.with(token: secret)
        try await reader.get("\(account.path)/mailboxes").expecting(200)
        try await reader.get("/v1/tokens").problem(403, "insufficient-scope")
        try await reader.post("\(account.path)/reconnect").problem(403, "insufficient-scope")
        #expect(try await bridge.api.delete("/v1/tokens/\(id)").status == 204)
        try await reader.get("\(account.path)/mailboxes").problem(401, "invalid-token")
        try await bridge.api.delete("/v1/tokens/\(id)").problem(404, "token-not-found")
    }

    @Test func `a bound token sees its account only`() async throws {
        let bridge = try await Bridge.shared()
        let (mine, other) = (try await bridge.newAccount(), try await bridge.newAccount())
        let (_, secret) = try await create(
            bridge, ["name": "front end", "scopes": ["read", "send"], "accounts": [.string(mine.id)]])
        let bound = bridge.api.with(token: secret)
        #expect(try await bound.get("/v1/accounts").expecting(200)["data"].array.map(\.["id"].string) == [mine.id])
        try await bound.get("\(mine.path)/mailboxes").expecting(200)
        try await bound.get("\(other.path)/mailboxes").problem(403, "account-forbidden")
        _ = try await other.submit(["to": ["nobody@example.test"], "text": "Not for the bound one."])
        let own = try await mine.submit(["to": ["nobody@example.test"], "text": "Its own."])
        #expect(try await bound.get("/v1/submissions").expecting(200)["data"].array.map(\.["id"]) == [own["id"]])
    }

    @Test func `a token expires`() async throws {
        let bridge = try await Bridge.shared()
        let (id, secret) = try await create(bridge, ["name": "brief", "scopes": ["read"], "expiresIn": 20])
        let brief = bridge.api.with(token: secret)
        try await brief.get("/v1/accounts").expecting(200)
        try await eventually("the token has expired", within: .seconds(60)) {
            try await brief.get("/v1/accounts").status == 401
        }
        let listed = try await bridge.api.get("/v1/tokens?limit=500").expecting(200)["data"].array
        #expect(listed.filter { $0["id"].string == id }.allSatisfy { !$0["expiresAt"].isNull })
    }

    @Test func `tokens are listed in pages without their secrets`() async throws {
        let bridge = try await Bridge.start()
        var made: [(id: String, secret: String)] = []
        for index in 0..<5 {
            made.append(try await create(bridge, ["name": .string("token \(index)"), "scopes": ["read", "write"]]))
        }
        var listed: [JSONValue] = []
        var target: String? = "/v1/tokens?limit=2"
        while let current = target {
            let answer = try await bridge.api.get(current)
            #expect(made.allSatisfy { !answer.text.contains($0.secret) })
            listed += try answer.expecting(200)["data"].array
            target = answer["Link"]?.split(separator: ">").first.map { String($0.dropFirst()) }
        }
        #expect(listed.map(\.["id"].string) == made.map(\.id))
        #expect(listed.map(\.["name"].string) == (0..<5).map { "token \($0)" })
        #expect(listed[0]["scopes"] == ["read", "write"])
        #expect(listed[0]["accounts"].isNull)
        try await bridge.process.stop()
    }

    @Test func `the command line makes, lists and revokes tokens beside the running server`() async throws {
        let bridge = try await Bridge.start()
        func command(_ arguments: String...) async throws -> Command.Result {
            try await MailbridgeProcess.run(["token"] + arguments, data: bridge.folder)
        }
        let made = try await command("create", "--name", "by hand", "--scope", "read", "--scope", "send")
        #expect(made.status == 0, "\(made.output)")
        let secret = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let api = bridge.api.with(token: secret)
        try await api.get("/v1/accounts").expecting(200)
        try await api.get("/v1/tokens").problem(403, "insufficient-scope")

        let listed = try await command("list")
        #expect(listed.status == 0)
        let line = try #require(listed.output.split(separator: "\n").first { $0.contains("by hand") })
        #expect(line.contains("read") && line.contains("send"))
        #expect(!listed.output.contains(secret))
        let overHTTP = try await bridge.api.get("/v1/tokens").expecting(200)["data"].array
        #expect(overHTTP.map(\.["name"].string) == ["by hand"])

        let id = try #require(line.split(whereSeparator: \.isWhitespace).first.map(String.init))
        #expect(try await command("revoke", id).status == 0)
        // A server remembers a token for a second at most.
        try await eventually("the revoked token is refused", within: .seconds(5)) {
            try await api.get("/v1/accounts").status == 401
        }
        let unknown = try await command("revoke", id)
        #expect(unknown.status != 0)
        #expect(unknown.output.contains(id))
        for wrong in [
            ["create", "--scope", "root"], ["create", "--expires-in", "0"], ["create", "--account", "a/b"],
        ] {
            let result = try await MailbridgeProcess.run(["token"] + wrong, data: bridge.folder)
            #expect(result.status != 0)
            #expect(result.output.contains(wrong[1]), "\(result.output)")
        }
        try await bridge.process.stop()
    }

    @Test func `no secret is in the log, in an answer or in the files`() async throws {
        let password = "pass-\(UUID().uuidString)"
        let wrong = "wrong-\(UUID().uuidString)"
        let content = "content-\(UUID().uuidString)"
        let user = MailUser("secretive@example.test", password: password)
        let host = try await MailHost.start(users: [user])
        let smtp = try LoopbackProxy(.hold)
        defer { smtp.stop() }
        let bridge = try await Bridge.start(
            host: host, settings: ["MAILBRIDGE_LOG_LEVEL": "trace", "MAILBRIDGE_DRAIN_TIMEOUT": "0"])
        let account = try await bridge.addAccount(of: user)
        let (_, secret) = try await create(bridge, ["name": "secret", "scopes": ["read"]])
        try await bridge.api.post(
            "/v1/accounts", host.draft(for: user).setting("/credentials/password", to: .string(wrong))
        )
        .problem(422, "verification-failed")
        var answers = ""
        for target in [account.path, "/v1/accounts", "/v1/tokens", "\(account.path)/mailboxes"] {
            answers += try await bridge.api.get(target).text
        }
        answers += try await bridge.api.patch(account.path, ["credentials": ["password": .string(wrong)]]).text
        // A message that stays in the queue: content is sealed there too.
        try await bridge.api.patch(
            "\(account.path)?verify=false", ["smtp": ["port": .number(Double(smtp.port))]]
        ).expecting(200)
        _ = try await account.submit(["to": [.string(user.email)], "text": .string(content)])
        try await eventually("the submission is under way") { smtp.connectionCount > 0 }

        let log = bridge.process.output
        #expect(log.count > 100)
        let path = bridge.folder("data")
        let files = try FileManager.default.subpathsOfDirectory(atPath: path)
        #expect(files.contains { $0.hasSuffix(".db") })
        var stored = Data()
        for file in files {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(path)/\(file)")[.posixPermissions] as? Int
            #expect((mode ?? 0o777) & 0o077 == 0, "\(file) is readable by others")
            stored += FileManager.default.contents(atPath: "\(path)/\(file)") ?? Data()
        }
        for text in [password, wrong, secret, MailbridgeProcess.adminToken, content] {
            #expect(!log.contains(text), "in the log: \(text.prefix(6))")
            #expect(!answers.contains(text), "in an answer: \(text.prefix(6))")
            #expect(stored.range(of: Data(text.utf8)) == nil, "in the files: \(text.prefix(6))")
        }
        try await bridge.process.kill()
    }
}
