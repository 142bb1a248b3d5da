import Foundation
import MailClient
import MailServers
import Model
import POP3
import Synchronization
import Testing
import Transport
import Wire

/// Logging in to the POP3 servers of Dovecot and Cyrus, by every mechanism that they have.
@Suite(.timeLimit(.minutes(5))) struct MaildropAuthenticationTests {
    private static let loops = Result { try EventLoopGroup(loops: 1) }
    private let deadline = Deadline.after(.seconds(90))
    private let user = MailUser("user1@example.test", password: "wei\u{DF}er \"Käse\"")

    private func dovecot(
        _ mechanisms: [String], scheme: String = "PLAIN", configuration: String = ""
    ) async throws -> DovecotServer {
        let folder = try TemporaryFolder("tls")
        let authority = try await onThread { try CertificateAuthority(in: folder) }
        var options = DovecotServer.Options()
        options.mechanisms = mechanisms
        options.passwordScheme = scheme
        options.configuration = "auth_verbose = yes\n" + configuration
        return try await DovecotServer.start(users: [user], authority: authority, options: options)
    }

    private func login(
        _ ports: MailStorePorts, _ authority: CertificateAuthority, _ authentication: Authentication,
        _ security: ConnectionSecurity = .tls, tokens: AccessTokenSource? = nil
    ) -> ServerLogin {
        ServerLogin(
            endpoint: ServerEndpoint(
                host: "localhost", port: security == .tls ? ports.pop3s : ports.pop3, security: security,
                tls: TLSSettings(caCertificates: authority.certificatePEM)),
            credentials: Credentials(username: user.email, authentication: authentication), tokens: tokens)
    }

    /// Logs in, lists, and takes leave.
    private func verify(_ login: ServerLogin) async throws -> MailClientError? {
        let loops = try Self.loops.get()
        do throws(MailClientError) {
            let connection = try await POP3Connection.connect(to: login, on: loops.next(), deadline: deadline)
            try await connection.quit(deadline: deadline)
            return nil
        } catch {
            return error
        }
    }

    private func isRefusal(_ error: MailClientError?) -> Bool {
        if case .authenticationFailed(.pop3, _)? = error { true } else { false }
    }

    @Test(arguments: ["scram-sha-256", "scram-sha-1", "cram-md5", "plain", "login"])
    func `Dovecot takes a password by each mechanism`(mechanism: String) async throws {
        // PLAIN stands beside it, so that it is seen that the stronger one was taken.
        let server = try await dovecot(mechanism == "login" ? ["login"] : ["plain", mechanism])
        let good = Authentication.password(Secret(user.password))
        for security in [ConnectionSecurity.tls, .starttls, .none] {
            #expect(try await verify(login(server.ports, server.authority, good, security)) == nil)
        }
        let logins = try await server.logged("pop3-login: Info: Login: user=<\(user.email)>", atLeast: 3)
        #expect(logins.count == 3)
        #expect(logins.allSatisfy { $0.contains("method=\(mechanism.uppercased()),") }, "\(logins)")
        let wrong = Authentication.password(Secret("wrong"))
        #expect(isRefusal(try await verify(login(server.ports, server.authority, wrong))))
    }

    /// The server keeps what SCRAM needs of the password, and could not check any other mechanism but by it.
    @Test func `SCRAM goes by stored keys`() async throws {
        let server = try await dovecot(["scram-sha-256"], scheme: "SCRAM-SHA-256")
        let good = Authentication.password(Secret(user.password))
        #expect(try await verify(login(server.ports, server.authority, good)) == nil)
        _ = try await server.logged("method=SCRAM-SHA-256,")
        let wrong = Authentication.password(Secret("wrong"))
        #expect(isRefusal(try await verify(login(server.ports, server.authority, wrong))))
    }

    @Test func `APOP keeps the password where nothing is encrypted`() async throws {
        let server = try await dovecot(["plain", "apop"])
        let good = Authentication.password(Secret(user.password))
        #expect(try await verify(login(server.ports, server.authority, good, .none)) == nil)
        // By SASL one can say in which charset a password is; Dovecot says nothing of UTF8.
        _ = try await server.logged("method=PLAIN,")
        let ascii = MailUser("user1@example.test")
        let plain = try await start(ascii)
        let word = Authentication.password(Secret(ascii.password))
        #expect(try await verify(login(plain.ports, plain.authority, word, .none)) == nil)
        _ = try await plain.logged("method=APOP,")
        let wrong = Authentication.password(Secret("wrong"))
        #expect(isRefusal(try await verify(login(plain.ports, plain.authority, wrong, .none))))
    }

    private func start(_ user: MailUser) async throws -> DovecotServer {
        let folder = try TemporaryFolder("tls")
        let authority = try await onThread { try CertificateAuthority(in: folder) }
        var options = DovecotServer.Options()
        options.mechanisms = ["plain", "apop"]
        return try await DovecotServer.start(users: [user], authority: authority, options: options)
    }

    /// A token longer than a command may be waits until the server asks (RFC 5034, 4).
    @Test(arguments: ["oauthbearer", "xoauth2"]) func `Dovecot takes an access token`(mechanism: String) async throws {
        let issuer = try TokenIssuer()
        let server = try await dovecot([mechanism], configuration: issuer.configuration)
        let stale = Secret(issuer.token(for: user, seconds: -30))
        let good = Secret(issuer.token(for: user, claims: ["padding": String(repeating: "x", count: 700)]))
        let grant = Authentication.oauth2(.clientCredentials(provider: "test"))
        let asked = Mutex<[Secret?]>([])
        let renewing = AccessTokenSource(id: "renewing") { refused in
            asked.withLock { $0.append(refused) }
            return refused == nil ? stale : good
        }
        for security in [ConnectionSecurity.tls, .starttls] {
            #expect(
                try await verify(login(server.ports, server.authority, grant, security, tokens: renewing)) == nil)
        }
        #expect(asked.withLock { $0 } == [nil, stale, nil, stale])
        _ = try await server.logged("method=\(mechanism.uppercased()),", atLeast: 2)
        let useless = AccessTokenSource(id: "useless") { _ in stale }
        let refusal = try await verify(login(server.ports, server.authority, grant, tokens: useless))
        #expect(isRefusal(refusal))
        #expect(!server.log.contains(good.revealed))
    }

    /// Dovecot offers SCRAM and CRAM-MD5 also where it has only a digest of another kind, and then refuses whoever takes them.
    @Test(arguments: ["scram-sha-256", "cram-md5"])
    func `a mechanism that cannot succeed is followed by the password, under TLS alone`(mechanism: String) async throws
    {
        let server = try await dovecot([mechanism, "plain"], scheme: "SHA512-CRYPT")
        let good = Authentication.password(Secret(user.password))
        for _ in 0..<2 { #expect(try await verify(login(server.ports, server.authority, good)) == nil) }
        _ = try await server.logged("method=PLAIN,", atLeast: 2)
        let refused = try await server.logged("Requested \(mechanism.uppercased())")
        // The second connection began with what worked.
        #expect(refused.count == 1, "\(server.log)")
        let wrong = Authentication.password(Secret("wrong"))
        #expect(isRefusal(try await verify(login(server.ports, server.authority, wrong))))
        // Another user, of whom nothing is known yet, and nobody but the mechanism protects him.
        #expect(isRefusal(try await verify(login(server.ports, server.authority, good, .none))))
    }

    @Test(arguments: ["SCRAM-SHA-256", "PLAIN", "LOGIN"])
    func `Cyrus takes a password by each mechanism`(mechanism: String) async throws {
        let folder = try TemporaryFolder("tls")
        let authority = try await onThread { try CertificateAuthority(in: folder) }
        var options = CyrusServer.Options()
        options.mechanisms = [mechanism]
        let server = try await CyrusServer.start(users: [user], authority: authority, options: options)
        let good = Authentication.password(Secret(user.password))
        for security in [ConnectionSecurity.tls, .starttls] {
            #expect(try await verify(login(server.ports, authority, good, security)) == nil)
        }
        #expect(isRefusal(try await verify(login(server.ports, authority, .password(Secret("wrong"))))))
    }
}
