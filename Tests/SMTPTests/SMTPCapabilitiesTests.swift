import SMTP
import Testing

@Suite struct SMTPCapabilitiesTests {
    private func read(_ lines: String...) -> SMTPCapabilities {
        SMTPCapabilities(SMTPReply(code: 250, lines: ["mail.example.com at your service"] + lines))
    }

    @Test func `knows the keywords in any case and keeps the unknown`() {
        let server = read(
            "size 35882577", "8bitmime", "SMTPUTF8", "PIPELINING", "STARTTLS", "ENHANCEDSTATUSCODES", "CHUNKING", "DSN",
            "X-ODD one  two", "LIMITS RCPTMAX=50 MAILMAX=20")
        #expect(server.domain == "mail.example.com")
        #expect(server.maximumMessageOctets == 35_882_577)
        let all = [
            server.offersEightBitMIME, server.offersSMTPUTF8, server.offersPipelining, server.offersStartTLS,
            server.offersEnhancedStatusCodes, server.offersChunking, server.offersDSN, server.offersSize,
        ]
        #expect(!all.contains(false))
        #expect(server.keywords["X-ODD"] == ["one", "two"])
        #expect(server.maximumRecipients == 50)
        #expect(server.maximumTransactions == 20)
    }

    @Test(arguments: [
        (["AUTH PLAIN LOGIN"], ["PLAIN", "LOGIN"]),
        (["AUTH=LOGIN PLAIN", "AUTH LOGIN PLAIN XOAUTH2"], ["LOGIN", "PLAIN", "XOAUTH2"]),
        (["AUTH=login"], ["LOGIN"]),
        (["AUTH"], []),
        (["AUTH="], []),
        ([], []),
    ]) func `reads both forms of AUTH`(lines: [String], mechanisms: [String]) {
        let server = SMTPCapabilities(SMTPReply(code: 250, lines: ["x"] + lines))
        #expect(server.authenticationMechanisms == mechanisms)
    }

    @Test(arguments: ["SIZE", "SIZE 0", "SIZE many", "SIZE -1", "SIZE 99999999999999999999999"])
    func `takes no limit from a size that is none`(line: String) {
        #expect(read(line).maximumMessageOctets == nil)
        #expect(read(line).offersSize)
    }
}
