import API
import HTTP
import Model
import Representation
import Testing

/// What is wrong in requests, and where the answer says it is.
@Suite struct `Requests` {
    struct Case: Sendable, CustomTestStringConvertible {
        let method: HTTPMethod
        let target: String
        let body: String
        let places: [String]

        init(_ method: HTTPMethod, _ target: String, _ body: String, _ places: String...) {
            self.method = method
            self.target = target
            self.body = body
            self.places = places
        }

        var testDescription: String { "\(method) \(target) \(body)" }
    }

    private static let accounts = "/v1/accounts"
    private static let message = "/v1/accounts/acc_1/messages/e%2F1"
    private static let messages = "/v1/accounts/acc_1/messages"
    private static let drafts = "/v1/accounts/acc_1/drafts"
    private static let mailboxes = "/v1/accounts/acc_1/mailboxes"
    private static let submissions = "/v1/accounts/acc_1/submissions"

    static let cases: [Case] = [
        Case(.post, accounts, "[]", ""), Case(.post, accounts, "null", ""), Case(.post, accounts, "\"x\"", ""),
        Case(.post, accounts, "{}", "/email"), Case(.post, accounts, #"{"email":null}"#, "/email"),
        Case(.post, accounts, #"{"email":1,"nmae":"x","a/b~c":1}"#, "/email", "/nmae", "/a~1b~0c"),
        Case(.post, accounts, #"{"email":"a@b.c","id":"../etc"}"#, "/id"),
        Case(.post, accounts, #"{"email":"a@b.c","name":"a\r\nb"}"#, "/name"),
        Case(.post, accounts, #"{"email":"a@b.c","name":""}"#, "/name"),
        Case(.post, accounts, #"{"email":"a@b.c","imap":[]}"#, "/imap"),
        Case(.post, accounts, #"{"email":"a@b.c","imap":{}}"#, "/imap/host"),
        Case(
            .post, accounts,
            #"{"email":"a@b.c","imap":{"host":"h","port":0,"security":"ssl","tls":{"verify":1,"x":2}}}"#,
            "/imap/security", "/imap/port", "/imap/tls/verify", "/imap/tls/x"),
        Case(.post, accounts, #"{"email":"a@b.c","imap":{"host":"h","port":65536}}"#, "/imap/port"),
        Case(.post, accounts, #"{"email":"a@b.c","imap":{"host":"h","port":1.5}}"#, "/imap/port"),
        Case(.post, accounts, #"{"email":"a@b.c","imap":{"host":"h","port":1e3}}"#, "/imap/port"),
        Case(.post, accounts, #"{"email":"a@b.c","imap":{"host":"h","port":99999999999999999999}}"#, "/imap/port"),
        Case(
            .post, accounts, #"{"email":"a@b.c","credentials":{"username":"u","oauth2":{}},"sync":{"x":1}}"#,
            "/credentials/oauth2/provider", "/sync/x"),
        Case(.post, accounts, #"{"email":"a@b.c","credentials":{"username":"u"}}"#, "/credentials/password"),
        Case(.post, accounts + "?verify=no", #"{"email":3}"#, "?verify", "/email"),
        Case(.post, accounts + "?verfy=true", "{}", "?verfy"),
        Case(.post, accounts + "?verify=true&verify=true", "{}", "?verify"),
        Case(
            .patch, accounts + "/acc_1", #"{"id":"x","email":null,"imap":{"port":"1"}}"#, "/email", "/imap/port", "/id"),
        Case(.patch, accounts + "/acc_1", #"{"isDisabled":null}"#, "/isDisabled"),
        Case(.get, accounts + "?limit=0", "", "?limit"), Case(.get, accounts + "?limit=501", "", "?limit"),
        Case(.get, accounts + "?limit=ten&cursor=", "", "?cursor"), Case(.get, accounts + "?limit=-1", "", "?limit"),
        Case(.get, accounts + "?page=2", "", "?page"),
        Case(.get, messages + "?unread=yes&after=yesterday&before=2026-02-30", "", "?unread", "?after", "?before"),
        Case(.get, messages + "?savedAfter=now&savedBefore=2026-02-30", "", "?savedAfter", "?savedBefore"),
        Case(.get, messages + "?subject=a%0D%0Ab", "", "?subject"), Case(.get, messages + "?mailbox=", "", "?mailbox"),
        Case(.get, messages + "?from=a&from=b", "", "?from"),
        Case(
            .get,
            messages + "?answered=1&keyword=a%20b&notKeyword=%5CSeen&header=a%20b:c&minSize=-1&maxSize=x"
                + "&hasAttachment=maybe", "", "?answered", "?keyword", "?notKeyword", "?header", "?minSize", "?maxSize",
            "?hasAttachment"),
        Case(
            .get, messages + "?sort=-date&collapseThreads=2&fields=subject,text", "", "?collapseThreads", "?sort",
            "?fields"),
        Case(.get, accounts + "/acc_1/threads?mailbox=&unread=true", "", "?mailbox", "?unread"),
        Case(
            .post, messages + "/search",
            #"{"filter":{"operator":"XOR","conditions":[{"unread":1},{"form":"x"},{"operator":"NOT"}]},"#
                + #""limit":0,"sort":"x"}"#,
            "/filter/operator", "/filter/conditions/0/unread", "/filter/conditions/1/form",
            "/filter/conditions/2/conditions", "/sort", "/limit"),
        Case(.post, messages + "/search", #"{"filter":{"operator":"OR","conditions":[]}}"#, "/filter/conditions"),
        Case(
            .post, messages + "/search",
            #"{"filter":{"after":"x","header":":","keyword":"A"},"fields":["body"],"page":1}"#,
            "/filter/keyword", "/filter/header", "/filter/after", "/fields/0", "/page"),
        Case(
            .post, messages + "/search",
            #"{"filter":"# + String(repeating: #"{"operator":"NOT","conditions":["#, count: 10) + "{}"
                + String(repeating: "]}", count: 10) + "}",
            "/filter" + String(repeating: "/conditions/0", count: 10)),
        Case(
            .post, messages + "/search",
            #"{"filter":{"operator":"AND","conditions":["# + Array(repeating: "{}", count: 150).joined(separator: ",")
                + "]}}", "/filter/conditions/99"),
        Case(
            .get, message + "?bodies=txt&html=raw&headers=a:b&maxBodyBytes=0", "", "?bodies", "?maxBodyBytes",
            "?headers", "?html"),
        Case(.post, messages + "/batch", "{}", "", "/action"),
        Case(.post, messages + "/batch", #"{"ids":["a"],"filter":{},"action":{"delete":true}}"#, ""),
        Case(.post, messages + "/batch", #"{"filter":{},"action":{"delete":true}}"#, "/filter"),
        Case(
            .post, messages + "/batch", #"{"filter":{"frm":"x"},"limit":0,"action":{"delete":true}}"#, "/filter/frm",
            "/filter", "/limit"),
        Case(
            .post, messages + "/batch", #"{"ids":["a"],"mailbox":"inbox","cursor":"c","action":{"delete":true}}"#,
            "/mailbox", "/cursor"),
        Case(.post, messages + "/batch", #"{"ids":[],"action":{}}"#, "/ids", "/action"),
        Case(.post, messages + "/batch", #"{"ids":["a"],"action":{"move":"x","copy":"y"}}"#, "/action"),
        Case(
            .post, messages + "/batch", #"{"ids":["a"],"action":{"permanently":true,"move":"x"}}"#,
            "/action/permanently"),
        Case(
            .post, messages + "/batch", #"{"ids":["a",1],"action":{"keywords":{"A b":true},"x":1}}"#, "/ids/1",
            "/action/keywords/A b", "/action/x"),
        Case(.post, drafts, #"{"envelope":{},"saveToSent":true}"#, "/saveToSent", "/envelope"),
        Case(.put, drafts + "/e1", #"{"subject":"a\nb"}"#, "/subject"),
        Case(.post, drafts + "/e1/send?saveToSent=1", "", "?saveToSent"),
        Case(.post, mailboxes, "{}", "/name"),
        Case(.post, mailboxes, #"{"name":"a\nb","role":"inbox"}"#, "/name", "/role"),
        Case(.post, mailboxes, #"{"name":"","role":"work","parentId":1,"x":1}"#, "/name", "/parentId", "/role", "/x"),
        Case(.patch, mailboxes + "/m2", #"{"name":null,"isSubscribed":null}"#, "/name", "/isSubscribed"),
        Case(.patch, mailboxes + "/m2", #"{"parentId":"","role":"junk"}"#, "/parentId", "/role"),
        Case(.delete, mailboxes + "/m2?force=yes", "", "?force"),
        Case(.patch, message, #"{"mailboxIds":[]}"#, "/mailboxIds"),
        Case(.patch, message, #"{"mailboxIds":[1,""]}"#, "/mailboxIds/0", "/mailboxIds/1"),
        Case(.patch, message, "{}", "/keywords"), Case(.patch, message, #"{"keywords":{}}"#, "/keywords"),
        Case(.patch, message, #"{"keywords":["$seen"]}"#, "/keywords"),
        Case(.patch, message, #"{"keywords":{"$Seen":true}}"#, "/keywords/$Seen"),
        Case(
            .patch, message, #"{"keywords":{"a b":true,"c\r\nd":true,"ok":1}}"#, "/keywords/a b", "/keywords/c\r\nd",
            "/keywords/ok"),
        Case(.patch, message, #"{"keywords":{"x":true},"mailboxIds":[]}"#, "/mailboxIds"),
        Case(.post, message + "/move", "{}", "/mailbox"),
        Case(.post, message + "/copy", #"{"mailbox":""}"#, "/mailbox"),
        Case(.post, message + "/move", #"{"mailbox":"a","to":"b"}"#, "/to"),
        Case(.delete, message + "?permanently=1", "", "?permanently"),
        Case(.post, submissions, #"{"to":"a@b.c"}"#, "/to"),
        Case(.post, submissions, #"{"to":[1,{"name":"x"}]}"#, "/to/0", "/to/1/email"),
        Case(.post, submissions, #"{"to":[{"email":"a@b.c","nmae":"x"}]}"#, "/to/0/nmae"),
        Case(.post, submissions, #"{"subject":"a\r\nBcc: x@y.z"}"#, "/subject"),
        Case(
            .post, submissions, #"{"headers":[{"name":"X-A","value":"a\nb"},{"name":"X:\r\n","value":"v"}]}"#,
            "/headers/0/value", "/headers/1/name"),
        Case(.post, submissions, #"{"from":"Jane\r\n <a@b.c>"}"#, "/from"),
        Case(.post, submissions, #"{"text":"a\u0000b"}"#, "/text"),
        Case(
            .post, submissions, #"{"attachments":[{"name":"a","content":"a*b"},{"content":"YQ"},{"name":"c"}]}"#,
            "/attachments/0/content", "/attachments/1/content", "/attachments/2/content"),
        Case(.post, submissions, #"{"envelope":{"rcptTo":[],"from":"x"}}"#, "/envelope/rcptTo", "/envelope/from"),
        Case(
            .post, submissions,
            #"{"sendAt":"x","reference":{},"dsn":{"notify":[]},"priority":10,"requireTls":1,"keywords":{}}"#,
            "/reference/messageId", "/reference/action", "/sendAt", "/dsn/notify", "/priority", "/requireTls",
            "/keywords"),
        Case(.post, submissions + "?mailFrom=a@b.c", #"{"text":"x"}"#, "?mailFrom"),
        Case(.post, "/v1/tokens", #"{"name":"x","scopes":[]}"#, "/scopes"),
        Case(
            .post, "/v1/tokens", #"{"name":"x","scopes":["root"],"accounts":[],"expiresIn":0}"#, "/scopes/0",
            "/accounts", "/expiresIn"),
        Case(.post, accounts + "/acc_1/reconnect", #"{"now":true}"#, "/now"),
    ]

    @Test(arguments: cases)
    func `say every fault with its place, and do nothing`(wrong: Case) async throws {
        let client = Client()
        let answer = try await client.send(wrong.method, wrong.target, wrong.body)
        #expect(answer.status == 422 && answer.slug == "invalid-request", "\(answer.text)")
        #expect(answer.places == wrong.places, "\(answer.text)")
        #expect(client.engines.calls.isEmpty)
    }

    @Test(arguments: [
        ("{", 400, "malformed-json"), ("", 400, "malformed-json"), (#"{"a":1,"a":2}"#, 400, "malformed-json"),
    ])
    func `must be JSON`(body: String, status: Int, slug: String) async throws {
        let answer = try await Client().send(.post, "/v1/accounts", body, type: "application/json")
        #expect(answer.status == status && answer.slug == slug)
    }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json", "*/*",
    ])
    func `must say that they are JSON`(type: String) async throws {
        let answer = try await Client().send(.post, "/v1/accounts", "{}", type: type)
        #expect(answer.status == 415 && answer.slug == "unsupported-media-type")
    }

    @Test func `must not be too large, announced or not`() async throws {
        let body = "{\"email\":\"" + String(repeating: "a", count: 2000) + "\"}"
        let answer = try await Client(maxBodyBytes: 1000).send(.post, "/v1/accounts", body)
        #expect(answer.status == 413 && answer.slug == "content-too-large")
        let unwanted = try await Client().send(
            .post, "/v1/accounts/acc_1/reconnect", String(repeating: " ", count: 5000))
        #expect(unwanted.status == 413)
    }

    @Test func `for nothing may carry an empty object`() async throws {
        for body in ["", "{}", " { } "] {
            #expect(try await Client().send(.post, "/v1/accounts/acc_1/reconnect", body).status == 200)
        }
    }

    @Test(arguments: ["%2e%2e", "a%20b", "%F0%9F%98%80", String(repeating: "a", count: 65)])
    func `name accounts by ids that can be`(id: String) async throws {
        let client = Client()
        let answer = try await client.send(.get, "/v1/accounts/" + id)
        #expect(answer.status == 404 && answer.slug == "account-not-found")
        #expect(client.engines.calls.isEmpty)
    }

    @Test(
        arguments: [
            ("a@b.c", nil, "a@b.c"), (" a@b.c ", nil, "a@b.c"), ("Jane <a@b.c>", "Jane", "a@b.c"),
            ("<a@b.c>", nil, "a@b.c"),
            ("\"Doe, \\\"J\\\"\" <a@b.c>", "Doe, \"J\"", "a@b.c"), ("a < b <c@d.e>", "a < b", "c@d.e"),
            ("nonsense", nil, "nonsense"),
        ] as [(String, String?, String)])
    func `write addresses as people do`(text: String, name: String?, email: String) throws {
        var writer = JSONWriter()
        writer.object { $0.member("from", text) }
        let draft = try JSONParser.parse(writer.bytes).read(FaultCollector(), SubmissionDraft.read)
        #expect(draft.from == Correspondent(name: name, email: email))
    }

    @Test func `point to what the caller wrote, not to what the engine made of it`() throws {
        let body = try JSONParser.parse(Array(#"{"to":["x",{"email":"y"}],"headers":[{"name":"a"}]}"#.utf8))
        #expect(body.existing("/to/0/email") == "/to/0")
        #expect(body.existing("/to/1/email") == "/to/1/email")
        #expect(body.existing("/to") == "/to")
        #expect(body.existing("/from") == "/from")
        #expect(body.existing("/headers/0/value") == "/headers/0/value")
        #expect(body.existing("") == "")
    }
}
