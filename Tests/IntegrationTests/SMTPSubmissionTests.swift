import MailClient
import MailServers
import Model
import SMTP
import Testing
import Transport
import Wire

/// Submission to a real Postfix, which delivers to a real Dovecot by LMTP.
@Suite(.timeLimit(.minutes(5))) struct SMTPSubmissionTests {
    private static let loops = Result { try EventLoopGroup(loops: 1) }
    private var loops: EventLoopGroup { get throws { try Self.loops.get() } }
    private let deadline = Deadline.after(.seconds(60))

    private func endpoint(_ host: MailHost, _ security: ConnectionSecurity = .starttls) -> ServerEndpoint {
        ServerEndpoint(
            host: "localhost", port: security == .tls ? host.postfix.ports.smtps : host.postfix.ports.submission,
            security: security, tls: TLSSettings(caCertificates: host.authority.certificatePEM))
    }

    private func credentials(_ user: MailUser) -> Credentials {
        Credentials(username: user.email, authentication: .password(Secret(user.password)))
    }

    private func connect(
        _ host: MailHost, _ user: MailUser, _ security: ConnectionSecurity = .starttls
    ) async throws -> SMTPConnection {
        try await SMTPConnection.connect(
            to: endpoint(host, security), credentials: credentials(user), on: loops.next(), deadline: deadline)
    }

    /// The mailbox's messages once there are so many of them, without the trace fields of the servers.
    private func received(_ host: MailHost, _ user: MailUser, _ count: Int, length: Int) async throws -> [[UInt8]] {
        while true {
            let messages = try await host.dovecot.storedMessages(user)
            if messages.count >= count { return messages.map { Array($0.suffix(length)) } }
            try #require(!deadline.hasPassed)
            try await loops.next().sleep(for: .milliseconds(50))
        }
    }

    /// Dots where they hurt, octets over 127, blanks at line ends, a line as long as may be, empty lines at the end.
    private func message(_ number: Int = 0) -> [UInt8] {
        let head =
            "Subject: \(number)\r\nFrom: a@example.test\r\nDate: Mon, 23 Nov 2026 19:00:00 +0000\r\nMessage-ID: <\(number)@x>\r\n"
        let body = ".\r\n..\r\n.x\r\n\r\n.\r\nGr\u{FC}\u{DF}e \u{65E5}\u{672C}\r\nblanks  \t\r\nFrom here\r\n"
        let long = String(repeating: "x", count: 998) + "\r\n\r\n\r\n"
        return Array((head + "\r\n" + body + long).utf8)
    }

    @Test(arguments: [ConnectionSecurity.starttls, .tls])
    func `delivers octet by octet`(security: ConnectionSecurity) async throws {
        let host = try await MailHost.shared()
        let (sender, first, second) = (try host.newUser(), try host.newUser(), try host.newUser())
        let connection = try await connect(host, sender, security)
        let content = message()
        let envelope = SMTPEnvelope(
            mailFrom: try SMTPPath(sender.email), recipients: [try SMTPPath(first.email), try SMTPPath(second.email)],
            size: content.count, body: .eightBit)
        let outcome = await connection.send(envelope, .bytes(content), deadline: deadline)
        #expect(outcome.disposition == .delivered, "\(outcome)")
        #expect(outcome.finalReply?.enhancedCode == EnhancedStatusCode(2, 0, 0))
        #expect(await connection.isReusable)
        await connection.quit(deadline: deadline)
        for user in [first, second] {
            #expect(try await received(host, user, 1, length: content.count) == [content])
        }
    }

    @Test func `tells each recipient's fate, and goes on after a refusal`() async throws {
        let host = try await MailHost.shared()
        let (sender, user) = (try host.newUser(), try host.newUser())
        let connection = try await connect(host, sender)
        let content = message()
        let nobody = try SMTPPath("nobody@example.test")
        let mixed = SMTPEnvelope(
            mailFrom: try SMTPPath(sender.email), recipients: [nobody, try SMTPPath(user.email)], body: .eightBit)
        let outcome = await connection.send(mixed, .bytes(content), deadline: deadline)
        #expect(outcome.recipients.map(\.disposition) == [.permanent, .delivered])
        #expect(outcome.recipients.first?.reply?.enhancedCode == EnhancedStatusCode(5, 1, 1))
        let refused = SMTPEnvelope(mailFrom: try SMTPPath(sender.email), recipients: [nobody], body: .eightBit)
        let second = await connection.send(refused, .bytes(content), deadline: deadline)
        #expect(second.disposition == .permanent)
        let third = await connection.send(mixed, .bytes(content), deadline: deadline)
        #expect(third.recipients.map(\.disposition) == [.permanent, .delivered])
        await connection.quit(deadline: deadline)
        #expect(try await received(host, user, 2, length: content.count) == [content, content])
    }

    @Test func `sends many messages over few connections`() async throws {
        let host = try await MailHost.shared()
        let (sender, user) = (try host.newUser(), try host.newUser())
        let pool = SMTPPool(
            endpoint(host), credentials: credentials(sender), loops: try loops,
            settings: .init(messagesPerConnection: 10))
        let envelope = SMTPEnvelope(
            mailFrom: try SMTPPath(sender.email), recipients: [try SMTPPath(user.email)], body: .eightBit)
        let contents = (10..<40).map(message)
        try await withThrowingTaskGroup { group in
            for content in contents {
                group.addTask {
                    let outcome = try await pool.withConnection(deadline: deadline) { connection in
                        await connection.send(envelope, .bytes(content), deadline: deadline)
                    }
                    #expect(outcome.disposition == .delivered)
                }
            }
            try await group.waitForAll()
        }
        await pool.close(deadline: deadline)
        let found = try await received(host, user, contents.count, length: contents[0].count)
        #expect(Set(found) == Set(contents))
    }

    @Test func `refuses a wrong password and says so`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let wrong = Credentials(username: user.email, authentication: .password(Secret("wrong")))
        do throws(MailClientError) {
            _ = try await SMTPConnection.verify(endpoint(host), credentials: wrong, on: try loop(), deadline: deadline)
            Issue.record("a wrong password was taken")
        } catch {
            guard case .authenticationFailed(.smtp, let text) = error else { throw error }
            #expect(text.hasPrefix("535 5.7.8"))
            #expect(!text.contains("wrong"))
        }
    }

    private func loop() throws(MailClientError) -> EventLoop {
        do { return try loops.next() } catch { throw .cancelled }
    }

    @Test func `verifies good settings and tells the server's limits`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let capabilities = try await SMTPConnection.verify(
            endpoint(host), credentials: credentials(user), on: loops.next(), deadline: deadline)
        #expect(capabilities.maximumMessageOctets == 64 << 20)
        #expect(capabilities.offersPipelining && capabilities.offersEightBitMIME && capabilities.offersSMTPUTF8)
        #expect(!capabilities.offersStartTLS)
        #expect(capabilities.authenticationMechanisms.contains("PLAIN"))
    }

    @Test func `asks for no password where TLS is refused by the certificate`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        var stranger = endpoint(host)
        stranger.tls.caCertificates = nil
        await #expect(throws: MailClientError.connect(.smtp, .tls(.certificate(.unknownIssuer)))) {
            try await SMTPConnection.verify(
                stranger, credentials: credentials(user), on: loops.next(), deadline: deadline)
        }
        var misnamed = endpoint(host)
        misnamed.tls.serverName = "mail.elsewhere.test"
        await #expect(throws: MailClientError.connect(.smtp, .tls(.certificate(.hostMismatch)))) {
            try await SMTPConnection.verify(
                misnamed, credentials: credentials(user), on: loops.next(), deadline: deadline)
        }
    }

    @Test func `offers nothing that is too large`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let connection = try await connect(host, user)
        let envelope = SMTPEnvelope(
            mailFrom: try SMTPPath(user.email), recipients: [try SMTPPath(user.email)], size: 65 << 20)
        let outcome = await connection.send(envelope, .bytes([]), deadline: deadline)
        #expect(outcome.reason == .notOffered(.tooLarge(limit: 64 << 20)))
        #expect(await connection.isReusable)
        await connection.quit(deadline: deadline)
    }

    /// Refusals of every kind from Postfix's own test server, which knows no pipelining unless told.
    @Test(arguments: [
        (["-r", "rcpt"], SubmissionOutcome.Disposition.retryLater), (["-f", "rcpt"], .permanent),
        (["-f", "data"], .permanent),
        (["-r", "."], .retryLater), (["-f", "."], .permanent), (["-q", "."], .unknown), (["-q", "data"], .retryLater),
        (["-p"], .delivered), ([], .delivered),
    ]) func `judges a sink's refusals`(arguments: [String], disposition: SubmissionOutcome.Disposition) async throws {
        let sink = try await SMTPSink.start(arguments)
        let connection = try await SMTPConnection.connect(
            to: ServerEndpoint(host: "127.0.0.1", port: sink.port, security: .none), credentials: nil, on: loops.next(),
            deadline: deadline)
        let envelope = SMTPEnvelope(
            mailFrom: try SMTPPath("a@example.test"), recipients: [try SMTPPath("b@example.test")])
        let outcome = await connection.send(envelope, .bytes(Array("Subject: x\r\n\r\nx".utf8)), deadline: deadline)
        #expect(outcome.disposition == disposition, "\(outcome)")
        await connection.quit(deadline: .after(.seconds(2)))
    }
}
