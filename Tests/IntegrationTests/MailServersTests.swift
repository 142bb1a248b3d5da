import Foundation
import Glibc
import MailServers
import Testing

/// The servers that all other suites stand on, seen through clients that are not ours.
@Suite(.timeLimit(.minutes(5)))
struct MailServersTests {
    private static let message = """
        From: Alice <alice@outside.test>\r
        To: somebody@example.test\r
        Subject: =?UTF-8?B?44GT44KT44Gr44Gh44Gv?=\r
        Message-ID: <1@outside.test>\r
        \r
        .a line that begins with a dot\r
        trailing space \r
        \r
        Grüße in raw UTF-8\r

        """

    /// Runs a Python program with `imaplib`, `smtplib` and `poplib`, which trusts our authority.
    private func python(_ host: MailHost, _ user: MailUser, _ program: String) async throws -> String {
        let prelude = """
            import imaplib, smtplib, poplib, ssl, sys
            tls = ssl.create_default_context(cafile="\(host.authority.certificate)")
            user, password = "\(user.email)", "\(user.password)"
            imap, imaps = \(host.dovecot.ports.imap), \(host.dovecot.ports.imaps)
            pop3s, lmtp = \(host.dovecot.ports.pop3s), \(host.dovecot.ports.lmtp)
            smtp, submission, smtps = \(host.postfix.ports.smtp), \(host.postfix.ports.submission), \(host.postfix.ports.smtps)

            """
        return try await onThread {
            let result = try Command.run([Command.locate("python3"), "-c", prelude + program], seconds: 60)
            guard result.status == 0 else { throw ServerFailure(result.output) }
            return result.output
        }
    }

    @Test(arguments: ["submission", "smtps"])
    func `a message sent by submission arrives byte-exact`(way: String) async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let output = try await python(
            host, user,
            """
            message = bytes.fromhex("\(Self.message.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())")
            if "\(way)" == "smtps":
                client = smtplib.SMTP_SSL("localhost", smtps, context=tls)
            else:
                client = smtplib.SMTP("localhost", submission)
                client.starttls(context=tls)
            client.login(user, password)
            client.sendmail(user, [user], message, ["BODY=8BITMIME"])
            client.quit()
            box = imaplib.IMAP4("localhost", imap)
            box.starttls(tls)
            box.login(user, password)
            import select
            box.select("INBOX")
            while box.select("INBOX")[1] == [b"0"]:
                box.send(b"x IDLE\\r\\n")
                while b"EXISTS" not in box.readline(): pass
                box.send(b"DONE\\r\\n")
                while not box.readline().startswith(b"x OK"): pass
            got = box.fetch("1", "(BODY.PEEK[])")[1][0][1]
            assert got.endswith(message), got
            print(sorted(name.split()[-1].decode() for name in box.list()[1]))
            """)
        #expect(output.contains("['Archive', 'Drafts', 'INBOX', 'Junk', 'Sent', 'Trash']"))
        let stored = try await host.dovecot.storedMessages(user)
        #expect(stored.count == 1)
        #expect(stored.first?.suffix(Self.message.utf8.count) == Self.message.utf8.suffix(Self.message.utf8.count)[...])
    }

    @Test func `LMTP and the open port deliver to a user, and POP3 shows it`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        try await host.dovecot.deliver(user, Array(Self.message.utf8))
        try await host.dovecot.deliver(user, [Array(Self.message.utf8), Array("Subject: no line end".utf8)])
        let output = try await python(
            host, user,
            """
            box = poplib.POP3_SSL("localhost", pop3s, context=tls)
            box.user(user); box.pass_(password)
            print(box.stat()[0], b"\\n".join(box.retr(1)[1]).decode())
            """)
        #expect(output.hasPrefix("3 "))
        #expect(output.contains("\n.a line that begins with a dot\ntrailing space \n\nGrüße"))
    }

    @Test func `unknown recipients, strangers and relaying are refused`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        let output = try await python(
            host, user,
            """
            client = smtplib.SMTP("localhost", smtp)
            client.ehlo()
            client.mail("a@outside.test")
            print(client.rcpt("nobody@example.test")[0], client.rcpt("b@outside.test")[0], client.rcpt(user)[0])
            client = smtplib.SMTP("localhost", submission)
            client.ehlo()
            print(client.has_extn("auth"), client.mail(user)[0])
            client.starttls(context=tls)
            try: client.login(user, "wrong")
            except smtplib.SMTPAuthenticationError as error: print(error.smtp_code)
            box = imaplib.IMAP4_SSL("localhost", imaps, ssl_context=tls)
            try: box.login(user, "wrong")
            except imaplib.IMAP4.error as error: print("IMAP", error)
            """)
        #expect(output.hasPrefix("550 554 250\nFalse 530\n535\nIMAP b'[AUTHENTICATIONFAILED]"))
    }

    @Test func `seeded messages are listed in order with flags, dates and sizes`() async throws {
        let host = try await MailHost.shared()
        let user = try host.newUser()
        try await host.dovecot.seed(user, mailbox: "Grüße/2024", count: 10_000) {
            SeedMessage(Array("Subject: \($0)\r\n\r\nbody\r\n".utf8), flags: $0 == 9_999 ? "SF" : "")
        }
        try await host.dovecot.seed(user, [SeedMessage(Array("Subject: bare\n\nline feeds\n".utf8), flags: "S")])
        let output = try await python(
            host, user,
            """
            box = imaplib.IMAP4_SSL("localhost", imaps, ssl_context=tls)
            box.login(user, password)
            print(box.select('"Gr&APwA3w-e/2024"'))
            print(box.fetch("10000", "(UID FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK[TEXT])"))
            print(box.select("INBOX"), box.fetch("1", "(RFC822.SIZE BODY.PEEK[])"))
            """)
        #expect(output.contains("[b'10000']"))
        #expect(
            output.contains(
                #"UID 10000 FLAGS (\\Flagged \\Seen \\Recent) RFC822.SIZE 23 INTERNALDATE "14-Nov-2023 22:13:20 "#))
        #expect(output.contains("RFC822.SIZE 29 BODY[] {29}"))
        #expect(output.contains(#"b'Subject: bare\r\n\r\nline feeds\r\n'"#))
        #expect(try await host.dovecot.storedMessages(user) == [Array("Subject: bare\n\nline feeds\n".utf8)])
    }

    @Test(arguments: CertificateAuthority.Flaw.allCases)
    func `each certificate has just the flaw that it is made for`(flaw: CertificateAuthority.Flaw) async throws {
        let folder = try TemporaryFolder("tls")
        let result = try await onThread {
            let authority = try CertificateAuthority(in: folder)
            let arguments = ["verify", "-CAfile", authority.certificate, "-verify_ip", "127.0.0.1"]
            return try Command.run(
                [Command.locate("openssl")] + arguments + [authority.identity(flaw).certificate])
        }
        let complaint =
            switch flaw {
            case .none: ": OK"
            case .expired: "certificate has expired"
            case .wrongHost: "IP address mismatch"
            case .untrusted: "unable to get local issuer certificate"
            }
        #expect(result.output.contains(complaint), "\(result.output)")
        #expect((result.status == 0) == (flaw == .none))
    }

    @Test func `two hosts run side by side, and each stops with its value`() async throws {
        let users = [MailUser("a@one.test")]
        var old = DovecotServer.Options()
        old.configuration = "imap_capability = IMAP4rev1 X-OLD"
        var host: MailHost? = try await MailHost.start(users: users, dovecot: old)
        let other = try await MailHost.start(users: users)
        let (port, otherPort) = try #require(host.map { ($0.dovecot.ports.imap, other.dovecot.ports.imap) })
        func capability(_ port: UInt16) async throws -> String {
            try await onThread { try SocketStream(port: port).readLine() ?? "" }
        }
        #expect(try await capability(port).contains("X-OLD"))
        #expect(!(try await capability(otherPort).contains("X-OLD")))
        try await host?.dovecot.stop()
        await #expect(throws: ServerFailure.self) { _ = try await capability(port) }
        host = nil
        #expect(try await capability(otherPort).contains("OK"))
    }

    @Test func `the servers stop when the process that started them is killed`() async throws {
        let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let tool = URL(filePath: path).deletingLastPathComponent().appending(path: "MailServersTool").path
        let (certificate, port) = try await onThread {
            let process = try ChildProcess([tool, "a@one.test:secret"])
            _ = try process.output.waitForLine(containing: "READY", seconds: 60)
            process.signal(SIGKILL)
            try process.waitUntilExit()
            let lines = process.output.text.split(separator: "\n").map { $0.split(separator: "=") }
            let values = Dictionary(uniqueKeysWithValues: lines.filter { $0.count == 2 }.map { ($0[0], $0[1]) })
            let port = try #require(values["IMAP_PORT"].flatMap { UInt16($0) })
            // Dovecot closes this connection as it stops.
            _ = try? SocketStream(port: port).readToEnd()
            return (String(values["CA_CERTIFICATE"] ?? ""), port)
        }
        #expect(!certificate.isEmpty)
        // It may have closed that one before it leaves the port.
        try await eventually("its port is closed") {
            (try? await onThread { _ = try SocketStream(port: port) }) == nil
        }
    }

    @Test func `a scripted server plays its script and notes what the client did`() async throws {
        let server = try ScriptedServer(
            [.send("* OK hello\r\n"), .expect("NOOP"), .send("%TAG% OK done\r\n"), .close], [.reset])
        let port = server.port
        let lines = try await onThread {
            let stream = try SocketStream(port: port)
            let greeting = try stream.readLine()
            try stream.send("a1 NOOP\r\n")
            return [greeting, try stream.readLine(), try stream.readLine()]
        }
        #expect(lines == ["* OK hello", "a1 OK done", nil])
        #expect(server.received == ["a1 NOOP"])
        #expect(server.failures.isEmpty)
        await #expect(throws: ServerFailure.self) {
            try await onThread { _ = try SocketStream(port: port).read() }
        }
    }

    @Test func `the HTTP client reads lengths, chunks and pipelined responses`() async throws {
        let server = try ScriptedServer([
            .expect("GET / HTTP/1.1"),
            .send(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\":[1]}HTTP/1.1 204 \r\n\r\n"
            ),
            .send(
                "HTTP/1.1 404 Not\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\na\r\n0123456789\r\n0\r\nT: 1\r\n\r\n"
            ),
            .stall,
        ])
        let port = server.port
        let responses = try await onThread {
            let connection = try TestHTTPConnection(port: port)
            try connection.sendRequest("GET", "/")
            return try (0..<3).map { _ in try connection.readResponse() }
        }
        #expect(responses.map(\.status) == [200, 204, 404])
        #expect(try responses[0].json == ["a": [1]])
        #expect(responses[2].text == "abc0123456789")
    }

    @Test func `smtp-sink refuses at the stage it is told to`() async throws {
        let sink = try await SMTPSink.start(["-r", "RCPT"])
        let port = sink.port
        let answers = try await onThread {
            let stream = try SocketStream(port: port)
            try stream.send("HELO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n")
            return try (0..<4).map { _ in try stream.readLine()?.prefix(3) ?? "" }
        }
        #expect(answers == ["220", "250", "250", "450"])
    }
}
