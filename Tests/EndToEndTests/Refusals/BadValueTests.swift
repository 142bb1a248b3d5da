import Foundation
import MailServers
import Testing

/// Single values that are wrong, each refused with a pointer to itself and without a trace.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct BadValueTests {
    private static let admin = MailbridgeProcess.adminToken

    /// One change to a good request body, and where its fault has to point.
    struct BadValue: Sendable, CustomTestStringConvertible {
        var endpoint: Endpoint
        var pointer: String
        var value: JSONValue
        /// Where the answer points when not to the value itself.
        var blamed: String

        init(_ endpoint: Endpoint, _ pointer: String, _ value: JSONValue, blamed: String? = nil) {
            self.endpoint = endpoint
            self.pointer = pointer
            self.value = value
            self.blamed = blamed ?? pointer
        }

        var testDescription: String {
            let text = (try? value.encoded()).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return "\(endpoint.testDescription) \(pointer) = \(text.prefix(60))"
        }
    }

    /// Every value that ends in a header field, a command or a file name.
    private static let lines: [(Endpoint, String)] =
        [
            "/from/name", "/from/email", "/to/0/name", "/to/0/email", "/cc/0/email", "/bcc/0/email", "/replyTo/0/email",
            "/subject", "/headers/0/name", "/headers/0/value", "/attachments/0/name", "/attachments/0/type",
            "/attachments/0/cid", "/envelope/mailFrom", "/envelope/rcptTo/0", "/unsubscribe/url", "/unsubscribe/mailto",
            "/template",
        ].map { (.submit, $0) }
        + ["/name", "/subject"].map { (.createTemplate, $0) }
        + [
            "/id", "/name", "/email", "/credentials/username", "/credentials/password", "/imap/host",
            "/imap/tls/serverName",
            "/smtp/host", "/smtp/credentials/username", "/smtp/credentials/password",
        ].map { (.createAccount, $0) }
        + [
            (.createToken, "/name"), (.move, "/mailbox"), (.copy, "/mailbox"), (.updateAccount, "/name"),
            (.createMailbox, "/name"), (.createMailbox, "/parentId"), (.updateMailbox, "/name"),
            (.updateMailbox, "/parentId"),
        ]

    static let injections = lines.flatMap { endpoint, pointer in
        ["x\r\nBcc: victim@example.test", "x\ny", "x\ry", "x\u{0}y"].map { BadValue(endpoint, pointer, .string($0)) }
    }

    private static let noAddresses = [
        "nobody", "@example.test", "jane@", "jane doe@example.test", "a@b@example.test", "<>", "jane@exam ple.test",
        "jane@example..test", "jane@-", "jane@[", ".jane@example.test", "jane\u{7f}@example.test",
        String(repeating: "a", count: 65) + "@example.test", "jane@" + String(repeating: "a.", count: 150) + "test",
        "jane@example.test,joe@example.test", "(comment)jane@example.test",
    ]

    static let addresses =
        noAddresses.map { BadValue(.submit, "/to/1/email", .string($0)) }
        + [
            "/from/email", "/cc/0/email", "/bcc/0/email", "/replyTo/0/email", "/envelope/mailFrom",
            "/envelope/rcptTo/0",
        ]
        .map { BadValue(.submit, $0, "nobody") }
        + [
            BadValue(.submit, "/to/1", "nobody"), BadValue(.submit, "/to/1", "Joe <nobody>"),
            BadValue(.submit, "/to/1", ""),
            BadValue(.submit, "/to/1", 7), BadValue(.submit, "/to/1", [:], blamed: "/to/1/email"),
            BadValue(.createAccount, "/email", "nobody"), BadValue(.createAccount, "/email", "a b@example.test"),
            BadValue(.createAccount, "/email", "Jane <jane@example.test>"),
        ]

    static let contents = [
        BadValue(.submit, "/attachments/0/content", "no base64!"),
        BadValue(.submit, "/attachments/0/content", "SGVsbG8"),
        BadValue(.submit, "/attachments/0/content", "SGVs\nbG8K"),
        BadValue(.submit, "/attachments/0/content", "SGVsbG9="),
        BadValue(.submit, "/attachments/0/content", nil), BadValue(.submit, "/attachments/0/content", 5),
        BadValue(.submit, "/attachments/0/type", "text"), BadValue(.submit, "/attachments/0/type", "text/pl ain"),
        BadValue(.submit, "/attachments/0/type", "multipart/mixed"), BadValue(.submit, "/attachments/0/unknown", 1),
        BadValue(.submit, "/headers/0/name", "X One"), BadValue(.submit, "/headers/0/name", "X:One"),
        BadValue(.submit, "/headers/0/name", ""), BadValue(.submit, "/headers/0/name", "Größe"),
        BadValue(.submit, "/headers/0/name", "Bcc"), BadValue(.submit, "/headers/0/name", "content-type"),
        BadValue(.submit, "/headers/0/name", "From"), BadValue(.submit, "/headers/0/name", "Subject"),
        BadValue(.submit, "/sendAt", "2026-01-01T00:00:00Z"), BadValue(.submit, "/envelope/rcptTo", []),
        BadValue(.submit, "/saveToSent", "yes"), BadValue(.submit, "/text", 1), BadValue(.submit, "/text", "a\u{0}b"),
        BadValue(.submit, "/html", ["a"]), BadValue(.submit, "/to", "joe@example.test"),
        BadValue(.submit, "/envelope/typo", 1), BadValue(.submit, "/from/typo", 1),
        BadValue(.submit, "/attachments/0/messageId", "M1", blamed: "/attachments/0"),
        BadValue(.submit, "/attachments/0", ["messageId": "M1"], blamed: "/attachments/0/attachmentId"),
        BadValue(.submit, "/attachments/0", ["part": "file"], blamed: "/attachments/0/part"),
        BadValue(.submit, "/reference", ["messageId": "M1"], blamed: "/reference/action"),
        BadValue(.submit, "/reference", ["messageId": "M1", "action": "answer"], blamed: "/reference/action"),
        BadValue(.submit, "/reference", ["messageId": "nobody", "action": "reply"], blamed: "/reference/messageId"),
        BadValue(.submit, "/unsubscribe", [:]), BadValue(.submit, "/autoSubmitted", "no"),
        BadValue(.submit, "/unsubscribe", ["url": "http://x.test/"], blamed: "/unsubscribe/url"),
        BadValue(.submit, "/unsubscribe", ["mailto": "x@y.test", "oneClick": true], blamed: "/unsubscribe/oneClick"),
        BadValue(.submit, "/template", "tpl_x"), BadValue(.submit, "/values", ["a": "b"]),
        BadValue(.submit, "/values", ["a": ["b"]], blamed: "/values/a"),
        BadValue(.createTemplate, "/text", "{{"), BadValue(.createTemplate, "/html", "{{a b}}"),
        BadValue(.createTemplate, "/subject", "{{{a}}}"), BadValue(.createTemplate, "/typo", 1),
        BadValue(.createTemplate, "/text", 1), BadValue(.createTemplate, "/subject", ""),
        BadValue(.submitMany, "/messages", []), BadValue(.submitMany, "/messages", nil),
        BadValue(.submitMany, "/messages", .array(Array(repeating: [:], count: 1001))),
        BadValue(.submitMany, "/common", []), BadValue(.submitMany, "/typo", 1),
        BadValue(.createAccount, "/imap/port", 0), BadValue(.createAccount, "/imap/port", 65536),
        BadValue(.createAccount, "/imap/port", 1.5), BadValue(.createAccount, "/imap/port", "993"),
        BadValue(.createAccount, "/imap/port", 1e300), BadValue(.createAccount, "/imap/security", "ssl"),
        BadValue(.createAccount, "/imap/host", ""), BadValue(.createAccount, "/imap/host", "a b"),
        BadValue(.createAccount, "/imap/host", "http://example.test"),
        BadValue(.createAccount, "/imap/host", "host:993"),
        BadValue(.createAccount, "/imap/host", .string(String(repeating: "a", count: 300))),
        BadValue(.createAccount, "/imap/host", nil), BadValue(.createAccount, "/imap/tls/verify", "no"),
        BadValue(.createAccount, "/imap/tls/caCertificates", "no certificate"),
        BadValue(.createAccount, "/imap/tls/typo", 1), BadValue(.createAccount, "/imap/typo", 1),
        BadValue(.createAccount, "/credentials/password", ""), BadValue(.createAccount, "/credentials/username", ""),
        BadValue(.createAccount, "/credentials", nil, blamed: "/imap/credentials"),
        BadValue(.createAccount, "/id", "a/b"),
        BadValue(.createAccount, "/id", ".a"),
        BadValue(.createAccount, "/id", .string(String(repeating: "a", count: 65))),
        BadValue(.createAccount, "/sync", "all"), BadValue(.createAccount, "/credentials/oauth2", [:]),
        BadValue(.updateAccount, "/email", "nobody"), BadValue(.updateAccount, "/id", "other"),
        BadValue(.updateAccount, "/state", "connected"), BadValue(.updateAccount, "/imap/port", 0),
        BadValue(.updateAccount, "/isDisabled", 1),
        BadValue(.updateMessage, "/keywords", [:]), BadValue(.updateMessage, "/keywords", nil),
        BadValue(.updateMessage, "/keywords/$seen", "yes"), BadValue(.updateMessage, "/keywords/with space", true),
        BadValue(.updateMessage, "/keywords/Upper", true), BadValue(.updateMessage, "/keywords/a(b", true),
        BadValue(.updateMessage, "/keywords/a\r\nb", true), BadValue(.updateMessage, "/keywords/größe", true),
        BadValue(.updateMessage, "/mailboxIds", []), BadValue(.updateMessage, "/keywords/\\seen", true),
        BadValue(.move, "/mailbox", ""), BadValue(.move, "/mailbox", nil), BadValue(.move, "/role", "x"),
        BadValue(.createMailbox, "/name", ""), BadValue(.createMailbox, "/name", nil),
        BadValue(.createMailbox, "/name", .string(String(repeating: "n", count: 256))),
        BadValue(.createMailbox, "/name", "with/separator"), BadValue(.createMailbox, "/role", "inbox"),
        BadValue(.createMailbox, "/role", "other"), BadValue(.createMailbox, "/isSubscribed", true),
        BadValue(.updateMailbox, "/name", nil), BadValue(.updateMailbox, "/name", "with/separator"),
        BadValue(.updateMailbox, "/isSubscribed", "yes"), BadValue(.updateMailbox, "/role", "sent"),
        BadValue(.createToken, "/scopes", []), BadValue(.createToken, "/scopes/0", "root"),
        BadValue(.createToken, "/scopes", nil), BadValue(.createToken, "/name", ""),
        BadValue(.createToken, "/name", .string(String(repeating: "n", count: 201))),
        BadValue(.createToken, "/accounts", []), BadValue(.createToken, "/accounts", ["a/b"], blamed: "/accounts/0"),
        BadValue(.createToken, "/expiresIn", 0), BadValue(.createToken, "/expiresIn", -1),
        BadValue(.createToken, "/expiresIn", 1e12), BadValue(.createToken, "/expiresIn", 1.5),
    ]

    @Test(arguments: injections + addresses + contents)
    func `a wrong value is refused with a pointer to it`(bad: BadValue) async throws {
        let fixture = try await RefusalFixture.shared()
        let base = try #require(bad.endpoint.body)
        let body = base.setting(bad.pointer, to: bad.value)
        let answer = try await fixture.send(bad.endpoint, body: body, token: Self.admin)
        let problem = try answer.problem(422, "invalid-request")
        let pointers = problem["errors"].array.compactMap(\.["pointer"].string)
        #expect(pointers.contains(bad.blamed), "\(pointers)")
        // Its neighbours may be blamed for not fitting to it; nothing else.
        let parent = bad.blamed.prefix(upTo: bad.blamed.lastIndex(of: "/") ?? bad.blamed.startIndex)
        #expect(pointers.allSatisfy { $0.hasPrefix(parent) }, "\(pointers)")
        try await fixture.expectNothingLeft()
    }

    @Test func `all faults of a request are told together`() async throws {
        let fixture = try await RefusalFixture.shared()
        let body: JSONValue = ["to": ["joe@example.test", 7], "subject": 1, "typo": 1, "attachments": [[:]]]
        let problem = try await fixture.send(.submit, body: body, token: Self.admin).problem(422, "invalid-request")
        let pointers = Set(problem["errors"].array.compactMap(\.["pointer"].string))
        #expect(pointers == ["/to/1", "/subject", "/typo", "/attachments/0/content"])
    }

    @Test func `a message without recipients or without a body is refused`() async throws {
        let fixture = try await RefusalFixture.shared()
        func pointers(_ body: JSONValue) async throws -> [String] {
            try await fixture.send(.submit, body: body, token: Self.admin).problem(422, "invalid-request")["errors"]
                .array.compactMap(\.["pointer"].string)
        }
        #expect(try await pointers(["text": "Hello."]) == ["/to"])
        #expect(try await pointers(["to": [], "text": "Hello."]) == ["/to"])
        #expect(try await pointers(["to": ["joe@example.test"]]) == ["/text"])
        #expect(try await Set(pointers([:])) == ["/to", "/text"])
        #expect(try await pointers(["to": .array((0..<1001).map { "a\($0)@b.test" }), "text": ""]) == ["/to"])
        try await fixture.expectNothingLeft()
    }

    /// Query parameters with values that are none.
    private static let queries: [(Endpoint, String, String)] = [
        (.listMessages, "limit", "0"), (.listMessages, "limit", "501"), (.listMessages, "limit", "x"),
        (.listMessages, "limit", "-1"), (.listMessages, "limit", "99999999999999999999"),
        (.listMessages, "unread", "yes"),
        (.listMessages, "unread", "1"), (.listMessages, "flagged", ""), (.listMessages, "after", "yesterday"),
        (.listMessages, "after", "2023-02-30"), (.listMessages, "before", "2023-13-01T00:00:00Z"),
        (.listMessages, "subject", "a%0D%0Ab%20LOGOUT"), (.listMessages, "from", "a%00b"), (.listMessages, "text", ""),
        (.listMessages, "mailbox", ""), (.listMessages, "limit", "1&limit=2"),
        (.deleteMailbox, "force", "yes"), (.readMessage, "markSeen", "maybe"), (.readMessage, "bodies", "all"),
        (.readMessage, "bodies", "text,"), (.readMessage, "html", "raw"),
        (.readMessage, "maxBodyBytes", "0"), (.readMessage, "headers", "a%20b"), (.readMessage, "headers", "a%0Ab"),
        (.submit, "mailFrom", "a@example.test"), (.submit, "saveToSent", "true"),
        (.createAccount, "verify", "maybe"), (Endpoint("GET", "/v1/accounts", "read"), "cursor", "%FF"),
        (Endpoint("GET", "/v1/tokens", "admin"), "limit", "none"),
        (Endpoint("GET", "/v1/submissions", "read"), "cursor", "nonsense"),
        (Endpoint("GET", "/v1/accounts/{account}/submissions", "read"), "cursor", "nonsense"),
        (Endpoint("GET", "/v1/accounts", "read"), "cursor", "nonsense"),
        (Endpoint("GET", "/v1/tokens", "admin"), "cursor", "nonsense"),
        (Endpoint("DELETE", "/v1/accounts/{account}/messages/{message}", "write"), "permanently", "yes"),
    ]

    @Test(arguments: queries.indices) func `a wrong query parameter is refused by name`(index: Int) async throws {
        let fixture = try await RefusalFixture.shared()
        let (endpoint, name, value) = Self.queries[index]
        let answer = try await fixture.send(endpoint, query: "?\(name)=\(value)", token: Self.admin)
        if value.contains("%00") {
            // Refused with the request line, before there is a parameter or a request id.
            let problem = try answer.expecting(400)
            #expect(problem["type"] == "/problems/malformed-request")
        } else {
            let problem = try answer.problem(422, name == "cursor" ? "stale-cursor" : "invalid-request")
            let names = problem["errors"].array.compactMap(\.["parameter"].string)
            #expect(!names.isEmpty && names.allSatisfy { $0 == name }, "\(answer.text)")
        }
        try await fixture.expectNothingLeft()
    }

    @Test func `a cursor from nowhere is stale, and a mailbox that is none is not found`() async throws {
        let fixture = try await RefusalFixture.shared()
        let list = "/v1/accounts/\(fixture.account.id)/messages"
        for cursor in ["x", "00", String(repeating: "a", count: 26), String(repeating: "0", count: 26)] {
            try await fixture.bridge.api.get("\(list)?cursor=\(cursor)").problem(422, "stale-cursor")
            try await fixture.bridge.api.get("\(list)?mailbox=inbox&cursor=\(cursor)").problem(422, "stale-cursor")
        }
        for mailbox in ["nothing", "..", "INBOX%2F", "all", "%E2%82%AC", String(repeating: "a", count: 3000)] {
            try await fixture.bridge.api.get("\(list)?mailbox=\(mailbox)").problem(404, "mailbox-not-found")
        }
        for endpoint in [Endpoint.move, .copy] {
            try await fixture.send(endpoint, body: ["mailbox": "nothing"], token: Self.admin)
                .problem(404, "mailbox-not-found")
        }
        try await fixture.expectNothingLeft()
    }

    /// Finished messages, and queries with them, that cannot be sent; the parameter to blame, or none for the message.
    private static let unsendable = [
        ("", "", ""), ("From: a@example.test\r\nSubject: x\r\n\r\nno recipient", "", ""),
        ("To: a@example.test\r\n\r\nno sender", "", ""), ("From: a@example.test\r\nTo: nobody\r\n\r\nx", "", ""),
        ("From: a@example.test\r\nTo: b@example.test\r\n\r\nx", "rcptTo=nobody", "rcptTo"),
        ("From: a@example.test\r\nTo: b@example.test\r\n\r\nx", "rcptTo=a%40b.test%0D%0ADATA", "rcptTo"),
        ("From: a@example.test\r\nTo: b@example.test\r\n\r\nx", "mailFrom=a%40b.test%3E%0D%0ADATA", "mailFrom"),
        ("From: a@example.test\r\nTo: b@example.test\r\n\r\nx", "mailFrom=nobody", "mailFrom"),
    ]

    @Test(arguments: unsendable.indices) func `a finished message that cannot be sent is refused`(index: Int)
        async throws
    {
        let fixture = try await RefusalFixture.shared()
        let (raw, query, parameter) = Self.unsendable[index]
        let answer = try await fixture.send(
            .submit, query: query.isEmpty ? "" : "?\(query)", bytes: Array(raw.utf8), type: "message/rfc822",
            token: Self.admin)
        let problem = try answer.problem(422, "invalid-request")
        if !parameter.isEmpty { #expect(problem["errors"][0]["parameter"].string == parameter) }
        try await fixture.expectNothingLeft()
    }

    @Test func `an account of an id that exists is a conflict`() async throws {
        let fixture = try await RefusalFixture.shared()
        let draft = fixture.account.host.draft(for: fixture.account.user).setting(
            "/id", to: .string(fixture.account.id))
        try await fixture.send(.createAccount, body: draft, token: Self.admin).problem(409, "account-exists")
        try await fixture.expectNothingLeft()
    }

    @Test(arguments: ["", "\"\"", String(repeating: "k", count: 256), "ümlaut"])
    func `an idempotency key that is none is refused`(key: String) async throws {
        let fixture = try await RefusalFixture.shared()
        let answer = try await fixture.send(.createToken, token: Self.admin, headers: [("Idempotency-Key", key)])
        if answer.status == 400 {
            try answer.problem(400, "malformed-request")
        } else {
            let problem = try answer.problem(422, "invalid-request")
            #expect(problem["errors"][0]["header"] == "Idempotency-Key")
        }
        try await fixture.expectNothingLeft()
    }

    @Test func `a good request still works after all of these`() async throws {
        let fixture = try await RefusalFixture.shared()
        try await fixture.bridge.api.get("/readyz").expecting(200)
        _ = try await fixture.account.list("mailbox=inbox")
    }
}
