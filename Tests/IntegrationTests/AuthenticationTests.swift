import Foundation
import IMAP
import MailClient
import MailServers
import Model
import SMTP
import Synchronization
import Testing
import Transport
import Wire

/// Every mechanism against servers that we did not write: Dovecot, Postfix by Dovecot's SASL, and Cyrus.
@Suite(.timeLimit(.minutes(5))) struct AuthenticationTests {
    private static let loops = Result { try EventLoopGroup(loops: 1) }
    private var loops: EventLoopGroup { get throws { try Self.loops.get() } }
    private let deadline = Deadline.after(.seconds(90))
    private let user = MailUser("user1@example.test", password: "wei\u{DF}er \"Käse\"")

    private func start(
        _ mechanisms: [String], scheme: String = "PLAIN",
        configuration: (CertificateAuthority) -> String = { _ in "" }
    ) async throws -> DovecotServer {
        let folder = try TemporaryFolder("tls")
        let authority = try await onThread { try CertificateAuthority(in: folder) }
        var options = DovecotServer.Options()
        options.mechanisms = mechanisms
        options.passwordScheme = scheme
        options.configuration = configuration(authority)
        return try await DovecotServer.start(users: [user], authority: authority, options: options)
    }

    private func endpoint(
        _ port: Int, _ authority: CertificateAuthority, _ security: ConnectionSecurity = .tls
    ) -> ServerEndpoint {
        ServerEndpoint(
            host: "localhost", port: UInt16(port), security: security,
            tls: TLSSettings(caCertificates: authority.certificatePEM))
    }

    private func login(
        _ server: DovecotServer, _ authentication: Authentication, tokens: AccessTokenSource? = nil,
        security: ConnectionSecurity = .tls
    ) -> ServerLogin {
        let port = security == .tls ? server.ports.imaps : server.ports.imap
        return ServerLogin(
            endpoint: endpoint(Int(port), server.authority, security),
            credentials: Credentials(username: user.email, authentication: authentication), tokens: tokens)
    }

    private func verify(_ login: ServerLogin) async throws -> MailClientError? {
        let loop = try loops.next()
        do throws(MailClientError) {
            _ = try await IMAPConnection.verify(login, on: loop, deadline: deadline)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["scram-sha-256", "scram-sha-1", "cram-md5", "plain", "login"])
    func `a password by each mechanism`(mechanism: String) async throws {
        // PLAIN stands beside it, so that it is seen that the stronger one was taken.
        let server = try await start(mechanism == "login" ? ["login"] : ["plain", mechanism])
        for security in [ConnectionSecurity.tls, .starttls, .none] {
            #expect(try await verify(login(server, .password(Secret(user.password)), security: security)) == nil)
        }
        let logins = try await server.logged("Login: user=<\(user.email)>", atLeast: 3)
        #expect(logins.count == 3)
        #expect(logins.allSatisfy { $0.contains("method=\(mechanism.uppercased()),") }, "\(logins)")
        guard case .authenticationFailed(.imap, _)? = try await verify(login(server, .password(Secret("wrong")))) else {
            Issue.record("a wrong password was taken")
            return
        }
    }

    @Test(arguments: ["oauthbearer", "xoauth2"]) func `an access token`(mechanism: String) async throws {
        let issuer = try TokenIssuer()
        let server = try await start([mechanism]) { _ in issuer.configuration }
        let stale = Secret(issuer.token(for: user, seconds: -30))
        let good = Secret(issuer.token(for: user))
        let grant = Authentication.oauth2(.clientCredentials(provider: "test"))
        let asked = Mutex<[Secret?]>([])
        let renewing = AccessTokenSource(id: "renewing") { refused in
            asked.withLock { $0.append(refused) }
            return refused == nil ? stale : good
        }
        // The server refuses the first token, so another is asked for, by a new connection.
        #expect(try await verify(login(server, grant, tokens: renewing)) == nil)
        #expect(asked.withLock { $0 } == [nil, stale])
        let useless = AccessTokenSource(id: "useless") { _ in stale }
        guard case .authenticationFailed(.imap, let text)? = try await verify(login(server, grant, tokens: useless))
        else {
            Issue.record("an expired token was taken")
            return
        }
        #expect(text.contains("invalid_token") || text.contains("401"), "\(text)")
        let away = AccessTokenSource(id: "away") { _ throws(AccessTokenSource.Fault) in throw .unavailable("asleep") }
        #expect(
            try await verify(login(server, grant, tokens: away)) == .unavailable(.imap, text: "asleep"),
            "a provider that is away says nothing about the account")
        #expect(!server.log.contains(good.revealed))
    }

    @Test func `a client certificate`() async throws {
        let server = try await start(["external", "plain"]) { authority in
            """
            ssl_ca = <\(authority.certificate)
            ssl_require_crl = no
            ssl_verify_client_cert = yes
            auth_ssl_username_from_cert = yes
            ssl_cert_username_field = commonName
            passdb {
              driver = static
              args = nopassword
              mechanisms = external
            }
            """
        }
        func certificate(_ name: String) async throws -> Authentication {
            let identity = try await onThread { try server.authority.clientIdentity(name) }
            return .certificate(
                ClientCertificate(
                    chain: try String(contentsOfFile: identity.certificate, encoding: .utf8),
                    privateKey: Secret(try String(contentsOfFile: identity.key, encoding: .utf8))))
        }
        for security in [ConnectionSecurity.tls, .starttls] {
            #expect(try await verify(login(server, certificate(user.email), security: security)) == nil)
        }
        _ = try await server.logged("method=EXTERNAL", atLeast: 2)
    }

    /// Dovecot offers SCRAM also where it has only a digest of another kind, and then refuses whoever takes it.
    @Test func `a user of whose password the server has only a digest`() async throws {
        let server = try await start(["scram-sha-256", "cram-md5", "plain"], scheme: "SHA512-CRYPT") { _ in
            "auth_verbose = yes"
        }
        let good = login(server, .password(Secret(user.password)))
        for _ in 0..<2 { #expect(try await verify(good) == nil) }
        _ = try await server.logged("Login: user=<\(user.email)>", atLeast: 2)
        let refused = try await server.logged("Requested SCRAM-SHA-256")
        // The second connection began with what worked.
        #expect(refused.count == 1, "\(refused)")
        guard case .authenticationFailed(.imap, _)? = try await verify(login(server, .password(Secret("wrong")))) else {
            Issue.record("a wrong password was taken")
            return
        }
        let outside = login(server, .password(Secret(user.password)), security: .none)
        guard case .authenticationFailed(.imap, _)? = try await verify(outside) else {
            Issue.record("the password went out in the clear after a refusal")
            return
        }
    }
}
