import Foundation
import MailServers
import Testing

/// Bearer tokens that an OpenID provider which we did not write has signed.
@Suite(.timeLimit(.minutes(5)), .validatesAnswers)
struct SignedTokenTests {
    @Test func `a signed token does what its claims say, for us alone, until it ends`() async throws {
        let claims = #"{"sub":"front-end","scope":"read events admin","accounts":["mine"]}"#
        let provider = try await IdentityProvider.start(tokenSeconds: 20, claims: claims)
        let bridge = try await Bridge.start(settings: [
            "MAILBRIDGE_JWT_ISSUERS": "{\"issuer\": \"\(provider.issuer)\", \"audience\": \"mailbridge\"}",
            "MAILBRIDGE_OAUTH_ALLOW_PRIVATE": "true",
        ])
        for id in ["mine", "other"] {
            let draft: JSONValue = [
                "id": .string(id), "email": "jane@example.test", "credentials": ["username": "j", "password": "p"],
                "smtp": ["host": "127.0.0.1", "port": 1, "security": "none"],
            ]
            _ = try await bridge.addAccount(draft, query: "?verify=false")
        }
        let token = try await provider.identityToken(of: "front-end", for: "mailbridge")
        let signed = bridge.api.with(token: token)
        let accounts = try await signed.get("/v1/accounts").expecting(200)["data"].array
        #expect(accounts.map(\.["id"].string) == ["mine"])
        try await signed.get("/v1/accounts/other").problem(403, "account-forbidden")
        // `admin` is none that the settings let it have.
        try await signed.get("/v1/tokens").problem(403, "insufficient-scope")
        // A ticket of it shows no more than it does.
        let ticket = try await signed.post("/v1/events/tickets", [:]).expecting(201)
        let shown = try await bridge.api.with(token: nil).get(try #require(ticket["url"].string)).expecting(200)
        #expect(Set(shown["data"].array.map(\.["accountId"].string)) == ["mine"])
        let foreign = try await provider.identityToken(of: "front-end", for: "somebody-else")
        try await bridge.api.with(token: foreign).get("/v1/accounts").problem(401, "invalid-token")
        let parts = token.split(separator: ".")
        let none = Data(#"{"alg":"none"}"#.utf8).base64EncodedString().replacing("=", with: "")
        try await bridge.api.with(token: "\(none).\(parts[1]).").get("/v1/accounts").problem(401, "invalid-token")
        try await eventually("the token has ended", within: .seconds(90)) {
            try await signed.get("/v1/accounts").status == 401
        }
        #expect(!bridge.process.output.contains(token))
    }

    @Test func `a token is bound to addresses and to a rate, and its last use is known`() async throws {
        let bridge = try await Bridge.start()
        func make(_ more: JSONValue) async throws -> (id: String, api: APIClient) {
            let made = try await bridge.api.post("/v1/tokens", more).expecting(201)
            return (
                try #require(made["id"].string), bridge.api.with(token: made["token"].string)
            )
        }
        let far = try await make(["name": "far", "scopes": ["admin"], "addresses": ["192.0.2.0/24", "2001:db8::/32"]])
        try await far.api.get("/v1/accounts").problem(403, "address-forbidden")
        let slow = try await make(["name": "slow", "scopes": ["read"], "addresses": ["127.0.0.0/8"], "rateLimit": 2])
        #expect(try await slow.api.get("/v1/accounts")["RateLimit-Policy"] == "\"token\";q=2;w=60")
        _ = try await slow.api.get("/v1/accounts").expecting(200)
        let refused = try await slow.api.get("/v1/accounts")
        try refused.problem(429, "rate-limited")
        #expect(Int(refused["Retry-After"] ?? "") ?? 0 > 0)
        let listed = try await bridge.api.get("/v1/tokens").expecting(200)["data"].array
        let shown = try #require(listed.first { $0["id"].string == slow.id })
        #expect(!shown["lastUsedAt"].isNull && shown["rateLimit"].int == 2)
        for wrong in ["192.0.2.0/33", "x", ""] {
            try await bridge.api.post(
                "/v1/tokens", ["name": "n", "scopes": ["read"], "addresses": [.string(wrong)]]
            ).problem(422, "invalid-request")
        }
        // Who did what.
        let audit = try await bridge.api.get("/v1/audit?limit=100").expecting(200)["data"].array
        #expect(audit.filter { $0["operation"].string == "createToken" && $0["status"].int == 201 }.count == 2)
        #expect(audit.allSatisfy { $0["principal"].string == "admin" && $0["address"].string == "127.0.0.1" })
        try await slow.api.get("/v1/audit").problem(429, "rate-limited")
    }

    @Test func `mail servers are not looked for where nobody may look`() async throws {
        let user = MailUser("user1@example.test")
        func code(_ host: String, _ settings: [String: String]) async throws -> String? {
            let bridge = try await Bridge.start(settings: settings)
            let draft: JSONValue = [
                "email": .string(user.email), "credentials": ["username": "u", "password": "p"],
                "imap": ["host": .string(host), "port": 143, "security": "starttls"],
            ]
            return try await bridge.api.post("/v1/accounts", draft).problem(422, "verification-failed")["errors"].array
                .first?["code"].string
        }
        // Clouds keep their secrets there: never, whatever the settings say.
        for host in ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"] {
            #expect(try await code(host, [:]) == "address-forbidden")
        }
        let strict = ["MAILBRIDGE_MAIL_ALLOW_PRIVATE": "false"]
        for host in ["127.0.0.1", "localhost", "10.0.0.1"] {
            #expect(try await code(host, strict) == "address-forbidden")
        }
    }
}
