import Accounts
import Model
import Store
import Synchronization
import Testing
import Wire

@Suite struct OAuthClientTests {
    /// `mailbridge:s3cret`.
    private static let basic = "Basic bWFpbGJyaWRnZTpzM2NyZXQ="
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    @Test(arguments: [
        (#"{"access_token":"t","expires_in":120}"#, 200, 120), (#"{"access_token":"t","expires_in":"120"}"#, 200, 120),
        (#"{"access_token":"t"}"#, 200, 3600), (#"{"access_token":"t","expires_in":1e9}"#, 201, 86_400),
        (#"{"access_token":"t","expires_in":-5}"#, 200, 1),
    ]) func `reads what was issued`(text: String, status: Int, seconds: Int) throws {
        let issued = try TokenAnswer.read(ScriptedProvider.json(text, status: status), now: now)
        #expect(issued.tokens.access == Secret("t"))
        #expect(issued.tokens.expiresAt == now.advanced(by: .seconds(seconds)))
    }

    @Test(arguments: [
        (#"{"error":"invalid_grant"}"#, 400, OAuthFault.refused(code: "invalid_grant", text: nil)),
        (#"{"error":"x","error_description":"a\nb"}"#, 200, .refused(code: "x", text: "a b")),
        ("<html>", 502, .unavailable("status 502")), ("", 429, .unavailable("status 429")),
        ("<html>", 200, .malformed("status 200 without JSON")), ("[]", 200, .malformed("status 200 without JSON")),
        (#"{"access_token":""}"#, 200, .malformed("status 200 without a token")),
        (#"{"access_token":5}"#, 302, .malformed("status 302 without a token")),
    ]) func `reads what is none`(text: String, status: Int, fault: OAuthFault) {
        #expect(throws: fault) { try TokenAnswer.read(ScriptedProvider.json(text, status: status), now: now) }
    }

    @Test func `each grant asks as its standard says`() async throws {
        let provider = ScriptedProvider()
        let client = provider.client()
        _ = try await client.renew(.clientCredentials(provider: "acme"), latest: nil)
        _ = try await client.renew(
            .endpoint(url: "https://own.test/token", authorization: Secret("Bearer x")), latest: nil)
        _ = try await client.redeem(
            code: Secret("c"), verifier: Secret("v"), redirect: "https://m.test/cb", provider: "acme")
        _ = try await client.redeem(device: Secret("d"), provider: "acme")
        #expect(
            provider.state.withLock { $0.requests } == [
                [
                    "url": "https://acme.test/token", "grant_type": "client_credentials", "scope": "mail",
                    "client_id": "mailbridge", "authorization": Self.basic,
                ],
                ["url": "https://own.test/token", "authorization": "Bearer x"],
                [
                    "url": "https://acme.test/token", "grant_type": "authorization_code", "code": "c",
                    "redirect_uri": "https://m.test/cb", "code_verifier": "v", "client_id": "mailbridge",
                    "authorization": Self.basic,
                ],
                [
                    "url": "https://acme.test/token", "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                    "device_code": "d", "client_id": "mailbridge", "authorization": Self.basic,
                ],
            ])
    }

    @Test func `a service account signs for its user`() async throws {
        let provider = ScriptedProvider()
        let account = ServiceAccount(
            email: "robot@acme.test", keyID: "k1", privateKey: Secret(try RSAKeyPEM.shared.get()),
            tokenURL: "https://oauth2.googleapis.com/token", scope: "https://mail.google.com/")
        _ = try await provider.client().renew(.serviceAccount(account, subject: "ann@acme.test"), latest: nil)
        let form = try #require(provider.state.withLock { $0.requests.first })
        #expect(form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer")
        let parts = try #require(form["assertion"]).split(separator: ".").map(String.init)
        let header = String(decoding: try #require(Base64.decodeURLSafe(parts[0])), as: UTF8.self)
        let claims = String(decoding: try #require(Base64.decodeURLSafe(parts[1])), as: UTF8.self)
        #expect(header.contains("\"RS256\"") && header.contains("\"k1\""))
        for claim in ["robot@acme.test", "ann@acme.test", "mail.google.com", "oauth2.googleapis.com", "1800003600"] {
            #expect(claims.contains(claim), "\(claims)")
        }
        let useless = ServiceAccount(
            email: "x", keyID: nil, privateKey: Secret("no key"), tokenURL: "https://t.test", scope: "s")
        await #expect(throws: OAuthFault.self) {
            try await provider.client().renew(.serviceAccount(useless, subject: nil), latest: nil)
        }
    }

    @Test func `metadata must be that of the issuer who was asked`() async throws {
        let provider = ScriptedProvider()
        let settings = ["other": OAuthProvider(name: "other", issuer: "https://id.test", clientID: "c")]
        let client = provider.client(settings)
        provider.state.withLock {
            $0.next = [
                ScriptedProvider.json(#"{"issuer":"https://evil.test","token_endpoint":"https://evil.test/t"}"#),
                ScriptedProvider.json("gone", status: 404),
            ]
        }
        await #expect(throws: OAuthFault.self) { try await client.providers.provider("other") }
        provider.state.withLock {
            $0.next = [
                ScriptedProvider.json(
                    #"{"issuer":"https://id.test","token_endpoint":"https://id.test/t","authorization_endpoint":"https://id.test/a"}"#
                )
            ]
        }
        #expect(try await client.providers.provider("other").tokenURL == "https://id.test/t")
        let count = provider.state.withLock { $0.requests.count }
        #expect(try await client.providers.provider("other").authorizationURL == "https://id.test/a")
        #expect(provider.state.withLock { $0.requests.count } == count, "asked once")
        await #expect(throws: OAuthFault.notConfigured("there is no OAuth provider nobody")) {
            try await client.providers.provider("nobody")
        }
    }

    @Test func `metadata is asked for a device's endpoint also where the others are given`() async throws {
        let asked = Mutex<[String]>([])
        let given = OAuthProvider(
            name: "acme", issuer: "https://acme.test", authorizationURL: "https://acme.test/a",
            tokenURL: "https://acme.test/t", clientID: "c", scopes: [])
        let directory = ProviderDirectory(["acme": given]) { request throws(WebFault) in
            asked.withLock { $0.append(request.url) }
            return ScriptedProvider.json(
                #"{"issuer":"https://acme.test","token_endpoint":"https://acme.test/other","#
                    + #""device_authorization_endpoint":"https://acme.test/device"}"#)
        }
        #expect(try await directory.provider("acme").deviceURL == nil)
        #expect(asked.withLock { $0.isEmpty })
        let complete = try await directory.provider("acme", forDevice: true)
        #expect(complete.deviceURL == "https://acme.test/device" && complete.tokenURL == "https://acme.test/t")
        #expect(asked.withLock { $0.count } == 1)
    }

    @Test(arguments: [
        ("{", "it is not JSON"), ("[]", "it is not a JSON object"), (#"{"google":{}}"#, "google has no clientId"),
        (#"{"acme":{"clientId":"x"}}"#, "acme needs an issuer"),
        (#"{"google":{"clientID":"x"}}"#, "google has an unknown member clientID"),
        (#"{"google":{"clientId":"x","imap":{"host":"h","security":"ssl"}}}"#, "google/imap/security"),
    ]) func `a wrong setting says where`(text: String, fault: String) {
        do throws(OAuthProviderSettings.Fault) {
            _ = try OAuthProviderSettings.read(text)
            Issue.record("accepted")
        } catch {
            #expect(error.text.hasPrefix(fault), "\(error.text)")
        }
    }

    @Test func `the large ones need only a client`() throws {
        let providers = try OAuthProviderSettings.read(
            #"{"google":{"clientId":"g","clientSecret":"s"},"microsoft":{"clientId":"m","tenant":"contoso.test"}}"#)
        #expect(providers["google"]?.tokenURL == "https://oauth2.googleapis.com/token")
        #expect(providers["google"]?.servers[.imap]?.host == "imap.gmail.com")
        #expect(
            providers["microsoft"]?.tokenURL
                == "https://login.microsoftonline.com/contoso.test/oauth2/v2.0/token")
        #expect(providers["microsoft"]?.servers[.smtp]?.security == .starttls)
        #expect(providers["microsoft"]?.clientSecret == nil)
    }
}
