import API
import HTTP
import Model
import Synchronization
import Testing

@Suite struct ConnectPageTests {
    private let client = Client()

    private func page(cookie: String? = nil) async throws -> (answer: Answer, cookie: String, token: String) {
        var fields = HTTPFields()
        if let cookie { fields[.cookie] = cookie }
        let answer = try await client.send(.get, "/connect/link", token: nil, fields: fields)
        let set = answer.fields[.setCookie].map { String($0.prefix { $0 != ";" }) } ?? cookie ?? ""
        let token = try #require(answer.text.firstMatch(of: /name="token" value="([^"]+)"/)?.1)
        return (answer, set, String(token))
    }

    private func submit(_ form: String, cookie: String?) async throws -> Answer {
        var fields = HTTPFields()
        if let cookie { fields[.cookie] = cookie }
        return try await client.send(
            .post, "/connect/link", token: nil, form, type: "application/x-www-form-urlencoded", fields: fields)
    }

    @Test func `has no script, leads nowhere but where it must, and shows nobody's markup`() async throws {
        let answer = try await page().answer
        #expect(answer.status == 200)
        #expect(
            answer.fields["Content-Security-Policy"]
                == "default-src 'none'; style-src 'self'; form-action 'self' https://acme.test https://app.example; "
                + "frame-ancestors 'none'; base-uri 'none'")
        #expect(answer.fields["Referrer-Policy"] == "no-referrer" && answer.fields[.cacheControl] == "no-store")
        #expect(answer.text.contains("&lt;ann&gt;@example.org") && !answer.text.contains("<ann>"))
        #expect(!answer.text.contains("<script"))
        let cookie = try #require(answer.fields[.setCookie])
        #expect(cookie.contains("; HttpOnly; SameSite=Lax"))
        let style = try await client.send(.get, "/connect/style.css", token: nil)
        #expect(style.fields[.contentType]?.hasPrefix("text/css") == true)
    }

    @Test func `sends to the provider only whoever it showed the form to`() async throws {
        let (_, cookie, token) = try await page()
        let sent = try await submit("token=\(token)&provider=acme", cookie: cookie)
        #expect(sent.status == 303 && sent.fields[.location] == "https://acme.test/authorize?state=x")
        let other = try await page()
        for (form, cookie) in [
            ("provider=acme", cookie), ("token=\(other.token)&provider=acme", cookie),
            ("token=\(token)&provider=acme", other.cookie), ("token=\(token)&provider=acme", nil), ("%zz", cookie),
        ] as [(String, String?)] {
            let answer = try await submit(form, cookie: cookie)
            #expect(answer.status == 410, "\(form)")
        }
    }

    @Test func `keeps what was typed in, but the password, and says what is wrong`() async throws {
        let (_, cookie, token) = try await page()
        let answer = try await submit(
            "token=\(token)&email=ann%40example.org&password=hunter2&imapHost=mail.%22x%22&imapPort=1143&imapSecurity=starttls",
            cookie: cookie)
        #expect(answer.status == 422)
        #expect(client.engines.calls.contains("connect ann@example.org mail.\"x\""))
        #expect(answer.text.contains("imap: the server refused &quot;it&quot; &lt;b&gt;"))
        #expect(answer.text.contains("value=\"mail.&quot;x&quot;\"") && !answer.text.contains("hunter2"))
        let clear = try await submit(
            "token=\(token)&email=a%40b.c&password=x&imapHost=h&imapSecurity=none", cookie: cookie)
        #expect(clear.status == 422 && clear.text.contains("must speak TLS"))
    }

    @Test func `looks for the servers of an address where none are named`() async throws {
        let (_, cookie, token) = try await page()
        let found = try await submit("token=\(token)&email=a%40b.c&password=x", cookie: cookie)
        #expect(found.status == 422)
        // The one for sending did not answer.
        #expect(client.engines.calls.suffix(2) == ["discover a@b.c", "connect a@b.c mail.example.org"])
        let unknown = try await submit("token=\(token)&email=a%40unknown.test&password=x", cookie: cookie)
        #expect(unknown.status == 422 && unknown.text.contains("were not found: name them"))
        #expect(client.engines.calls.last == "discover a@unknown.test")
    }

    @Test func `leads from a link to consent again to the page`() async throws {
        let again = try await client.send(.get, "/connect/again.x.y", token: nil)
        #expect(again.status == 303 && again.fields[.location] == "https://mail.example/connect/link")
        #expect(try await client.send(.get, "/connect/again.x.z", token: nil).status == 410)
    }

    @Test func `takes the provider's answer from the browser that asked`() async throws {
        let (_, cookie, _) = try await page()
        var fields = HTTPFields()
        fields[.cookie] = "other=1; " + cookie
        let answer = try await client.send(
            .get, "/oauth/callback?state=s&code=c&iss=https%3A%2F%2Facme.test", token: nil, fields: fields)
        #expect(answer.status == 303 && answer.fields[.location] == "https://app.example/done?result=r")
        #expect(client.engines.calls.last == "complete s https://acme.test cookie true")
        #expect(try await client.send(.get, "/oauth/callback?state=s&code=c", token: nil).status == 410)
        #expect(try await client.send(.get, "/connect/nonsense", token: nil).status == 410)
        #expect(client.engines.audited.withLock { $0.map(\.operation) } == ["completeAuthorization"])
    }

    @Test func `does not let passwords be tried without end`() async throws {
        let (_, cookie, token) = try await page()
        var statuses: Set<Int> = []
        for _ in 0..<25 {
            statuses.insert(
                try await submit("token=\(token)&email=a%40b.c&password=x&imapHost=h", cookie: cookie).status)
        }
        #expect(statuses == [422, 429])
    }
}
