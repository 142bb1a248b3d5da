import MailClient
import Model
import SMTP
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct SMTPVerifyTests {
    private func verify(_ server: SMTPTestServer, security: ConnectionSecurity = .none) async throws -> SMTPCapabilities
    {
        var endpoint = server.endpoint
        endpoint.security = security
        return try await SMTPConnection.verify(
            endpoint, credentials: SMTPFixture.credentials, on: SMTPFixture.loop, deadline: .after(.seconds(10)))
    }

    @Test func `logs in and says goodbye`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login + .farewell)
        defer { server.stop() }
        let capabilities = try await verify(server)
        #expect(capabilities.offersPipelining)
        try await SMTPFixture.untilEnded(1, server)
        #expect(server.seen.lines.last == "QUIT")
    }

    @Test(arguments: [
        ("535 5.7.8 bad password", MailClientError.authenticationFailed(.smtp, text: "535 5.7.8 bad password")),
        ("454 4.7.0 try later", .unavailable(.smtp, text: "454 4.7.0 try later")),
        ("421 4.7.0 too many", .unavailable(.smtp, text: "421 4.7.0 too many")),
        ("354 what", .protocolViolation(.smtp, detail: "the server does not follow the authentication mechanism")),
    ]) func `names what is wrong with the login`(reply: String, error: MailClientError) async throws {
        let script =
            [SMTPTestServer.Step].login.dropLast() + [.say(reply + "\r\n"), .hear(1), .say("501 cancelled\r\n")]
        let server = try SMTPTestServer(on: SMTPFixture.loop, Array(script))
        defer { server.stop() }
        await #expect(throws: error) { try await verify(server) }
        try await SMTPFixture.untilEnded(1, server)
    }

    @Test(arguments: [
        ("554 5.7.1 go away", MailClientError.rejected(.smtp, code: "554", text: "go away")),
        ("450 4.3.2 later", .unavailable(.smtp, text: "450 4.3.2 later")),
        ("421 busy", .unavailable(.smtp, text: "421 busy")),
        ("SSH-2.0-OpenSSH", .protocolViolation(.smtp, detail: "expected a reply code at octet 0")),
    ]) func `names what is wrong with the greeting`(greeting: String, error: MailClientError) async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, [.say(greeting + "\r\n"), .stall])
        defer { server.stop() }
        await #expect(throws: error) { try await verify(server) }
    }

    @Test func `sends no password to a server without TLS that should have it`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, .login)
        defer { server.stop() }
        await #expect(throws: MailClientError.startTLSUnavailable(.smtp)) {
            try await verify(server, security: .starttls)
        }
        try await SMTPFixture.untilEnded(1, server)
        #expect(server.seen.lines == ["EHLO [127.0.0.1]"])
    }

    @Test func `refuses what is injected before TLS`() async throws {
        let script: [SMTPTestServer.Step] = [
            .say([SMTPTestServer.Step].greeting), .hear(1), .say("250-x\r\n250 STARTTLS\r\n"), .hear(1),
            .say("220 go\r\n250 injected\r\n"), .stall,
        ]
        let server = try SMTPTestServer(on: SMTPFixture.loop, script)
        defer { server.stop() }
        await #expect(throws: MailClientError.startTLSInjection(.smtp)) {
            try await verify(server, security: .starttls)
        }
    }

    @Test func `knows a port that speaks no TLS`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, [.say([SMTPTestServer.Step].greeting), .stall])
        defer { server.stop() }
        await #expect(throws: MailClientError.connect(.smtp, .tls(.notTLS))) {
            try await verify(server, security: .tls)
        }
    }

    @Test func `says that nobody listens`() async throws {
        let server = try SMTPTestServer(on: SMTPFixture.loop, [.stall])
        server.stop()
        await #expect(throws: MailClientError.connect(.smtp, .connectionRefused)) { try await verify(server) }
    }
}
