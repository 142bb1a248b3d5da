import Foundation
import MailServers

/// An OpenID provider that we did not write: PyPI's `oidc-provider-mock`.
final class IdentityProvider: Sendable {
    let port: UInt16
    private let child: ChildProcess

    var issuer: String { "http://localhost:\(port)" }

    /// Starts it; its tokens live for so many seconds.
    ///
    /// `claims` are one more user, as JSON: what is in it beside `sub` becomes claims of its tokens.
    static func start(tokenSeconds: Int, users: [MailUser] = [], claims: String? = nil) async throws -> IdentityProvider
    {
        try await onThread { try IdentityProvider(tokenSeconds, users, claims) }
    }

    private init(_ tokenSeconds: Int, _ users: [MailUser], _ claims: String?) throws {
        // Its --token-max-age is for the first token alone: those that renew it would live for an hour, and the refresh token for ever.
        let program = """
            import runpy, sys
            from authlib.oauth2.rfc6749.grants import RefreshTokenGrant
            from authlib.oauth2.rfc6750 import BearerTokenGenerator
            BearerTokenGenerator.GRANT_TYPES_EXPIRES_IN["refresh_token"] = int(sys.argv.pop(1))
            RefreshTokenGrant.INCLUDE_NEW_REFRESH_TOKEN = True
            runpy.run_module("oidc_provider_mock", run_name="__main__", alter_sys=True)
            """
        child = try ChildProcess(
            [try Python.interpreter(), "-c", program, "\(tokenSeconds)", "--port", "0", "--host", "127.0.0.1"]
                + ["--token-max-age", "\(tokenSeconds)"] + users.flatMap { ["--user", $0.email] }
                + (claims.map { ["--user-claims", $0] } ?? []))
        let line = try child.output.waitForLine(containing: "Uvicorn running", seconds: 60)
        guard let port = line.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap({ UInt16($0.1) }) else {
            throw ServerFailure("The identity provider did not start: \(line)")
        }
        self.port = port
    }

    deinit { child.signal(SIGKILL) }

    var log: String { child.output.text }

    /// The setting by which Mailbridge is its client.
    func setting(_ host: MailHost) -> String {
        let authority = host.authority.certificatePEM.replacing("\n", with: "\\n")
        return """
            {"acme": {"issuer": "\(issuer)", "clientId": "mailbridge", "clientSecret": "client-s3cret",
              "scopes": ["openid", "email"], "domains": ["example.test"],
              "imap": {"host": "localhost", "port": \(host.dovecot.ports.imaps), "caCertificates": "\(authority)"},
              "smtp": {"host": "localhost", "port": \(host.postfix.ports.submission), "security": "starttls",
                "caCertificates": "\(authority)"}}}
            """
    }

    /// Lines for `dovecot.conf`: Dovecot asks this provider who a token is of, and takes nothing but tokens.
    func dovecotConfiguration(in folder: TemporaryFolder) throws -> String {
        try folder.write(
            """
            introspection_mode = auth
            introspection_url = http://localhost:\(port)/userinfo
            username_attribute = sub
            timeout_msecs = 5000

            """, to: "oauth2.conf")
        return """
            passdb {
              driver = oauth2
              mechanisms = oauthbearer xoauth2
              args = \(folder("oauth2.conf"))
            }
            """
    }

    /// A signed token of that user for that client.
    func identityToken(of subject: String, for client: String) async throws -> String {
        try await token("id_token", of: subject, for: client)
    }

    /// One of the tokens that a client gets by that user's consent: `access_token`, `refresh_token` or `id_token`.
    func token(_ kind: String, of subject: String, for client: String) async throws -> String {
        let script = """
            import json, sys, urllib.request, urllib.parse, urllib.error
            base, sub, client, kind = sys.argv[1:]
            class Stop(urllib.request.HTTPRedirectHandler):
                def redirect_request(self, *a): return None
            opener = urllib.request.build_opener(Stop)
            form = lambda **fields: urllib.parse.urlencode(fields).encode()
            query = urllib.parse.urlencode(dict(response_type="code", client_id=client, scope="openid", redirect_uri="http://x.test/"))
            try:
                opener.open(base + "/oauth2/authorize?" + query, form(sub=sub))
            except urllib.error.HTTPError as error:
                code = urllib.parse.parse_qs(urllib.parse.urlparse(error.headers["Location"]).query)["code"][0]
            data = form(grant_type="authorization_code", code=code, redirect_uri="http://x.test/", client_id=client, client_secret="x")
            print(json.load(opener.open(base + "/oauth2/token", data))[kind])
            """
        let (python, issuer) = (try Python.interpreter(), issuer)
        return try await onThread {
            try Command.check([python, "-c", script, issuer, subject, client, kind])
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// What a browser of that user would do at the provider: consents, and gives where it leads back to.
    func consent(_ url: String, as user: MailUser) async throws -> String {
        let script = """
            import sys, urllib.request, urllib.parse, urllib.error
            class Stop(urllib.request.HTTPRedirectHandler):
                def redirect_request(self, *a): return None
            opener = urllib.request.build_opener(Stop)
            data = urllib.parse.urlencode({"sub": sys.argv[2]}).encode()
            try:
                opener.open(sys.argv[1], data)
            except urllib.error.HTTPError as error:
                print(error.headers["Location"] or error.read().decode())
            """
        let python = try Python.interpreter()
        return try await onThread {
            try Command.check([python, "-c", script, url, user.email]).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
