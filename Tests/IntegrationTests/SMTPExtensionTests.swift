import MailClient
import MailServers
import Model
import SMTP
import Synchronization
import Testing
import Transport
import Wire

/// BDAT, messages one behind the other, and LMTP, as Postfix and Dovecot take them.
@Suite(.timeLimit(.minutes(5))) struct SMTPExtensionTests {
    private static let loops = Result { try EventLoopGroup(loops: 1) }
    private let deadline = Deadline.after(.seconds(60))

    private func connect(_ host: MailHost, _ user: MailUser) async throws -> SMTPConnection {
        try await SMTPConnection.connect(
            to: ServerEndpoint(
                host: "localhost", port: host.postfix.ports.submission, security: .starttls,
                tls: TLSSettings(caCertificates: host.authority.certificatePEM)),
            credentials: Credentials(username: user.email, authentication: .password(Secret(user.password))),
            on: Self.loops.get().next(), deadline: deadline)
    }

    private func received(_ host: MailHost, _ user: MailUser, _ count: Int, length: Int) async throws -> [[UInt8]] {
        while true {
            let messages = try await host.dovecot.storedMessages(user)
            if messages.count >= count { return messages.map { Array($0.suffix(length)) } }
            try #require(!deadline.hasPassed)
            try await Self.loops.get().next().sleep(for: .milliseconds(50))
        }
    }

    private func message(_ number: Int, lines: Int = 1) -> [UInt8] {
        let head = "Subject: \(1000 + number)\r\nFrom: a@example.test\r\nMessage-ID: <\(1000 + number)@x>\r\n\r\n"
        return Array((head + String(repeating: ".\r\n..dots and text \(number % 10)\r\n", count: lines)).utf8)
    }

    @Test func `Postfix takes a large message in chunks, octet by octet`() async throws {
        let host = try await MailHost.shared()
        let (from, to) = (try host.newUser(), try host.newUser())
        let connection = try await connect(host, from)
        #expect(await connection.capabilities.offersChunking)
        let content = message(1, lines: 100_000)
        let envelope = SMTPEnvelope(
            mailFrom: try SMTPPath(from.email), recipients: [try SMTPPath(to.email)], size: content.count)
        let outcome = await connection.send(envelope, .bytes(content), deadline: deadline)
        #expect(outcome.disposition == .delivered, "\(outcome)")
        #expect(await connection.isReusable)
        await connection.quit(deadline: deadline)
        #expect(try await received(host, to, 1, length: content.count) == [content])
        #expect(host.postfix.log.contains("BDAT") == false, "Postfix logs BDAT only where it went wrong")
    }

    @Test func `Postfix takes messages one behind the other, one refused among them`() async throws {
        let host = try await MailHost.shared()
        let (from, to) = (try host.newUser(), try host.newUser())
        let connection = try await connect(host, from)
        let sender = try SMTPPath(from.email)
        let (good, bad) = (try SMTPPath(to.email), try SMTPPath("nobody@example.test"))
        let envelopes = (0..<20).map { number in
            SMTPEnvelope(mailFrom: sender, recipients: [number == 7 ? bad : good])
        }
        var dispositions: [SubmissionOutcome.Disposition] = []
        for (number, envelope) in envelopes.enumerated() {
            let next = number + 1 < envelopes.count ? envelopes[number + 1] : nil
            dispositions.append(
                await connection.send(
                    envelope, .bytes(message(number)), following: { next }, deadline: deadline
                ).disposition)
        }
        #expect(dispositions.enumerated().allSatisfy { $1 == ($0 == 7 ? .permanent : .delivered) }, "\(dispositions)")
        await connection.quit(deadline: deadline)
        let length = message(0).count
        let expected = Set((0..<20).filter { $0 != 7 }.map { message($0) })
        #expect(Set(try await received(host, to, 19, length: length)) == expected)
    }

    @Test func `Dovecot answers for each recipient by LMTP`() async throws {
        let host = try await MailHost.shared()
        let to = try host.newUser()
        let connection = try await SMTPConnection.connect(
            to: ServerEndpoint(host: "127.0.0.1", port: host.dovecot.ports.lmtp, security: .none, speaksLMTP: true),
            credentials: nil, on: Self.loops.get().next(), deadline: deadline)
        let recipients = try [to.email, "nobody@example.test", to.email].map { try SMTPPath($0) }
        let content = message(3)
        let envelope = SMTPEnvelope(mailFrom: try SMTPPath("a@example.test"), recipients: recipients)
        let outcome = await connection.send(envelope, .bytes(content), deadline: deadline)
        #expect(outcome.recipients.map(\.disposition) == [.delivered, .permanent, .delivered], "\(outcome)")
        #expect(await connection.isReusable)
        await connection.quit(deadline: deadline)
        #expect(try await received(host, to, 1, length: content.count).first == content)
    }
}
