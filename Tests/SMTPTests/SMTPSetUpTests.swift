import SASL
import SMTP
import Testing
import Wire

@Suite struct SMTPSetUpTests {
    private let credentials = SASLCredentials.password(username: "tim", password: Secret("hunter2"))

    private func settings(tls: Bool = false, encrypted: Bool = false) -> SMTPSessionSettings {
        SMTPSessionSettings(credentials: credentials, startsTLS: tls, isEncrypted: encrypted)
    }

    @Test func `refuses octets behind the go-ahead for TLS`() throws {
        var script = SessionScript(settings(tls: true))
        _ = try script.says("220 x\r\n")
        #expect(try script.says("250-x\r\n250 STARTTLS\r\n")?.text == "STARTTLS\r\n")
        #expect(throws: SMTPError.injectedBeforeTLS) { try script.says("220 go\r\n250 AUTH PLAIN\r\n") }
        #expect(script.session.isClosed)
    }

    @Test func `forgets what was said before TLS`() throws {
        var script = SessionScript(settings(tls: true))
        _ = try script.says("220 x\r\n")
        _ = try script.says("250-x\r\n250-AUTH PLAIN\r\n250-PIPELINING\r\n250 STARTTLS\r\n")
        #expect(try script.says("220 go\r\n") == .startTLS)
        #expect(script.session.tlsEstablished().text == "EHLO [127.0.0.1]\r\n")
        #expect(script.session.capabilities == .none)
        #expect(throws: SMTPError.authenticationImpossible(.noCommonMechanism(offered: []))) {
            try script.says("250 x\r\n")
        }
    }

    /// Relays in the same network know their clients by address.
    @Test func `asks for no login where the server has none and no TLS was wanted`() throws {
        var settings = self.settings(tls: false)
        settings.allowsClearText = true
        var script = SessionScript(settings)
        _ = try script.says("220 x\r\n")
        #expect(try script.says("250-x\r\n250 PIPELINING\r\n") == .ready)
        #expect(!script.session.isAuthenticated)
    }

    @Test(arguments: ["250 x\r\n", "250-x\r\n250 AUTH PLAIN\r\n"])
    func `sends nothing in the clear where TLS is demanded and not offered`(hello: String) throws {
        var script = SessionScript(settings(tls: true))
        _ = try script.says("220 x\r\n")
        #expect(throws: SMTPError.startTLSUnavailable(nil)) { try script.says(hello) }
    }

    @Test(arguments: [454, 501, 530]) func `takes a refused STARTTLS as the end`(code: Int) throws {
        var script = SessionScript(settings(tls: true))
        _ = try script.says("220 x\r\n")
        _ = try script.says("250-x\r\n250 STARTTLS\r\n")
        let reply = SMTPReply(code: code, lines: ["no"])
        #expect(throws: SMTPError.startTLSUnavailable(reply)) { try script.says("\(code) no\r\n") }
    }

    @Test func `sends no password without TLS`() throws {
        var script = SessionScript(settings())
        _ = try script.says("220 x\r\n")
        #expect(throws: SMTPError.authenticationImpossible(.refusedInClear)) {
            try script.says("250-x\r\n250 AUTH PLAIN LOGIN\r\n")
        }
    }

    @Test(arguments: [
        (
            "535 5.7.8 wrong\r\n",
            SMTPError.authenticationFailed(
                SMTPReply(code: 535, enhancedCode: EnhancedStatusCode(5, 7, 8), lines: ["wrong"]))
        ),
        (
            "454 4.7.0 later\r\n",
            .authenticationUnavailable(
                SMTPReply(code: 454, enhancedCode: EnhancedStatusCode(4, 7, 0), lines: ["later"]))
        ),
        ("421 bye\r\n", .serviceClosing(SMTPReply(code: 421, lines: ["bye"]))),
    ]) func `tells a wrong password from a server in trouble`(text: String, error: SMTPError) throws {
        var script = SessionScript(settings(encrypted: true))
        _ = try script.says("220 x\r\n")
        #expect(try script.says("250-x\r\n250 AUTH PLAIN\r\n")?.text == "AUTH PLAIN AHRpbQBodW50ZXIy\r\n")
        #expect(throws: error) { try script.says(text) }
        #expect(script.session.isClosed)
        #expect(!script.session.isAuthenticated)
    }

    @Test func `gives up an exchange that PLAIN cannot answer`() throws {
        var script = SessionScript(settings(encrypted: true))
        _ = try script.says("220 x\r\n")
        _ = try script.says("250-x\r\n250 AUTH PLAIN\r\n")
        #expect(try script.says("334 eA==\r\n")?.text == "*\r\n")
        #expect(throws: SMTPError.authenticationImpossible(.unexpectedChallenge)) {
            try script.says("501 cancelled\r\n")
        }
    }

    /// RFC 5802, 7: SCRAM says that it failed, the reply whether that will pass.
    @Test(arguments: [
        (
            "454 4.7.0 later\r\n",
            SMTPError.authenticationUnavailable(
                SMTPReply(code: 454, enhancedCode: EnhancedStatusCode(4, 7, 0), lines: ["later"]))
        ),
        ("535 wrong\r\n", .authenticationFailed(SMTPReply(code: 535, lines: ["wrong"]))),
    ]) func `takes a passing fault that SCRAM names for no wrong password`(reply: String, error: SMTPError) throws {
        var script = SessionScript(settings(encrypted: true))
        _ = try script.says("220 x\r\n")
        _ = try script.says("250-x\r\n250 AUTH SCRAM-SHA-256\r\n")
        // e=other-error
        #expect(try script.says("334 ZT1vdGhlci1lcnJvcg==\r\n")?.text == "*\r\n")
        #expect(throws: error) { try script.says(reply) }
    }

    @Test(arguments: [
        "421 busy\r\n", "554 no\r\n", "450 later\r\n", "354 what\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "* OK IMAP4rev1\r\n",
    ])
    func `goes no further than a bad greeting`(text: String) {
        var script = SessionScript()
        #expect(throws: SMTPError.self) { try script.says(text) }
        #expect(script.session.isClosed)
    }

    @Test func `does not fall back to HELO for a passing fault`() throws {
        var script = SessionScript()
        _ = try script.says("220 x\r\n")
        let reply = SMTPReply(code: 451, lines: ["later"])
        #expect(throws: SMTPError.refused(.hello, reply)) { try script.says("451 later\r\n") }
    }

    @Test func `takes a reply that nothing asked for as being out of step`() throws {
        var script = try SessionScript(offering: "PIPELINING")
        #expect(throws: SMTPError.outOfStep(.idle, SMTPReply(code: 250, lines: ["hm"]))) {
            try script.says("250 hm\r\n")
        }
        script = try SessionScript(offering: "PIPELINING")
        let bye = SMTPReply(code: 421, lines: ["idle too long"])
        #expect(throws: SMTPError.serviceClosing(bye)) { try script.says("421 idle too long\r\n") }
        #expect(script.session.isClosed)
    }

    @Test func `prints no password`() throws {
        var script = SessionScript(settings(encrypted: true))
        _ = try script.says("220 x\r\n")
        let action = try script.says("250-x\r\n250 AUTH PLAIN\r\n")
        var text = "\(script.session) \(String(describing: action))"
        dump(script.session, to: &text)
        #expect(!text.contains("hunter2"))
        #expect(!text.contains("AHRpbQBodW50ZXIy"))
    }
}
