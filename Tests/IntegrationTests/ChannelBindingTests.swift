import Foundation
import MailClient
import MailServers
import Model
import Testing
import Transport
import Wire

/// SCRAM bound to the TLS channel, with implementations that we did not write: pyOpenSSL and scramp, and Cyrus.
@Suite(.timeLimit(.minutes(2))) struct ChannelBindingTests {
    private static let loops = Result { try EventLoopGroup(loops: 1) }

    private func verify(_ port: UInt16, _ authority: CertificateAuthority, _ user: MailUser) async throws -> Bool {
        let login = ServerLogin(
            endpoint: ServerEndpoint(
                host: "localhost", port: port, security: .tls,
                tls: TLSSettings(caCertificates: authority.certificatePEM)),
            credentials: Credentials(username: user.email, authentication: .password(Secret(user.password))))
        let loop = try Self.loops.get().next()
        do throws(MailClientError) {
            _ = try await IMAPConnection.verify(login, on: loop, deadline: .after(.seconds(60)))
            return true
        } catch {
            guard case .authenticationFailed = error else { throw error }
            return false
        }
    }

    @Test(
        arguments: [
            ("1.3", "tls-exporter", ["accepted tls-exporter"]), ("1.2", "tls-unique", ["accepted tls-unique"]),
            ("1.3", "tls-server-end-point", ["unknown tls-exporter", "accepted tls-server-end-point"]),
            ("1.2", "tls-server-end-point", ["unknown tls-unique", "accepted tls-server-end-point"]),
            ("1.3", "none", ["unknown tls-exporter", "unknown tls-server-end-point"]),
        ], ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"]) func `lets in by a binding that both know, and by no other`(
            way: (tls: String, binding: String, attempts: [String]), mechanism: String
        ) async throws
    {
        let folder = try TemporaryFolder("tls")
        let authority = try await onThread { try CertificateAuthority(in: folder) }
        let identity = authority.identity()
        let user = MailUser("scram@example.test", password: "pencil")
        let server = try ChildProcess([
            try Python.interpreter(), Self.script, identity.certificate, identity.key, user.email, user.password,
            mechanism, way.tls, way.binding,
        ])
        defer { server.closeInput() }
        let port = try await onThread { try server.output.waitForLine(containing: "port ", seconds: 30) }
        let number = try #require(port.split(separator: " ").last.flatMap { UInt16($0) })
        #expect(try await verify(number, authority, user) == (way.binding != "none"))
        for attempt in way.attempts {
            _ = try await onThread { try server.output.waitForLine(containing: "1 \(attempt)", seconds: 30) }
        }
        guard way.binding != "none" else { return }
        // What was learnt spares the next connection the refusals.
        #expect(try await verify(number, authority, user))
        _ = try await onThread { try server.output.waitForLine(containing: "2 accepted", seconds: 30) }
        #expect(server.output.text.split(separator: "\n").count == way.attempts.count + 2)
    }

    /// It offers -PLUS over TLS 1.3 and knows `tls-unique` alone, which there is none of.
    @Test func `Cyrus that takes no bare password lets in without a binding`() async throws {
        let user = MailUser("user1@example.test", password: "secret")
        var options = CyrusServer.Options()
        options.mechanisms = ["SCRAM-SHA-256"]
        let folder = try TemporaryFolder("tls")
        let authority = try await onThread { try CertificateAuthority(in: folder) }
        let server = try await CyrusServer.start(users: [user], authority: authority, options: options)
        #expect(try await verify(server.ports.imaps, server.authority, user))
        #expect(try await !verify(server.ports.imaps, server.authority, MailUser(user.email, password: "wrong")))
    }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "scramimap.py").path(percentEncoded: false)
}
