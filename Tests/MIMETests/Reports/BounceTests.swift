import MIME
import Testing

/// What bounces, delays and relays say, from the words of the servers that write them.
@Suite struct BounceTests {
    private func read(_ name: String) throws -> MailReport {
        let text = try Transcripts.text(name)
        let report = try #require(MailReport(parsing: Transcripts.crlf(text)))
        #expect(report.kind == .delivery)
        // Line ends of a file read the same.
        #expect(MailReport(parsing: Array(text.utf8)) == report)
        return report
    }

    @Test func `Postfix says all that RFC 3464 has`() throws {
        let report = try read("postfix")
        #expect(report.envelopeID == "sub_01abc")
        #expect(report.messageIDs == ["m1@example.test"])
        #expect(report.reporter == "mail.example.test")
        #expect(
            report.recipients == [
                ReportedRecipient(
                    address: "nobody@example.net", originalAddress: "No+Body@example.net", action: .failed,
                    status: "5.1.1",
                    text:
                        "550 5.1.1 <nobody@example.net>: Recipient address rejected: User unknown in virtual mailbox table"
                )
            ])
    }

    @Test func `a delay is no failure`() throws {
        let report = try read("postfixDelay")
        #expect(report.recipients.map(\.action) == [.delayed])
        #expect(report.recipients.map(\.status) == ["4.4.1"])
        #expect(report.messageIDs == ["m2@example.test"])
    }

    @Test func `international addresses, and several recipients with different fates`() throws {
        let report = try read("international")
        #expect(report.recipients.map(\.action) == [.failed, .delivered, .relayed])
        #expect(report.recipients.map(\.address) == ["jörg@exämple.net", "ok@example.net", "far@example.net"])
        #expect(report.recipients[0].originalAddress == "jörg@exämple.net")
        #expect(report.messageIDs == ["m3@example.test"])
    }

    @Test func `Exim's own status says less than the words behind it`() throws {
        let report = try read("exim")
        #expect(report.recipients.map(\.address) == ["netdev@example.net"])
        #expect(report.recipients.map(\.status) == ["5.7.1"])
        #expect(report.messageIDs == ["m4@example.test"])
    }

    @Test func `old Exim names the recipients in its header`() throws {
        let report = try read("oldExim")
        #expect(report.recipients.map(\.address) == ["fnc@example.net", "gone@example.org"])
        #expect(report.recipients.allSatisfy { $0.action == .failed })
        #expect(report.recipients[0].text?.hasSuffix("550 relay not permitted") == true)
        #expect(report.recipients[1].text == "Unrouteable address")
        #expect(report.messageIDs == ["m5@example.test"])
    }

    @Test func `Exim's warning is a delay`() throws {
        let report = try read("eximWarning")
        #expect(report.recipients.map(\.action) == [.delayed])
        #expect(report.recipients.map(\.address) == ["slow@example.net"])
        #expect(report.recipients[0].text == "Delay reason: Connection timed out")
    }

    @Test func `qmail gives a reason for each, and then the message`() throws {
        let report = try read("qmail")
        #expect(report.recipients.map(\.address) == ["short@example.net", "full@example.org"])
        #expect(report.recipients.map(\.status) == ["5.7.1", "4.3.0"])
        #expect(report.recipients[1].text?.hasPrefix("User disk quota exceeded. (#4.3.0)") == true)
        #expect(report.messageIDs == ["m6@example.test"])
        #expect(report.reporter == "mother.example.test")
    }

    @Test func `Gmail without a report, old Exchange and sendmail`() throws {
        let gmail = try read("gmail")
        #expect(gmail.recipients.map(\.address) == ["dth@example.net"])
        #expect(gmail.recipients.map(\.status) == ["5.1.1"])
        #expect(gmail.messageIDs == ["m7@example.test"])
        let exchange = try read("exchange")
        #expect(exchange.recipients.map(\.address) == ["someone@example.net"])
        #expect(exchange.messageIDs == ["m8@example.test"])
        let sendmail = try read("sendmail")
        #expect(sendmail.recipients.map(\.address) == ["bob@example.net"])
        #expect(sendmail.recipients.map(\.status) == ["5.3.0"])
        #expect(sendmail.messageIDs == ["m10@example.test"])
    }

    @Test func `Microsoft 365 rewrites the Message-ID, and answers the one that was`() throws {
        let report = try read("office")
        #expect(report.recipients.map(\.status) == ["5.1.10"])
        #expect(report.messageIDs.contains("m9@example.test"))
    }

    @Test func `a report that was cut says what it still has`() throws {
        let text = try Transcripts.text("postfix")
        let whole = Transcripts.crlf(text)
        for end in stride(from: 0, to: whole.count, by: 7) {
            let report = MailReport(parsing: Array(whole[..<end]))
            guard let report, case .delivery = report.kind else { continue }
            #expect(report.recipients.allSatisfy { $0.action == .failed })
        }
        let marker = "Undelivered Message Headers"
        let end = try #require(text.split(separator: marker, maxSplits: 1).first)
        let cut = try #require(MailReport(parsing: Transcripts.crlf(String(end))))
        #expect(cut.envelopeID == "sub_01abc" && cut.recipients.count == 1)
    }

    @Test(arguments: [
        "From: bob@example.net\nSubject: Re: undeliverable?\n\nbob@example.net:\nno, it arrived\n",
        "From: postmaster@example.net\nSubject: Our new rules\n\nPlease read them.\n",
        "From: ada@example.test\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
            + "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n--b--\n",
        "", "\n\n", "Subject: x\n",
    ])
    func `what reports nothing is no report`(text: String) {
        #expect(MailReport(parsing: Transcripts.crlf(text)) == nil)
    }
}
