import SMTP
import Testing

/// What MAIL and RCPT carry, and when it is left out or refused.
@Suite struct ExtensionTests {
    private static func envelope(_ change: (inout SMTPEnvelope) -> Void = { _ in }) throws -> SMTPEnvelope {
        var envelope = SMTPEnvelope(
            mailFrom: try SMTPPath("Alice@Example.ORG"), recipients: [try SMTPPath("Bob@Example.COM")])
        change(&envelope)
        return envelope
    }

    private static func commands(_ keywords: [String], _ envelope: SMTPEnvelope, isEncrypted: Bool = false) throws
        -> [String]
    {
        var script = SessionScript(SMTPSessionSettings(isEncrypted: isEncrypted))
        _ = try script.says("220 x\r\n")
        _ = try script.says(
            ["x"].map { "250-\($0)\r\n" }.joined() + keywords.map { "250-\($0)\r\n" }.joined() + "250 PIPELINING\r\n")
        let text = try script.begin(envelope)?.text ?? ""
        return text.split(separator: "\r\n").map(String.init)
    }

    /// RFC 3461 section 10.1, and what is escaped (section 4).
    @Test func `asks for reports as RFC 3461 shows it`() throws {
        let envelope = try Self.envelope {
            $0.options.notification = .init(
                occasions: [.failure, .success], returned: .headers, envelopeID: "QQ+3 14=159")
        }
        #expect(
            try Self.commands(["DSN"], envelope) == [
                "MAIL FROM:<Alice@Example.ORG> RET=HDRS ENVID=QQ+2B3+2014+3D159",
                "RCPT TO:<Bob@Example.COM> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bob@Example.COM", "DATA",
            ])
        #expect(
            try Self.commands([], envelope) == [
                "MAIL FROM:<Alice@Example.ORG>", "RCPT TO:<Bob@Example.COM>", "DATA",
            ])
    }

    @Test func `asks for no reports by NEVER, and names international addresses as RFC 6533 says`() throws {
        let envelope = try Self.envelope {
            $0.options.notification = .init(occasions: [])
            $0.recipients = (try? [SMTPPath("jörg+x=y@exämple.com")]) ?? []
        }
        #expect(
            try Self.commands(["DSN", "SMTPUTF8"], envelope).dropFirst().first
                == #"RCPT TO:<jörg+x=y@exämple.com> NOTIFY=NEVER ORCPT=utf-8;jörg\x{2B}x\x{3D}y@exämple.com"#)
    }

    /// RFC 8689 section 5, RFC 2852 section 4, RFC 4865 section 5, RFC 6710 section 5.
    @Test func `says what is a condition only where the server can`() throws {
        let server = ["REQUIRETLS", "DELIVERBY 240", "FUTURERELEASE 86400 2027-01-01T00:00:00Z", "MT-PRIORITY MIXER"]
        let envelope = try Self.envelope {
            $0.options.requiresTLS = true
            $0.options.deliverBy = .init(seconds: 300, lateness: .returned)
            $0.options.holdFor = 3600
            $0.options.priority = -3
        }
        #expect(
            try Self.commands(server, envelope, isEncrypted: true).first
                == "MAIL FROM:<Alice@Example.ORG> REQUIRETLS BY=300;R HOLDFOR=3600 MT-PRIORITY=-3")
    }

    @Test(arguments: [
        ("REQUIRETLS", false, SMTPRefusal.needsRequireTLS), ("X", true, .needsRequireTLS),
        ("DELIVERBY 600", true, .needsDeliverBy(minimum: 600)), ("FUTURERELEASE 60 x", true, .needsFutureRelease),
    ]) func `offers nothing where a condition cannot be met`(keyword: String, isEncrypted: Bool, refusal: SMTPRefusal)
        throws
    {
        let envelope = try Self.envelope {
            switch refusal {
            case .needsRequireTLS: $0.options.requiresTLS = true
            case .needsDeliverBy: $0.options.deliverBy = .init(seconds: 300, lateness: .returned)
            default: $0.options.holdFor = 3600
            }
        }
        #expect(throws: refusal) { try Self.commands([keyword], envelope, isEncrypted: isEncrypted) }
    }

    @Test func `tells nothing of wishes that the server does not know`() throws {
        let envelope = try Self.envelope {
            $0.options.priority = 4
            $0.options.deliverBy = .init(seconds: 10, lateness: .notified)
        }
        #expect(try Self.commands([], envelope).first == "MAIL FROM:<Alice@Example.ORG>")
    }

    @Test func `refuses binary content and international addresses where the server cannot take them`() throws {
        #expect(throws: SMTPRefusal.needsBinaryMIME) {
            try Self.commands(["CHUNKING", "8BITMIME"], try Self.envelope { $0.body = .binary })
        }
        #expect(throws: SMTPRefusal.needsSMTPUTF8) {
            try Self.commands(["8BITMIME"], try Self.envelope { $0.hasInternationalHeader = true })
        }
    }

    /// RFC 9422 section 4: a transaction has as many recipients, and of as many domains, as the server says.
    @Test func `splits recipients by the server's limits`() throws {
        var script = SessionScript()
        _ = try script.says("220 x\r\n")
        _ = try script.says("250-x\r\n250-PIPELINING\r\n250 LIMITS MAILMAX=20 RCPTMAX=3 RCPTDOMAINMAX=1\r\n")
        let server = script.session.capabilities
        #expect(server.maximumTransactions == 20)
        let envelope = SMTPEnvelope(
            mailFrom: .null,
            recipients: try ["a@x", "b@y", "c@X", "d@x", "e@x"].map { try SMTPPath($0) })
        let (first, later) = envelope.split(for: server)
        #expect(first.recipients.map(\.address) == ["a@x", "c@X", "d@x"])
        #expect(later.map(\.address) == ["b@y", "e@x"])
    }
}
