import Foundation
import MailServers

/// An OpenID provider that we did not write: PyPI's `oidc-provider-mock`.
final class IdentityProvider: Sendable {
    let port: UInt16
    private let child: ChildProcess

    var issuer: String { "http://localhost:\(port)" }

    /// Starts it; its tokens live for so many seconds.
    static func start(tokenSeconds: Int, users: [MailUser]) async throws -> IdentityProvider {
        try await onThread { try IdentityProvider(tokenSeconds, users) }
    }

    private init(_ tokenSeconds: Int, _ users: [MailUser]) throws {
        port = try LoopbackPort.pick(1)[0]
        child = try ChildProcess(
            [try Python.interpreter(), "-m", "oidc_provider_mock", "--port", "\(port)", "--host", "127.0.0.1"]
                + ["--token-max-age", "\(tokenSeconds)"] + users.flatMap { ["--user", $0.email] })
        _ = try child.output.waitForLine(containing: "Uvicorn running", seconds: 60)
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
