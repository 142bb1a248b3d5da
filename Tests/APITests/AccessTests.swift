import API
import HTTP
import Model
import Testing

@Suite struct `Access` {
    /// A target of each operation, with what it needs to succeed.
    static func request(_ operation: Operation) -> (target: String, body: String) {
        let values = [
            "account": "acc_1", "mailbox": "m2", "message": "e%2F1", "attachment": "2", "submission": "sub_1",
            "token": "tok_1", "thread": "T1", "webhook": "whk_1", "delivery": "dlv_7",
            "template": "tpl_1",
        ]
        let target = operation.path.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? values[String(segment.dropFirst().dropLast())] ?? "" : String(segment)
        }
        let bodies = [
            "createAccount": #"{"email":"a@b.c","imap":{"host":"h"},"credentials":{"username":"u","password":"p"}}"#,
            "discoverSettings": #"{"email":"a@b.c"}"#,
            "verifySettings": #"{"email":"a@b.c","smtp":{"host":"h"},"credentials":{"username":"u","password":"p"}}"#,
            "createTemplate": #"{"text":"x"}"#, "updateTemplate": #"{"text":"x"}"#, "renderTemplate": "{}",
            "createSubmissions": #"{"messages":[{"to":["a@b.c"],"text":"x"}]}"#,
            "createEventTicket": "{}", "createWebhook": #"{"url":"https://a.example/"}"#,
            "updateWebhook": #"{"state":"enabled"}"#, "replayWebhook": #"{"after":0}"#,
            "updateAccount": #"{"name":"N"}"#, "updateMessage": #"{"keywords":{"$seen":true,"$flagged":null}}"#,
            "createDraft": #"{"subject":"x"}"#, "replaceDraft": #"{"subject":"x"}"#,
            "createAttachmentLink": "{}",
            "importMessage": "Subject: x\r\n\r\n",
            "batchMessages": #"{"ids":["e/1"],"action":{"delete":true}}"#,
            "createMailbox": #"{"name":"N","parentId":"inbox","role":"archive"}"#,
            "updateMailbox": #"{"name":"N","parentId":null,"isSubscribed":true}"#,
            "searchMessages": #"{"filter":{"from":"a"}}"#,
            "moveMessage": #"{"mailbox":"trash"}"#, "copyMessage": #"{"mailbox":"m2"}"#,
            "createSubmission": #"{"to":["a@b.c"],"text":"x"}"#, "createToken": #"{"name":"t","scopes":["read"]}"#,
        ]
        if operation.id == "deleteMailbox" { return ("/" + target.joined(separator: "/") + "?force=true", "") }
        return ("/" + target.joined(separator: "/"), bodies[operation.id] ?? "")
    }

    static func type(of operation: Operation) -> String? {
        operation.accepts == ["message/rfc822"] ? "message/rfc822" : nil
    }

    @Test(arguments: Operation.all, Scope.allCases)
    func `follows the table for every operation and every scope`(operation: Operation, scope: Scope) async throws {
        let client = Client()
        let (target, body) = Self.request(operation)
        let answer = try await client.send(
            operation.method, target, token: scope.rawValue, body, type: Self.type(of: operation))
        if scope == .admin || operation.scopes.contains(scope) {
            #expect((200..<300).contains(answer.status), "\(answer.text)")
        } else {
            #expect(answer.status == 403 && answer.slug == "insufficient-scope")
            let names = operation.scopes.map(\.rawValue).joined(separator: " ")
            #expect(
                answer.fields[.wwwAuthenticate]?.contains("error=\"insufficient_scope\", scope=\"\(names)\"") == true)
            #expect(client.engines.calls.isEmpty)
        }
    }

    @Test(arguments: Operation.all)
    func `is refused without a token and with a wrong one`(operation: Operation) async throws {
        let client = Client()
        let (target, body) = Self.request(operation)
        let none = try await client.send(operation.method, target, token: nil, body, type: Self.type(of: operation))
        #expect(none.status == 401 && none.slug == "unauthenticated")
        #expect(none.fields[.wwwAuthenticate] == "Bearer realm=\"mailbridge\"")
        let wrong = try await client.send(
            operation.method, target, token: "nobody", body, type: Self.type(of: operation))
        #expect(wrong.status == 401 && wrong.slug == "invalid-token")
        #expect(wrong.fields[.wwwAuthenticate]?.contains("error=\"invalid_token\"") == true)
        #expect(client.engines.calls.isEmpty)
    }

    @Test(arguments: Operation.all)
    func `is refused to a token of another account, and to any bound one where all are concerned`(
        operation: Operation
    ) async throws {
        let client = Client()
        let (target, body) = Self.request(operation)
        let other = try await client.send(
            operation.method, target, token: "admin~acc_9", body, type: Self.type(of: operation))
        let own = try await client.send(
            operation.method, target, token: "admin~acc_1", body, type: Self.type(of: operation))
        if operation.isOfAccount {
            #expect(other.status == 403 && other.slug == "account-forbidden")
            #expect((200..<300).contains(own.status))
        } else if operation.scopes == [.admin] {
            #expect(other.slug == "account-forbidden" && own.slug == "account-forbidden")
        } else {
            #expect((200..<300).contains(other.status))
            // Templates are everybody's who may send.
            let isTemplate = operation.path.hasPrefix("/v1/templates")
            #expect(isTemplate || client.engines.calls.allSatisfy { $0.hasSuffix("visible 1") })
        }
    }

    @Test(arguments: ["Basic YTpi", "Bearer", "Bearer ", "bearer nobody", "Bearer a b", "Bearer \u{E4}", "admin"])
    func `takes nothing but a bearer token`(value: String) async throws {
        let answer = try await Client().send(.get, "/v1/accounts", token: nil, fields: [.authorization: value])
        #expect(answer.status == 401)
    }

    @Test func `takes the scheme in any case`() async throws {
        let answer = try await Client().send(.get, "/v1/accounts", token: nil, fields: [.authorization: "bEaReR read"])
        #expect(answer.status == 200)
    }

    @Test func `needs no token for the service's own pages`() async throws {
        let client = Client()
        let health = try await client.send(.get, "/healthz", token: nil)
        #expect(health.text == #"{"status":"ok","version":"1.2.3"}"#)
        #expect(try await client.send(.get, "/readyz", token: nil).status == 200)
        let busy = try await Client(isReady: false).send(.get, "/readyz", token: nil)
        #expect(busy.status == 503 && busy.slug == "service-unavailable")
        let none = try await client.send(.get, "/v2", token: nil)
        #expect(none.status == 404 && none.slug == "not-found")
        let method = try await client.send(.put, "/healthz", token: nil)
        #expect(method.status == 405 && method.fields[.allow] == "GET, HEAD, OPTIONS")
    }
}
