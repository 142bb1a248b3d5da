import MailClient
import MailServers
import Model
import Testing
import Transport
import Wire

/// Postfix's AUTH, which is Dovecot's SASL, by mechanisms that keep the password and by tokens.
@Suite(.timeLimit(.minutes(5))) struct SubmissionAuthenticationTests {
    private static let loops = Result { try EventLoopGroup(loops: 1) }
    private let deadline = Deadline.after(.seconds(90))
    private let user = MailUser("user1@example.test")

    private func host(_ mechanisms: String..., scheme: String = "PLAIN", configuration: String = "") async throws
        -> MailHost
    {
        var options = DovecotServer.Options()
        options.mechanisms = mechanisms
        options.passwordScheme = scheme
        options.configuration = configuration
        return try await MailHost.start(users: [user], dovecot: options)
    }

    private func verify(
        _ host: MailHost, _ authentication: Authentication, tokens: AccessTokenSource? = nil
    ) async throws -> MailClientError? {
        let endpoint = ServerEndpoint(
            host: "localhost", port: host.postfix.ports.submission, security: .starttls,
            tls: TLSSettings(caCertificates: host.authority.certificatePEM))
        let loop = try Self.loops.get().next()
        do throws(MailClientError) {
            _ = try await SMTPConnection.verify(
                endpoint, credentials: Credentials(username: user.email, authentication: authentication),
                tokens: tokens, on: loop, deadline: deadline)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the password stays here, and is shown where nothing else does`() async throws {
        for scheme in ["PLAIN", "SHA512-CRYPT"] {
            let host = try await host("plain", "scram-sha-256", scheme: scheme)
            #expect(try await verify(host, .password(Secret(user.password))) == nil)
            guard case .authenticationFailed(.smtp, _)? = try await verify(host, .password(Secret("wrong"))) else {
                Issue.record("a wrong password was taken")
                return
            }
        }
    }

    /// What is refused for the mechanism's sake is tried once more by the password, which TLS protects.
    @Test func `a mechanism that cannot succeed is followed by the password`() async throws {
        let host = try await host("cram-md5", "plain", scheme: "SHA512-CRYPT", configuration: "auth_verbose = yes")
        for _ in 0..<2 { #expect(try await verify(host, .password(Secret(user.password))) == nil) }
        let refused = try await host.dovecot.logged("Requested CRAM-MD5")
        #expect(refused.count == 1, "the second connection begins with what worked: \(host.dovecot.log)")
        guard case .authenticationFailed(.smtp, _)? = try await verify(host, .password(Secret("wrong"))) else {
            Issue.record("a wrong password was taken")
            return
        }
    }

    /// A token longer than a command may be waits until the server asks (RFC 4954 section 4).
    @Test(arguments: ["oauthbearer", "xoauth2"]) func `an access token`(mechanism: String) async throws {
        let issuer = try TokenIssuer()
        let host = try await host(mechanism, configuration: issuer.configuration)
        let token = Secret(issuer.token(for: user, claims: ["padding": String(repeating: "x", count: 700)]))
        let grant = Authentication.oauth2(.clientCredentials(provider: "test"))
        #expect(try await verify(host, grant, tokens: AccessTokenSource(id: "good") { _ in token }) == nil)
        let bad = AccessTokenSource(id: "bad") { _ in Secret("nonsense") }
        guard case .authenticationFailed(.smtp, _)? = try await verify(host, grant, tokens: bad) else {
            Issue.record("nonsense was taken for a token")
            return
        }
    }
}
