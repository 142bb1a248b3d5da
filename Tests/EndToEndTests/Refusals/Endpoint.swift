import Foundation
import MailServers
import Testing

/// An operation of the API as a caller sees it; braces stand for what a fixture puts there.
struct Endpoint: Sendable, CustomTestStringConvertible {
    var method: String
    var path: String
    /// A token with one of these may call it.
    var scopes: [String]
    /// A body that would be accepted; nil where there is none.
    var body: JSONValue?
    /// The same where it is no JSON.
    var message: [UInt8]?

    init(_ method: String, _ path: String, _ scopes: String..., body: JSONValue? = nil) {
        self.method = method
        self.path = path
        self.scopes = scopes
        self.body = body
    }

    var testDescription: String { "\(method) \(path)" }

    static let account: JSONValue = [
        "email": "jane@example.test", "credentials": ["username": "jane", "password": "secret"],
        "imap": ["host": "127.0.0.1", "port": 1, "security": "none", "tls": ["verify": true]],
        "smtp": [
            "host": "127.0.0.1", "port": 1, "security": "none", "credentials": ["username": "j", "password": "p"],
        ],
    ]
    static let submission: JSONValue = [
        "from": ["name": "Jane", "email": "jane@example.test"], "to": [["name": "Joe", "email": "joe@example.test"]],
        "cc": [["email": "carl@example.test"]], "bcc": [["email": "bert@example.test"]],
        "replyTo": [["email": "reply@example.test"]], "subject": "Hello", "text": "Hello.", "html": "<p>Hello.</p>",
        "headers": [["name": "X-One", "value": "1"]],
        "attachments": [["name": "a.txt", "type": "text/plain", "content": "SGVsbG8K"]],
        "envelope": ["mailFrom": "jane@example.test", "rcptTo": ["joe@example.test"]],
    ]
    /// An account that only sends: nobody connects to its server before there is something to send.
    static let sender = account.removing("imap")
    static let token: JSONValue = ["name": "front end", "scopes": ["read"], "expiresIn": 60]

    static let createAccount = Endpoint("POST", "/v1/accounts", "admin", body: account)
    static let verify = Endpoint("POST", "/v1/verify", "admin", body: account)
    static let discover = Endpoint("POST", "/v1/discover", "admin", body: ["email": "jane@unknown.test"])
    static let updateAccount = Endpoint("PATCH", "/v1/accounts/{account}", "admin", body: ["name": "Jane"])
    static let updateMessage = Endpoint(
        "PATCH", "/v1/accounts/{account}/messages/{message}", "write", body: ["keywords": ["$flagged": true]])
    static let move = Endpoint(
        "POST", "/v1/accounts/{account}/messages/{message}/move", "write", body: ["mailbox": "archive"])
    static let copy = Endpoint(
        "POST", "/v1/accounts/{account}/messages/{message}/copy", "write", body: ["mailbox": "archive"])
    static let search = Endpoint(
        "POST", "/v1/accounts/{account}/messages/search", "read",
        body: ["mailbox": "inbox", "filter": ["from": "x"], "sort": "size", "limit": 5, "fields": ["subject"]])
    static let submit = Endpoint("POST", "/v1/accounts/{account}/submissions", "send", body: submission)
    static let submitMany = Endpoint(
        "POST", "/v1/accounts/{account}/submissions/batch", "send",
        body: ["common": ["text": "Hello."], "messages": [["to": ["joe@example.test"]]]])
    static let createTemplate = Endpoint(
        "POST", "/v1/templates", "admin",
        body: ["name": "ours", "subject": "Order {{number}}", "text": "Hello {{name}}", "html": "<p>{{name}}</p>"])
    static let createMailbox = Endpoint(
        "POST", "/v1/accounts/{account}/mailboxes", "write",
        body: ["name": "New", "parentId": "archive", "role": "flagged"])
    static let updateMailbox = Endpoint(
        "PATCH", "/v1/accounts/{account}/mailboxes/{mailbox}", "write",
        body: ["name": "Renamed", "parentId": "drafts", "isSubscribed": true])
    static let deleteMailbox = Endpoint("DELETE", "/v1/accounts/{account}/mailboxes/{mailbox}", "write")
    static let batch = Endpoint(
        "POST", "/v1/accounts/{account}/messages/batch", "write",
        body: ["ids": ["nobody"], "action": ["keywords": ["$flagged": true], "move": "archive"]])
    static let batchByFilter = Endpoint(
        "POST", "/v1/accounts/{account}/messages/batch", "write",
        body: [
            "mailbox": "inbox", "filter": ["from": "x"], "limit": 5,
            "action": ["keywords": ["$flagged": true], "copy": "archive"],
        ])
    static let importMessage: Endpoint = {
        var endpoint = Endpoint("POST", "/v1/accounts/{account}/messages", "write")
        endpoint.message = TestMail.plain("Imported")
        return endpoint
    }()
    static let draft = submission.removing("envelope")
    static let createDraft = Endpoint("POST", "/v1/accounts/{account}/drafts", "write", body: draft)
    static let replaceDraft = Endpoint("PUT", "/v1/accounts/{account}/drafts/{message}", "write", body: draft)
    static let createToken = Endpoint("POST", "/v1/tokens", "admin", body: token)
    static let listMessages = Endpoint("GET", "/v1/accounts/{account}/messages", "read")
    static let readMessage = Endpoint("GET", "/v1/accounts/{account}/messages/{message}", "read")

    static let webhook: JSONValue = [
        "url": "https://app.example.org/hook", "description": "ours", "types": ["message.*"], "include": ["text"],
        "filter": ["from": "ada"], "ordered": true,
    ]

    /// Every operation that needs a token.
    static let all = [
        createAccount, verify, discover, updateAccount, updateMessage, move, copy, submit, createToken, listMessages,
        readMessage,
        createMailbox, updateMailbox, deleteMailbox, batch, importMessage, createDraft, replaceDraft,
        Endpoint("POST", "/v1/accounts/{account}/drafts/{message}/send", "send"),
        Endpoint("GET", "/v1/accounts/{account}/mailboxes/{mailbox}", "read"),
        Endpoint("GET", "/v1/accounts/{account}/quota", "read"),
        batchByFilter,
        Endpoint("POST", "/v1/accounts/{account}/messages/{message}/spam", "write"),
        Endpoint("POST", "/v1/accounts/{account}/messages/{message}/not-spam", "write"),
        search,
        Endpoint("GET", "/v1/accounts/{account}/threads", "read"),
        Endpoint("GET", "/v1/accounts/{account}/threads/T_x", "read"),
        Endpoint("GET", "/v1/accounts", "read"),
        Endpoint("GET", "/v1/accounts/{account}", "read"),
        Endpoint("DELETE", "/v1/accounts/{account}", "admin"),
        Endpoint("GET", "/v1/accounts/{account}/health", "read"),
        Endpoint("POST", "/v1/accounts/{account}/reconnect", "write"),
        Endpoint("GET", "/v1/accounts/{account}/mailboxes", "read"),
        Endpoint("DELETE", "/v1/accounts/{account}/messages/{message}", "write"),
        Endpoint("GET", "/v1/accounts/{account}/messages/{message}/raw", "read"),
        Endpoint("GET", "/v1/accounts/{account}/messages/{message}/attachments/2", "read"),
        Endpoint(
            "POST", "/v1/accounts/{account}/messages/{message}/attachments/2/link", "read",
            body: ["expiresIn": 60, "disposition": "inline"]),
        Endpoint("GET", "/v1/accounts/{account}/submissions", "read", "send"),
        Endpoint("GET", "/v1/accounts/{account}/submissions/sub_x", "read", "send"),
        Endpoint("DELETE", "/v1/accounts/{account}/submissions/sub_x", "send"),
        Endpoint("POST", "/v1/accounts/{account}/submissions/sub_x/retry", "send"),
        Endpoint("GET", "/v1/submissions", "read", "send"),
        submitMany, createTemplate,
        Endpoint("GET", "/v1/templates", "read", "send"),
        Endpoint("GET", "/v1/templates/tpl_x", "read", "send"),
        Endpoint("PATCH", "/v1/templates/tpl_x", "admin", body: ["text": "Hello."]),
        Endpoint("DELETE", "/v1/templates/tpl_x", "admin"),
        Endpoint("POST", "/v1/templates/tpl_x/render", "read", "send", body: ["values": ["name": "Joe"]]),
        Endpoint("GET", "/v1/tokens", "admin"),
        Endpoint("DELETE", "/v1/tokens/tok_x", "admin"),
        Endpoint("POST", "/v1/webhooks", "admin", body: webhook),
        Endpoint("GET", "/v1/webhooks", "admin"),
        Endpoint("GET", "/v1/webhooks/whk_x", "admin"),
        Endpoint("PATCH", "/v1/webhooks/whk_x", "admin", body: ["description": "theirs"]),
        Endpoint("DELETE", "/v1/webhooks/whk_x", "admin"),
        Endpoint("POST", "/v1/webhooks/whk_x/rotate-secret", "admin"),
        Endpoint("POST", "/v1/webhooks/whk_x/test", "admin"),
        Endpoint("GET", "/v1/webhooks/whk_x/deliveries", "admin"),
        Endpoint("POST", "/v1/webhooks/whk_x/deliveries/dlv_x/redeliver", "admin"),
        Endpoint("POST", "/v1/webhooks/whk_x/replay", "admin", body: ["after": 0]),
        Endpoint("POST", "/v1/oauth/authorizations", "admin", body: ["email": "jane@example.test", "name": "Jane"]),
        Endpoint("GET", "/v1/oauth/authorizations/auth_x", "admin"),
        Endpoint("POST", "/v1/oauth/results", "admin", body: ["result": "nobody"]),
        Endpoint("GET", "/v1/audit", "admin"),
        Endpoint("GET", "/v1/nodes", "admin"),
        Endpoint("GET", "/v1/events", "events"),
        Endpoint("POST", "/v1/events/tickets", "events", body: ["accounts": ["another"]]),
        Endpoint("GET", "/metrics", "admin"),
        Endpoint("GET", "/v1/stats", "admin"),
    ]
    static let withBody = all.filter { $0.body != nil }
    static let withAccount = all.filter { $0.path.contains("{account}") }
}

/// A running program with one account and one message, in which no refused request may leave anything behind.
struct RefusalFixture: Sendable {
    let bridge: Bridge
    let account: MailAccount
    let message: String
    /// Tokens by name: each scope alone, and `bound`, which may read, write and send for another account.
    let tokens: [String: String]

    /// A small limit, so that what is too large need not be large.
    static let bodyLimit = 300_000

    static func shared() async throws -> RefusalFixture { try await sharedFixture.value }

    private static let sharedFixture = Task(name: "fixture for refusals") {
        let bridge = try await Bridge.start(settings: [
            "MAILBRIDGE_MAX_BODY_BYTES": "\(bodyLimit)", "MAILBRIDGE_MAX_MESSAGE_BYTES": "\(bodyLimit)",
        ])
        let account = try await bridge.newAccount()
        try await account.host.dovecot.seed(account.user, [SeedMessage(TestMail.large(.init([1, 2, 3])))])
        let message = try #require(try await account.onlyMessage()["id"].string)
        var tokens: [String: String] = [:]
        for scope in ["admin", "read", "write", "send", "events"] {
            let made = try await bridge.api.post("/v1/tokens", ["name": .string(scope), "scopes": [.string(scope)]])
            tokens[scope] = try made.expecting(201)["token"].string
        }
        for (name, scopes) in [("bound", ["read", "write", "send"]), ("bound admin", ["admin"])] {
            let draft: JSONValue = [
                "name": .string(name), "scopes": .array(scopes.map { .string($0) }), "accounts": ["another"],
            ]
            tokens[name] = try await bridge.api.post("/v1/tokens", draft).expecting(201)["token"].string
        }
        return RefusalFixture(bridge: bridge, account: account, message: message, tokens: tokens)
    }

    func target(_ path: String) -> String {
        path.replacing("{account}", with: account.id).replacing("{message}", with: message)
            .replacing("{mailbox}", with: "archive")
    }

    /// Makes a request, with JSON unless the headers say otherwise.
    func send(
        _ endpoint: Endpoint, query: String = "", body: JSONValue? = nil, bytes: [UInt8]? = nil,
        type: String? = "application/json", token: String?, headers: [(String, String)] = []
    ) async throws -> TestHTTPResponse {
        let octets = try bytes ?? body?.encoded() ?? endpoint.body?.encoded() ?? endpoint.message
        let type = endpoint.message == nil ? type : "message/rfc822"
        let fields = octets == nil ? [] : type.map { [("Content-Type", $0)] } ?? []
        return try await bridge.api.with(token: token).send(
            endpoint.method, target(endpoint.path) + query, headers: fields + headers,
            body: octets ?? (endpoint.method == "POST" ? [] : nil))
    }

    /// Whether all is as it was before.
    func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let api = bridge.api
        let accounts = try await api.get("/v1/accounts").expecting(200)["data"].array
        #expect(accounts.map(\.["id"].string) == [account.id], sourceLocation: sourceLocation)
        #expect(accounts.first?["email"].string == account.user.email, sourceLocation: sourceLocation)
        #expect(try await api.get("/v1/submissions").expecting(200)["data"] == [], sourceLocation: sourceLocation)
        let count = try await api.get("/v1/tokens").expecting(200)["data"].array.count
        #expect(count == tokens.count, sourceLocation: sourceLocation)
        #expect(try await api.get("/v1/webhooks").expecting(200)["data"] == [], sourceLocation: sourceLocation)
        #expect(try await api.get("/v1/templates").expecting(200)["data"] == [], sourceLocation: sourceLocation)
        let found = try await account.list("mailbox=inbox")["data"].array
        #expect(found.map(\.["id"].string) == [message], sourceLocation: sourceLocation)
        #expect(found.first?["keywords"] == [:], sourceLocation: sourceLocation)
        #expect(try await account.list("mailbox=archive")["data"] == [], sourceLocation: sourceLocation)
        let mailboxes = try await api.get("\(account.path)/mailboxes").expecting(200)["data"].array
        #expect(mailboxes.count == 6, sourceLocation: sourceLocation)
    }
}
