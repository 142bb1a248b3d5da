import Foundation
import MailServers
import Testing

/// A POST that is repeated with its key happens once.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct IdempotencyTests {
    @Test func `a repeated submission is answered as before and sent once, also after a restart`() async throws {
        let bridge = try await Bridge.start()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        let key = [("Idempotency-Key", UUID().uuidString)]
        let draft: JSONValue = ["to": [.string(to.user.email)], "subject": "Once", "text": "Hello."]
        let target = "\(account.path)/submissions"
        let first = try await bridge.api.post(target, draft, headers: key)
        try first.expecting(202)
        let again = try await bridge.api.post(target, draft, headers: key)
        #expect(again.status == 202)
        #expect(again.body == first.body)
        #expect(again["Location"] == first["Location"])
        let other = try await bridge.api.post(target, draft.setting("/text", to: "Other."), headers: key)
        let problem = try other.problem(422, "idempotency-key-reused")
        #expect(problem["errors"][0]["header"] == "Idempotency-Key")
        #expect(try await account.settled(first.json)["state"] == "sent")
        try await bridge.process.stop()

        let next = try await bridge.restart()
        let afterwards = try await next.api.post(target, draft, headers: key)
        #expect(afterwards.status == 202)
        #expect(afterwards.body == first.body)
        #expect(try await next.api.get(target).expecting(200)["data"].array.count == 1)
        try await eventually("it arrived") { try await !to.stored().isEmpty }
        #expect(try await to.stored().count == 1)
        try await next.process.stop()
    }

    @Test func `of many requests with one key at the same moment one is done`() async throws {
        let bridge = try await Bridge.shared()
        let (account, to) = (try await bridge.newAccount(), try await bridge.newAccount())
        let key = [("Idempotency-Key", UUID().uuidString)]
        let draft: JSONValue = ["to": [.string(to.user.email)], "text": "Hello."]
        let answers = try await withThrowingTaskGroup(of: TestHTTPResponse.self) { group in
            for _ in 0..<20 {
                group.addTask { try await bridge.api.post("\(account.path)/submissions", draft, headers: key) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let accepted = answers.filter { $0.status == 202 }
        #expect(!accepted.isEmpty)
        #expect(Set(try accepted.map { try $0.json["id"].string }).count == 1)
        for answer in answers where answer.status != 202 { try answer.problem(409, "idempotency-in-progress") }
        #expect(try await bridge.api.get("\(account.path)/submissions").expecting(200)["data"].array.count == 1)
    }

    @Test func `a refusal is not kept, and keys of two tokens never meet`() async throws {
        let bridge = try await Bridge.shared()
        let user = try bridge.host.newUser()
        let key = [("Idempotency-Key", UUID().uuidString)]
        let id = JSONValue.string("acc-\(UUID().uuidString)")
        let good = bridge.host.draft(for: user).setting("/id", to: id)
        let bad = good.setting("/credentials/password", to: "wrong")
        try await bridge.api.post("/v1/accounts", bad, headers: key).problem(422, "verification-failed")
        let made = try await bridge.api.post("/v1/accounts", good, headers: key)
        try made.expecting(201)
        let replayed = try await bridge.api.post("/v1/accounts", good, headers: key)
        #expect(replayed.status == 201)
        #expect(replayed.body == made.body)
        let token = try await bridge.api.post("/v1/tokens", ["name": "other", "scopes": ["admin"]]).expecting(201)
        let other = bridge.api.with(token: token["token"].string)
        try await other.post("/v1/accounts", good, headers: key).problem(409, "account-exists")
    }
}
